/**
 * linux-6.9: PTE batching at zap time and folio_batch freeing, as of v6.9.
 *
 * A record is a page, or a page and the number of pages that follow it in the next slot; a batch is full when no record of
 * two slots fits any more. rmap removal happens once a run of PTEs, at once, or after the flush for a run with a dirty
 * file PTE. Any large anonymous folio of order 2 or more is queued for deferred split whenever a page of it becomes
 * unmapped, even if nothing of it is mapped any more.
 *
 * Invariants: a record whose delay bit is set has its rmap removed exactly once, under the ptl of the visit that gathered
 * it; the last slot of a batch never announces a number of pages.
 */

import { E_RMAP_SLOTS_INSPECTED } from '../../machine/counters.ts'
import { CPU_LOCAL_BATCH } from '../../machine/globals.ts'
import {
  BATCH_MAX,
  BATCH_NR,
  BATCH_SLOTS,
  ENCODED_NR_PAGES_SHIFT,
  ENCODED_PAGE_BIT_DELAY_RMAP,
  ENCODED_PAGE_BIT_NR_PAGES_NEXT,
  TLB_ACTIVE,
  TLB_DELAYED_RMAP,
} from '../../machine/layout.ts'
import { load, store } from '../../machine/memory.ts'
import { folioFlags, pageFolio } from '../../machine/page.ts'
import { folioRemoveRmapPmd, folioRemoveRmapPtesV69 } from '../folio-rmap.ts'
import { countRmapCalls } from '../rmap.ts'
import type { Strategy } from '../strategy.ts'
import { freePagesAndSwapCacheV69 } from '../swap-state.ts'
import { countEvents } from '../vmstat.ts'
import { mapcountAtomics } from '../zap-present-ptes.ts'
import { linux65, tlbDiscardNothing } from './linux-6.5.ts'

/** __tlb_remove_page_size (page tables, PMD-mapped folios) up to the full test: one slot; true if the batch is full now. */
export function tlbStoreOneSlot(cpu: number, page: number, _delayRmap: number): boolean {
  const batch = load(cpu + TLB_ACTIVE)
  const nr = load(batch + BATCH_NR)
  store(batch + BATCH_SLOTS + nr, page * 2)
  store(batch + BATCH_NR, nr + 1)
  return nr + 1 >= load(batch + BATCH_MAX) - 1
}

/** tlb_flush_rmap_batch: every slot is looked at, flagged records lose their rmap. */
function tlbFlushRmapBatchV69(cpu: number, batch: number, vma: number, strategy: Strategy): void {
  const slots = batch + BATCH_SLOTS
  const nr = load(batch + BATCH_NR)
  let removed = 0
  let atomics = 0
  let i = 0
  while (i < nr) {
    const encoded = load(slots + i)
    i++
    if ((encoded & ENCODED_PAGE_BIT_DELAY_RMAP) !== 0) {
      const page = (encoded >> 2) * 2
      const folio = pageFolio(page)
      let nrPages = 1
      if ((encoded & ENCODED_PAGE_BIT_NR_PAGES_NEXT) !== 0) {
        nrPages = load(slots + i) >> ENCODED_NR_PAGES_SHIFT
        i++
      }
      strategy.folioRemoveRmapPtes(cpu, folio, page, nrPages, vma, strategy)
      removed++
      atomics = atomics + mapcountAtomics(folioFlags(folio), nrPages)
    }
  }
  countEvents(cpu, E_RMAP_SLOTS_INSPECTED, nr)
  countRmapCalls(cpu, removed, atomics)
}

/** tlb_flush_rmaps: the local batch and, if another is active, that one; returns at once if nothing is delayed. */
export function tlbFlushDelayedRmapsV69(cpu: number, vma: number, strategy: Strategy): void {
  if (load(cpu + TLB_DELAYED_RMAP) === 0) return
  const local = cpu + CPU_LOCAL_BATCH
  const active = load(cpu + TLB_ACTIVE)
  tlbFlushRmapBatchV69(cpu, local, vma, strategy)
  if (active !== local) tlbFlushRmapBatchV69(cpu, active, vma, strategy)
  store(cpu + TLB_DELAYED_RMAP, 0)
}

export const linux69: Strategy = {
  ...linux65,
  id: 'linux-6.9',
  pagevecSize: 31,
  pcpBatchScaleMax: 5,
  pcpFreeCount: 1,
  pudTablesCounted: 1,
  largeAnonOrderMin: 1,
  batchPtes: 1,
  folioBatchFree: 1,
  deferredSplitPmd: 0,
  folioRemoveRmapPtes: folioRemoveRmapPtesV69,
  folioRemoveRmapPmd: folioRemoveRmapPmd,
  tlbFlushRmaps: tlbFlushDelayedRmapsV69,
  freeSlotsAndSwapCache: freePagesAndSwapCacheV69,
  plain: {
    tlbStorePage: tlbStoreOneSlot,
    tlbDiscardRmaps: tlbDiscardNothing,
  },
}
