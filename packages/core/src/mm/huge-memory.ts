/**
 * mm/huge_memory.c: deferred split queues. (Zapping and splitting PMD mappings, of the same kernel file: huge-pmd.ts.)
 *
 * Large anonymous folios that lost part of their mappings wait on a queue of their memcg until a shrinker splits them;
 * teardown puts them there and takes them off when they are freed.
 * Invariants: a folio is on at most one queue, under that queue's lock; split_queue_len is the number of folios on it;
 * a freed folio is on none.
 */

import { BUG_DEFERRED_ORDER, BUG_UNQUEUE_REFERENCED } from '../machine/bugs.ts'
import {
  E_DEFERRED_SPLIT_CALLS,
  E_DEFERRED_SPLIT_INSERTS,
  E_DEFERRED_SPLIT_REMOVALS,
  E_SPLIT_LOCK_ACQUISITIONS,
  SPLIT_QUEUE_CLASS,
  THP_DEFERRED_SPLIT_PAGE,
} from '../machine/counters.ts'
import { SPLIT_LOCK_AT_FREE, SPLIT_QUEUE_BASE } from '../machine/globals.ts'
import {
  FOLIO_DEFERRED_LIST,
  FOLIO_ORDER,
  HPAGE_PMD_ORDER,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_PARTIALLY_MAPPED,
  PG_SWAPCACHE,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_LOCK,
  SPLIT_QUEUE_WORDS,
} from '../machine/layout.ts'
import { listAddTail, listDelInit, listEmpty } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { folioMemcgId, folioOrder } from '../machine/page.ts'
import { bugOn, readOnce, spinLock, spinUnlock, testAndSetBit } from '../sync/live.ts'
import type { Strategy } from './strategy.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** get_deferred_split_queue: that of the folio's memcg, or the node's. */
export function getDeferredSplitQueue(folio: number): number {
  return SPLIT_QUEUE_BASE + Math.imul(folioMemcgId(folio), SPLIT_QUEUE_WORDS)
}

/**
 * deferred_split_folio: puts the folio on its queue unless it is there or in the swap cache. From v6.12 on it always takes
 * the lock, under which it marks the folio as partially mapped.
 */
export function deferredSplitFolio(cpu: number, folio: number, strategy: Strategy): void {
  countEvents(cpu, E_DEFERRED_SPLIT_CALLS, 1)
  if (folioOrder(folio) < 2) {
    // no room for the list: v6.9 and later leave such folios alone
    bugOn(strategy.largeAnonOrderMin > 1, BUG_DEFERRED_ORDER)
    return
  }
  // reclaim adds a THP to the swap cache before it unmaps it: nothing to do for the shrinker
  if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) return
  const node = folio + FOLIO_DEFERRED_LIST
  if (strategy.partiallyMappedFlag === 0 && readOnce(node) !== node) return
  const queue = getDeferredSplitQueue(folio)
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  if (strategy.partiallyMappedFlag !== 0) setPartiallyMapped(cpu, folio)
  if (listEmpty(node)) {
    // v6.12 counts the event where it sets the flag
    if (strategy.partiallyMappedFlag === 0) countDeferredSplit(cpu, folio, strategy)
    countEvents(cpu, E_DEFERRED_SPLIT_INSERTS, 1)
    listAddTail(node, queue + SPLIT_QUEUE_LIST)
    store(queue + SPLIT_QUEUE_LEN, load(queue + SPLIT_QUEUE_LEN) + 1)
  }
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
}

/** THP_DEFERRED_SPLIT_PAGE: of every folio, from v6.10 on of PMD-mappable ones. */
function countDeferredSplit(cpu: number, folio: number, strategy: Strategy): void {
  if (strategy.largeMapcount === 0 || folioOrder(folio) >= HPAGE_PMD_ORDER)
    countVmEvents(cpu, THP_DEFERRED_SPLIT_PAGE, 1)
}

/** folio_set_partially_mapped, once; the caller holds split_queue_lock. */
function setPartiallyMapped(cpu: number, folio: number): void {
  if (testAndSetBit(PG_PARTIALLY_MAPPED, folio + FOLIO_ORDER)) return
  if (folioOrder(folio) >= HPAGE_PMD_ORDER) countVmEvents(cpu, THP_DEFERRED_SPLIT_PAGE, 1)
}

/**
 * free_transhuge_page (v6.5), the part before free_compound_page; folio_unqueue_deferred_split (v6.12): takes a freed
 * folio off its queue. Nobody can queue it any more, so the test without the lock is safe; v6.1 does without the test.
 */
export function folioUndoLargeRmappable(cpu: number, folio: number): void {
  if (folioOrder(folio) < 2) return
  const node = folio + FOLIO_DEFERRED_LIST
  if (SPLIT_LOCK_AT_FREE === 0 && readOnce(node) === node) return
  bugOn(readOnce(folio + PAGE_REFCOUNT) !== 0, BUG_UNQUEUE_REFERENCED)
  const queue = getDeferredSplitQueue(folio)
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  if (!listEmpty(node)) {
    countEvents(cpu, E_DEFERRED_SPLIT_REMOVALS, 1)
    store(queue + SPLIT_QUEUE_LEN, load(queue + SPLIT_QUEUE_LEN) - 1)
    // PG_partially_mapped goes with the other flags of page[1] when the folio is freed
    listDelInit(node)
  }
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
}
