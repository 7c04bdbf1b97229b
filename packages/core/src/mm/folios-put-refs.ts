/**
 * mm/swap.c of v6.9 and later: folios_put_refs, which drops references by folio_batch.
 *
 * One pass drops the references and takes what is freed off its deferred split queue and its LRU list, one uncharges,
 * one frees. The lruvec lock is kept from folio to folio as long as it fits, large folios included: a hold is bounded by
 * the batch, not by SWAP_CLUSTER_MAX.
 *
 * Invariants: a folio's references are dropped by exactly as many as its entries stand for; whoever drops the last one
 * frees it, off every list, once; split_queue_lock may be taken while an earlier folio's lruvec is held, never the other
 * way round.
 */

import {
  E_FOLIO_BATCHES_FREED,
  E_FOLIOS_FREED,
  E_PAGES_FREED,
  E_REFCOUNT_ATOMICS,
} from '../machine/counters.ts'
import { FOLIO_BATCH_FREE } from '../machine/globals.ts'
import {
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_REFCOUNT,
  PG_HEAD,
  PG_LRU,
  PG_MLOCKED,
  PG_TYPE_MASK,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioIsZoneDevice, folioNrPages, isHugeZeroPage } from '../machine/page.ts'
import { atomicSubAndTest } from '../sync/live.ts'
import { freeUnrefFolios } from './free-unref-folios.ts'
import { folioUndoLargeRmappable } from './huge-memory.ts'
import { memCgroupUnchargeFolios } from './memcontrol.ts'
import { putZoneDeviceFolio } from './memremap.ts'
import { folioClearLruFlags, folioLruvec, lruvecDelFolio } from './mm-inline.ts'
import { clearMlocked, dropLruvec, lruvecLockIrqsave, releasePages } from './swap.ts'
import { countEvents } from './vmstat.ts'

/** folios_put: the references that a per-CPU LRU batch holds; the batch is empty afterwards. */
export function foliosPut(cpu: number, batch: number): void {
  if (FOLIO_BATCH_FREE !== 0) {
    foliosPutRefs(cpu, batch, 0)
    return
  }
  const nr = load(batch + FBATCH_NR)
  store(batch + FBATCH_NR, 0)
  releasePages(cpu, batch + FBATCH_FOLIOS, nr)
}

/**
 * folios_put_refs: drops the references of a folio_batch at `batch`, `refs[i]` of the i-th folio (`refs` 0: one of each),
 * and frees what nobody refers to any more. The batch is empty afterwards.
 */
export function foliosPutRefs(cpu: number, batch: number, refs: number): void {
  const nr = load(batch + FBATCH_NR)
  const folios = batch + FBATCH_FOLIOS
  let lruvec = 0
  let held = 0
  let freed = 0
  let pages = 0
  let refAtomics = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(folios + i) >> 1
    let nrRefs = 1
    if (refs !== 0) nrRefs = load(refs + i)
    if (lruvec !== 0) held++
    const kind = folioFlags(folio) & (PG_TYPE_MASK | PG_HEAD)
    if ((kind & PG_TYPE_MASK) !== 0) {
      if (isHugeZeroPage(folio)) continue
      if (folioIsZoneDevice(folio)) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, held)
        putZoneDeviceFolio(cpu, folio, nrRefs)
        continue
      }
    }
    refAtomics++
    if (!atomicSubAndTest(nrRefs, folio + PAGE_REFCOUNT)) continue
    if ((kind & PG_HEAD) !== 0) folioUndoLargeRmappable(cpu, folio)
    // __page_cache_release; nobody else has this folio any more: its flags stay as they are read here
    const flags = folioFlags(folio)
    if ((flags & PG_LRU) !== 0) {
      // folio_lruvec_relock_irqsave
      const locked = folioLruvec(flags)
      if (locked !== lruvec) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, held)
        lruvecLockIrqsave(cpu, locked)
        lruvec = locked
        held = 0
      }
      lruvecDelFolio(cpu, lruvec, folio, flags)
      folioClearLruFlags(folio, flags)
    }
    if ((flags & PG_MLOCKED) !== 0) clearMlocked(cpu, folio)
    pages = pages + folioNrPages(folio, flags)
    store(folios + freed, folio * 2)
    freed++
  }
  if (lruvec !== 0) dropLruvec(cpu, lruvec, held + 1)
  countEvents(cpu, E_REFCOUNT_ATOMICS, refAtomics)
  store(batch + FBATCH_NR, 0)
  if (freed === 0) return
  countEvents(cpu, E_FOLIO_BATCHES_FREED, 1)
  countEvents(cpu, E_FOLIOS_FREED, freed)
  countEvents(cpu, E_PAGES_FREED, pages)
  memCgroupUnchargeFolios(cpu, folios, freed)
  freeUnrefFolios(cpu, folios, freed)
}
