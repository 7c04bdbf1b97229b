/**
 * range-v1: "mm/mmu_gather: store and process pages in contig ranges" (v1, 10 August 2023) on top of linux-6.5-laf.
 *
 * A slot is a range of struct page pointers [start, end) within one folio. rmap removal of every page waits until the
 * end of its table visit and happens once for each range, under the ptl, after the TLB flush where one is forced.
 *
 * `range_limit` is the end of the folio that the open range lies in, 0 when no range is open. It is reset at exactly
 * five places: gather init, a successful tlb_next_batch, the end of tlb_flush_rmaps, the end of tlb_batch_pages_flush,
 * and when a range reaches its folio's end. Invariants: a range never leaves its folio, its batch or its table visit;
 * the last range of a full batch is a single page. (The arithmetic is on pointers, so all of this holds only where the
 * memmap of a folio is contiguous: the point of the review.)
 */

import {
  BATCH_MAX,
  BATCH_NEXT,
  BATCH_NR,
  BATCH_SLOTS,
  PAGE_WORDS,
  RANGE_END,
  RANGE_START,
  RANGE_WORDS,
  TLB_ACTIVE,
  TLB_RANGE_LIMIT,
  TLB_RMAP_PEND,
  TLB_RMAP_PEND_FIRST,
} from '../../machine/layout.ts'
import { load, store } from '../../machine/memory.ts'
import { folioOrder, pageFolio } from '../../machine/page.ts'
import { countRmapCalls, folioRemoveRmapRange } from '../rmap.ts'
import type { Strategy } from '../strategy.ts'
import { freeFoliosAndSwapCache } from '../swap-state.ts'
import { linux65Laf } from './linux-6.5.ts'

/** __tlb_remove_page_size up to the full test: extends the open range or opens one; true if the batch is full now. */
export function tlbStoreRange(cpu: number, page: number, _delayRmap: number): boolean {
  const batch = load(cpu + TLB_ACTIVE)
  const nr = load(batch + BATCH_NR)
  const limit = load(cpu + TLB_RANGE_LIMIT)
  // slot -1 when nr is 0, never looked at: then no range is open
  const current = batch + BATCH_SLOTS + (nr - 1) * RANGE_WORDS
  const end = page + PAGE_WORDS
  if (limit !== 0 && page === load(current + RANGE_END)) {
    store(current + RANGE_END, end)
    if (end === limit) store(cpu + TLB_RANGE_LIMIT, 0)
    // nr is as it was, and it was below max
    return false
  }
  const folio = pageFolio(page)
  const folioEnd = folio + (PAGE_WORDS << folioOrder(folio))
  store(current + RANGE_WORDS + RANGE_START, page)
  store(current + RANGE_WORDS + RANGE_END, end)
  store(cpu + TLB_RANGE_LIMIT, end === folioEnd ? 0 : folioEnd)
  store(batch + BATCH_NR, nr + 1)
  return nr + 1 === load(batch + BATCH_MAX)
}

/** tlb_discard_rmaps: what was gathered so far has its rmaps removed, or never had any. Leaves range_limit alone. */
export function tlbDiscardRmaps(cpu: number): void {
  const active = load(cpu + TLB_ACTIVE)
  store(cpu + TLB_RMAP_PEND, active)
  store(cpu + TLB_RMAP_PEND_FIRST, load(active + BATCH_NR))
}

/** tlb_flush_rmaps: one folio_remove_rmap_range for each pending range, in gather order. */
export function tlbFlushRangeRmaps(cpu: number, vma: number, strategy: Strategy): void {
  let batch = load(cpu + TLB_RMAP_PEND)
  let i = load(cpu + TLB_RMAP_PEND_FIRST)
  let ranges = 0
  let removed = 0
  while (batch !== 0) {
    const nr = load(batch + BATCH_NR)
    // a batch behind the first that is empty, and all behind it, hold nothing
    if (nr === 0 && batch !== load(cpu + TLB_RMAP_PEND)) break
    for (; i < nr; i++) {
      const range = batch + BATCH_SLOTS + i * RANGE_WORDS
      const start = load(range + RANGE_START)
      const pages = ((load(range + RANGE_END) - start) / PAGE_WORDS) | 0
      folioRemoveRmapRange(cpu, pageFolio(start), start, pages, vma, strategy)
      ranges++
      removed = removed + pages
    }
    batch = load(batch + BATCH_NEXT)
    i = 0
  }
  countRmapCalls(cpu, ranges, removed)
  store(cpu + TLB_RANGE_LIMIT, 0)
  tlbDiscardRmaps(cpu)
}

export const rangeV1: Strategy = {
  ...linux65Laf,
  id: 'range-v1',
  slotWords: 2,
  maxGatherBatch: 255,
  batchRmap: 1,
  delayRmap: 0,
  folioRemoveRmapPtes: folioRemoveRmapRange,
  tlbFlushRmaps: tlbFlushRangeRmaps,
  freeSlotsAndSwapCache: freeFoliosAndSwapCache,
  plain: {
    tlbStorePage: tlbStoreRange,
    tlbDiscardRmaps: tlbDiscardRmaps,
  },
}
