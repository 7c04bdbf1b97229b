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
import { SPLIT_QUEUE_BASE } from '../machine/globals.ts'
import {
  FOLIO_DEFERRED_LIST,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_SWAPCACHE,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_LOCK,
  SPLIT_QUEUE_WORDS,
} from '../machine/layout.ts'
import { listAddTail, listDelInit, listEmpty } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { folioMemcgId, folioOrder } from '../machine/page.ts'
import { bugOn, readOnce, spinLock, spinUnlock } from '../sync/live.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** get_deferred_split_queue: that of the folio's memcg, or the node's. */
export function getDeferredSplitQueue(folio: number): number {
  return SPLIT_QUEUE_BASE + Math.imul(folioMemcgId(folio), SPLIT_QUEUE_WORDS)
}

/** deferred_split_folio (v6.5): puts the folio on its queue unless it is there or in the swap cache. */
export function deferredSplitFolio(cpu: number, folio: number): void {
  countEvents(cpu, E_DEFERRED_SPLIT_CALLS, 1)
  bugOn(folioOrder(folio) < 2, BUG_DEFERRED_ORDER)
  // reclaim adds a THP to the swap cache before it unmaps it: nothing to do for the shrinker
  if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) return
  const node = folio + FOLIO_DEFERRED_LIST
  if (readOnce(node) !== node) return
  const queue = getDeferredSplitQueue(folio)
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  if (listEmpty(node)) {
    countVmEvents(cpu, THP_DEFERRED_SPLIT_PAGE, 1)
    countEvents(cpu, E_DEFERRED_SPLIT_INSERTS, 1)
    listAddTail(node, queue + SPLIT_QUEUE_LIST)
    store(queue + SPLIT_QUEUE_LEN, load(queue + SPLIT_QUEUE_LEN) + 1)
  }
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
}

/**
 * free_transhuge_page (v6.5), the part before free_compound_page: takes a freed folio off its queue. Nobody can queue
 * it any more, so the test without the lock is safe.
 */
export function folioUndoLargeRmappable(cpu: number, folio: number): void {
  if (folioOrder(folio) < 2) return
  const node = folio + FOLIO_DEFERRED_LIST
  if (readOnce(node) === node) return
  bugOn(readOnce(folio + PAGE_REFCOUNT) !== 0, BUG_UNQUEUE_REFERENCED)
  const queue = getDeferredSplitQueue(folio)
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  if (!listEmpty(node)) {
    countEvents(cpu, E_DEFERRED_SPLIT_REMOVALS, 1)
    store(queue + SPLIT_QUEUE_LEN, load(queue + SPLIT_QUEUE_LEN) - 1)
    listDelInit(node)
  }
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
}
