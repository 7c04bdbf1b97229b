/**
 * mm/huge_memory.c: deferred_split_scan, the shrinker of a deferred split queue, as of v6.5, without the splitting.
 *
 * Folios that can still be referenced are moved to a list of the scanner's own, under the queue's lock; those that are
 * being freed are taken off. The list is then walked without the lock: every folio would be locked and split, which here
 * always fails (somebody else has it), and loses the scanner's reference. What is left on the list goes back to the queue.
 *
 * Invariant (H-14, which this order of v6.5 does not keep): a folio on the scanner's list keeps the scanner's reference
 * until it is off that list.
 */

import {
  E_REFCOUNT_ATOMICS,
  E_SPLIT_LOCK_ACQUISITIONS,
  SPLIT_QUEUE_CLASS,
  E_DEFERRED_SPLIT_REMOVALS,
} from '../machine/counters.ts'
import {
  CPU_SPLIT_LIST,
  FOLIO_DEFERRED_LIST,
  PAGE_REFCOUNT,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_LOCK,
} from '../machine/layout.ts'
import {
  initListHead,
  listAddTail,
  listDel,
  listDelInit,
  listEmpty,
  listFirst,
} from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { atomicIncNotZero, spinLock, spinUnlock } from '../sync/live.ts'
import { putFolio } from './swap.ts'
import { countEvents } from './vmstat.ts'

/** deferred_split_scan: one pass over a whole queue. */
export function deferredSplitScan(cpu: number, queue: number): void {
  const list = cpu + CPU_SPLIT_LIST
  initListHead(list)
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  takeFolios(cpu, queue, list)
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  // list_for_each_safe: the next one is read before the reference to this one goes
  let node = listFirst(list)
  while (node !== list) {
    const next = load(node)
    // split_folio: the folio is still on the list, for it could not be split
    putFolio(cpu, node - FOLIO_DEFERRED_LIST)
    node = next
  }
  spinLock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
  countEvents(cpu, E_SPLIT_LOCK_ACQUISITIONS, 1)
  // list_splice_tail
  while (!listEmpty(list)) {
    const first = listFirst(list)
    listDel(first)
    listAddTail(first, queue + SPLIT_QUEUE_LIST)
  }
  spinUnlock(queue + SPLIT_QUEUE_LOCK, SPLIT_QUEUE_CLASS)
}

/** Takes the folios off the queue: onto `list` with a reference, or off for good. The caller holds the lock. */
function takeFolios(cpu: number, queue: number, list: number): void {
  const head = queue + SPLIT_QUEUE_LIST
  let node = listFirst(head)
  while (node !== head) {
    const next = load(node)
    countEvents(cpu, E_REFCOUNT_ATOMICS, 1)
    if (atomicIncNotZero(node - FOLIO_DEFERRED_LIST + PAGE_REFCOUNT)) {
      listDel(node)
      listAddTail(node, list)
    } else {
      // we lost the race with folio_put
      countEvents(cpu, E_DEFERRED_SPLIT_REMOVALS, 1)
      listDelInit(node)
      store(queue + SPLIT_QUEUE_LEN, load(queue + SPLIT_QUEUE_LEN) - 1)
    }
    node = next
  }
}
