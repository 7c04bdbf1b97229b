/**
 * mm/swapfile.c: references to swap slots.
 *
 * swap_map holds for each slot the number of swap entries that refer to it, plus SWAP_HAS_CACHE while a swapcache folio
 * owns it; changed under the lock of the slot's cluster. Invariant: a slot is free when its word is 0.
 */

import { BUG_SWAP_COUNT } from '../machine/bugs.ts'
import { E_SWAP_ENTRIES_FREED, SWAP_CLUSTER_CLASS } from '../machine/counters.ts'
import { FOLIO_SWAP, SWAP_CLUSTER_LOCKS, SWAP_MAP } from '../machine/globals.ts'
import { LINE_WORDS, SWAP_HAS_CACHE, SWAPFILE_CLUSTER } from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioOrder, pageToPfn } from '../machine/page.ts'
import { bugOn, readOnce, spinLock, spinUnlock } from '../sync/live.ts'
import { countEvents } from './vmstat.ts'

/** The entries that refer to a slot: all but SWAP_HAS_CACHE. */
const SWAP_COUNT_MASK = SWAP_HAS_CACHE - 1

/** lock_cluster */
function clusterLock(slot: number): number {
  return SWAP_CLUSTER_LOCKS + Math.imul((slot / SWAPFILE_CLUSTER) | 0, LINE_WORDS)
}

/**
 * free_swap_and_cache: a swap entry of a page table goes away. What stays in the swap cache alone is reclaimed by
 * others (__try_to_reclaim_swap is not modelled: the scenario has no folio behind a swap entry).
 */
export function freeSwapAndCache(cpu: number, slot: number): void {
  const lock = clusterLock(slot)
  spinLock(lock, SWAP_CLUSTER_CLASS)
  const count = load(SWAP_MAP + slot)
  bugOn((count & SWAP_COUNT_MASK) === 0, BUG_SWAP_COUNT)
  store(SWAP_MAP + slot, count - 1)
  spinUnlock(lock, SWAP_CLUSTER_CLASS)
  countEvents(cpu, E_SWAP_ENTRIES_FREED, 1)
}

/** The first slot of a swapcache folio. */
function folioSwapSlot(folio: number): number {
  return load(FOLIO_SWAP + pageToPfn(folio))
}

/** folio_swapped: does a swap entry still refer to one of its slots? */
export function folioSwapped(folio: number): boolean {
  const slot = folioSwapSlot(folio)
  const nr = 1 << folioOrder(folio)
  for (let i = 0; i < nr; i++) {
    if ((readOnce(SWAP_MAP + slot + i) & SWAP_COUNT_MASK) !== 0) return true
  }
  return false
}

/** put_swap_folio: the swap cache gives up the folio's slots. */
export function putSwapFolio(_cpu: number, folio: number): void {
  const slot = folioSwapSlot(folio)
  const nr = 1 << folioOrder(folio)
  const lock = clusterLock(slot)
  spinLock(lock, SWAP_CLUSTER_CLASS)
  for (let i = 0; i < nr; i++)
    store(SWAP_MAP + slot + i, load(SWAP_MAP + slot + i) & SWAP_COUNT_MASK)
  spinUnlock(lock, SWAP_CLUSTER_CLASS)
}
