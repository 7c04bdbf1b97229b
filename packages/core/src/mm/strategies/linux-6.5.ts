/**
 * linux-6.5: the gather of v6.2 to v6.8, as of v6.5: one encoded page a slot, page-by-page rmap removal, delayed only
 * for dirty file pages. Only PMD-mappable anonymous folios are queued for deferred split.
 *
 * linux-6.5-laf: the same with the "large anon folios" patches below it, the baseline of the range series: any large
 * anonymous folio is queued.
 *
 * Invariant: a slot whose delay bit is set has its rmap removed exactly once, by tlb_flush_rmaps, under the ptl of the
 * visit that gathered it.
 */

import { E_RMAP_SLOTS_INSPECTED } from '../../machine/counters.ts'
import { CPU_LOCAL_BATCH } from '../../machine/globals.ts'
import {
  BATCH_MAX,
  BATCH_NR,
  BATCH_SLOTS,
  ENCODED_PAGE_BIT_DELAY_RMAP,
  TLB_ACTIVE,
  TLB_DELAYED_RMAP,
} from '../../machine/layout.ts'
import { load, store } from '../../machine/memory.ts'
import { pageFolio } from '../../machine/page.ts'
import { countRmapCalls, pageRemoveRmap, pageRemoveRmapCompound } from '../rmap.ts'
import type { Strategy } from '../strategy.ts'
import { freePagesAndSwapCache } from '../swap-state.ts'
import { countEvents } from '../vmstat.ts'

/** __tlb_remove_page_size up to the full test: true if the batch is full now. */
export function tlbStoreEncodedPage(cpu: number, page: number, delayRmap: number): boolean {
  const batch = load(cpu + TLB_ACTIVE)
  const nr = load(batch + BATCH_NR)
  store(batch + BATCH_SLOTS + nr, page * 2 + delayRmap)
  store(batch + BATCH_NR, nr + 1)
  return nr + 1 === load(batch + BATCH_MAX)
}

/** Nothing is ever pending between visits. */
export function tlbDiscardNothing(_cpu: number): void {}

/** tlb_flush_rmap_batch: every slot is looked at, flagged ones lose their rmap. */
function tlbFlushRmapBatch(cpu: number, batch: number, vma: number, strategy: Strategy): void {
  const nr = load(batch + BATCH_NR)
  let removed = 0
  for (let i = 0; i < nr; i++) {
    const encoded = load(batch + BATCH_SLOTS + i)
    if ((encoded & ENCODED_PAGE_BIT_DELAY_RMAP) !== 0) {
      const page = encoded >> 1
      strategy.folioRemoveRmapPtes(cpu, pageFolio(page), page, 1, vma, strategy)
      removed++
    }
  }
  countEvents(cpu, E_RMAP_SLOTS_INSPECTED, nr)
  countRmapCalls(cpu, removed, removed)
}

/** tlb_flush_rmaps: the local batch and, if another is active, that one; returns at once if nothing is delayed. */
export function tlbFlushDelayedRmaps(cpu: number, vma: number, strategy: Strategy): void {
  if (load(cpu + TLB_DELAYED_RMAP) === 0) return
  const local = cpu + CPU_LOCAL_BATCH
  const active = load(cpu + TLB_ACTIVE)
  tlbFlushRmapBatch(cpu, local, vma, strategy)
  if (active !== local) tlbFlushRmapBatch(cpu, active, vma, strategy)
  store(cpu + TLB_DELAYED_RMAP, 0)
}

export const linux65: Strategy = {
  id: 'linux-6.5',
  slotWords: 1,
  pagevecSize: 15,
  maxGatherBatch: 510,
  pcpBatchScaleMax: 24,
  pcpFreeCount: 0,
  pudTablesCounted: 0,
  largeAnonOrderMin: 2,
  batchPtes: 0,
  batchRmap: 0,
  delayRmap: 1,
  folioBatchFree: 0,
  lruAddDrain: 1,
  nrPagesMapped: 1,
  largeMapcount: 0,
  noPageMapcount: 0,
  splitRemovesRmap: 1,
  deferredSplitPmd: 1,
  partiallyMappedFlag: 0,
  thpQueuedAtFault: 0,
  splitLockAtFree: 0,
  folioRemoveRmapPtes: pageRemoveRmap,
  folioRemoveRmapPmd: pageRemoveRmapCompound,
  tlbFlushRmaps: tlbFlushDelayedRmaps,
  freeSlotsAndSwapCache: freePagesAndSwapCache,
  plain: {
    tlbStorePage: tlbStoreEncodedPage,
    tlbDiscardRmaps: tlbDiscardNothing,
  },
}

export const linux65Laf: Strategy = {
  ...linux65,
  id: 'linux-6.5-laf',
  deferredSplitPmd: 0,
}
