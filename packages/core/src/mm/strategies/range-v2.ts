/**
 * range-v2: the second version of the range series (30 August 2023): a slot is a range of page frame numbers.
 *
 * As range-v1, with adjacency, the folio's end and the number of references reckoned in PFNs, so that a memmap in pieces
 * does no harm there (rmap removal still walks struct pages within a range). A range of device pages drops all its
 * references.
 *
 * `range_limit` is the PFN behind the folio that the open range lies in; 0 stands for the series' ULONG_MAX: no range is
 * open. Invariants: those of range-v1.
 */

import {
  BATCH_MAX,
  BATCH_NEXT,
  BATCH_NR,
  BATCH_SLOTS,
  RANGE_END,
  RANGE_START,
  RANGE_WORDS,
  TLB_ACTIVE,
  TLB_RANGE_LIMIT,
  TLB_RMAP_PEND,
  TLB_RMAP_PEND_FIRST,
} from '../../machine/layout.ts'
import { load, store } from '../../machine/memory.ts'
import { folioOrder, pageFolio, pageToPfn, pfnToPage } from '../../machine/page.ts'
import { countRmapCalls, folioRemoveRmapRange } from '../rmap.ts'
import type { Strategy } from '../strategy.ts'
import { freePfnRangesAndSwapCache } from '../swap-state.ts'
import { rangeV1, tlbDiscardRmaps } from './range-v1.ts'

/** __tlb_remove_page_size up to the full test: extends the open range or opens one; true if the batch is full now. */
export function tlbStorePfnRange(cpu: number, page: number, _delayRmap: number): boolean {
  const batch = load(cpu + TLB_ACTIVE)
  const nr = load(batch + BATCH_NR)
  const limit = load(cpu + TLB_RANGE_LIMIT)
  // slot -1 when nr is 0, never looked at: then no range is open
  const current = batch + BATCH_SLOTS + (nr - 1) * RANGE_WORDS
  const pfn = pageToPfn(page)
  if (limit !== 0 && pfn === load(current + RANGE_END)) {
    store(current + RANGE_END, pfn + 1)
    if (pfn + 1 === limit) store(cpu + TLB_RANGE_LIMIT, 0)
    // nr is as it was, and it was below max
    return false
  }
  const folio = pageFolio(page)
  const folioEnd = pageToPfn(folio) + (1 << folioOrder(folio))
  store(current + RANGE_WORDS + RANGE_START, pfn)
  store(current + RANGE_WORDS + RANGE_END, pfn + 1)
  store(cpu + TLB_RANGE_LIMIT, pfn + 1 === folioEnd ? 0 : folioEnd)
  store(batch + BATCH_NR, nr + 1)
  return nr + 1 === load(batch + BATCH_MAX)
}

/** tlb_flush_rmaps: one folio_remove_rmap_range for each pending range, in gather order. */
export function tlbFlushPfnRangeRmaps(cpu: number, vma: number, strategy: Strategy): void {
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
      const pages = load(range + RANGE_END) - start
      const page = pfnToPage(start)
      folioRemoveRmapRange(cpu, pageFolio(page), page, pages, vma, strategy)
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

export const rangeV2: Strategy = {
  ...rangeV1,
  id: 'range-v2',
  tlbFlushRmaps: tlbFlushPfnRangeRmaps,
  freeSlotsAndSwapCache: freePfnRangesAndSwapCache,
  plain: {
    tlbStorePage: tlbStorePfnRange,
    tlbDiscardRmaps: tlbDiscardRmaps,
  },
}
