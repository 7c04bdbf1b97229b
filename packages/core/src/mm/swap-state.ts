/**
 * mm/swap_state.c: dropping the swap cache's hold on pages that are about to be freed, then releasing them.
 *
 * Invariant: a folio leaves the swap cache only while nobody maps it and its lock is held; it then has one reference
 * per page less.
 */

import {
  E_GATHER_RECORDS,
  E_SWAPCACHE_CHECKS,
  E_SWAPCACHE_DROPS,
  NR_SWAPCACHE,
} from '../machine/counters.ts'
import { CONFIG_SWAP, CPU_FREE_BATCH, LRU_ADD_DRAIN, PAGEVEC_SIZE } from '../machine/globals.ts'
import {
  ENCODED_NR_PAGES_SHIFT,
  ENCODED_PAGE_BIT_NR_PAGES_NEXT,
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_DIRTY,
  PG_LOCKED,
  PG_SWAPCACHE,
  PG_WRITEBACK,
  RANGE_WORDS,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioOrder, pageFolio, pfnToPage } from '../machine/page.ts'
import { atomicSub, clearBit, readOnce, setBit, testAndSetBit } from '../sync/live.ts'
import { folioMapped } from './mm-inline.ts'
import { lruAddDrain } from './folio-batch.ts'
import { foliosPutRefs } from './folios-put-refs.ts'
import { foliosPutPfnRanges, foliosPutRanges, releasePages } from './swap.ts'
import { folioSwapped, putSwapFolio } from './swapfile.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/** free_pages_and_swap_cache (v6.5): a chunk of encoded pages. */
export function freePagesAndSwapCache(cpu: number, pages: number, nr: number): void {
  countEvents(cpu, E_GATHER_RECORDS, nr)
  if (CONFIG_SWAP !== 0) {
    lruAddDrain(cpu)
    countEvents(cpu, E_SWAPCACHE_CHECKS, nr)
    for (let i = 0; i < nr; i++) {
      const folio = pageFolio(load(pages + i) >> 1)
      if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) freeSwapCache(cpu, folio)
    }
  }
  releasePages(cpu, pages, nr)
}

/** free_folios_and_swap_cache (range series v1): a chunk of ranges, one swapcache test for each. */
export function freeFoliosAndSwapCache(cpu: number, ranges: number, nr: number): void {
  countEvents(cpu, E_GATHER_RECORDS, nr)
  if (CONFIG_SWAP !== 0) {
    lruAddDrain(cpu)
    countEvents(cpu, E_SWAPCACHE_CHECKS, nr)
    for (let i = 0; i < nr; i++) {
      const folio = pageFolio(load(ranges + i * RANGE_WORDS))
      if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) freeSwapCache(cpu, folio)
    }
  }
  foliosPutRanges(cpu, ranges, nr)
}

/** free_folios_and_swap_cache (range series v2): a chunk of ranges of page frames. */
export function freePfnRangesAndSwapCache(cpu: number, ranges: number, nr: number): void {
  countEvents(cpu, E_GATHER_RECORDS, nr)
  if (CONFIG_SWAP !== 0) {
    lruAddDrain(cpu)
    countEvents(cpu, E_SWAPCACHE_CHECKS, nr)
    for (let i = 0; i < nr; i++) {
      const folio = pageFolio(pfnToPage(load(ranges + i * RANGE_WORDS)))
      if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) freeSwapCache(cpu, folio)
    }
  }
  foliosPutPfnRanges(cpu, ranges, nr)
}

/**
 * free_pages_and_swap_cache (v6.9): a chunk of records of one slot or two, released by folio_batch. A batch does not
 * outlive the call; a folio of two records is in it twice.
 */
export function freePagesAndSwapCacheV69(cpu: number, slots: number, nr: number): void {
  if (CONFIG_SWAP !== 0 && LRU_ADD_DRAIN !== 0) lruAddDrain(cpu)
  const batch = cpu + CPU_FREE_BATCH
  const refs = batch + FBATCH_FOLIOS + PAGEVEC_SIZE
  let records = 0
  let entries = 0
  let i = 0
  while (i < nr) {
    const encoded = load(slots + i)
    i++
    // both flag bits are below the address, which is even
    const folio = pageFolio((encoded >> 2) * 2)
    if (CONFIG_SWAP !== 0 && (readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0)
      freeSwapCache(cpu, folio)
    let nrPages = 1
    if ((encoded & ENCODED_PAGE_BIT_NR_PAGES_NEXT) !== 0) {
      nrPages = load(slots + i) >> ENCODED_NR_PAGES_SHIFT
      i++
    }
    store(batch + FBATCH_FOLIOS + entries, folio * 2)
    store(refs + entries, nrPages)
    records++
    entries++
    store(batch + FBATCH_NR, entries)
    // folio_batch_add: no space left
    if (entries === PAGEVEC_SIZE) {
      foliosPutRefs(cpu, batch, refs)
      entries = 0
    }
  }
  countEvents(cpu, E_GATHER_RECORDS, records)
  if (CONFIG_SWAP !== 0) countEvents(cpu, E_SWAPCACHE_CHECKS, records)
  if (entries !== 0) foliosPutRefs(cpu, batch, refs)
}

/** free_swap_cache, behind its test of PG_swapcache: gives up if the folio is mapped or locked. */
export function freeSwapCache(cpu: number, folio: number): void {
  if (folioMapped(folio)) return
  // folio_trylock
  if (testAndSetBit(PG_LOCKED, folio + PAGE_FLAGS)) return
  folioFreeSwap(cpu, folio)
  clearBit(PG_LOCKED, folio + PAGE_FLAGS)
}

/** folio_free_swap: not while it is written back, nor while another process's swap entry refers to it. */
export function folioFreeSwap(cpu: number, folio: number): void {
  const flags = readOnce(folio + PAGE_FLAGS)
  if ((flags & PG_SWAPCACHE) === 0 || (flags & PG_WRITEBACK) !== 0) return
  if (folioSwapped(folio)) return
  deleteFromSwapCache(cpu, folio)
  setBit(PG_DIRTY, folio + PAGE_FLAGS)
}

/** delete_from_swap_cache */
function deleteFromSwapCache(cpu: number, folio: number): void {
  const nr = 1 << folioOrder(folio)
  clearBit(PG_SWAPCACHE, folio + PAGE_FLAGS)
  modNodePageState(cpu, NR_SWAPCACHE, -nr)
  countEvents(cpu, E_SWAPCACHE_DROPS, 1)
  putSwapFolio(cpu, folio)
  atomicSub(nr, folio + PAGE_REFCOUNT)
}
