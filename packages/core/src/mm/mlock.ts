/**
 * mm/mlock.c: munlock of folios whose mapping by a VM_LOCKED VMA goes away.
 *
 * Folios wait in the CPU's mlock_fbatch, which holds a reference to each, and are munlocked under the lruvec lock:
 * mlock_count drops, and at zero the folio leaves the unevictable list.
 */

import {
  NR_MLOCK,
  UNEVICTABLE_PGMUNLOCKED,
  UNEVICTABLE_PGRESCUED,
  UNEVICTABLE_PGSTRANDED,
} from '../machine/counters.ts'
import { CPU_MLOCK_BATCH, PAGEVEC_SIZE } from '../machine/globals.ts'
import {
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_FLAGS,
  PAGE_MLOCK_COUNT,
  PAGE_REFCOUNT,
  PG_LRU,
  PG_MLOCKED,
  PG_UNEVICTABLE,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, folioTestLarge, folioTestUnevictable } from '../machine/page.ts'
import { atomicAdd, clearBit, setBit, testAndClearBit } from '../sync/live.ts'
import { foliosPut } from './folios-put-refs.ts'
import { folioLruvec, lruvecAddFolio, lruvecDelFolio } from './mm-inline.ts'
import { lruvecLockIrqsave, unlockPageLruvecIrqrestore } from './swap.ts'
import { countVmEvents, modNodePageState } from './vmstat.ts'

/** munlock_vma_folio, for a VM_LOCKED VMA: PTE-mapped parts of large folios are left to reclaim. */
export function munlockVmaFolio(cpu: number, folio: number, compound: boolean): void {
  if (compound || !folioTestLarge(folio)) munlockFolio(cpu, folio)
}

/** munlock_folio */
function munlockFolio(cpu: number, folio: number): void {
  const batch = cpu + CPU_MLOCK_BATCH
  atomicAdd(1, folio + PAGE_REFCOUNT)
  const nr = load(batch + FBATCH_NR)
  store(batch + FBATCH_FOLIOS + nr, folio * 2)
  store(batch + FBATCH_NR, nr + 1)
  if (nr + 1 === PAGEVEC_SIZE || folioTestLarge(folio)) mlockFolioBatch(cpu)
}

/** mlock_folio_batch (every entry is a munlock here). */
export function mlockFolioBatch(cpu: number): void {
  const batch = cpu + CPU_MLOCK_BATCH
  const nr = load(batch + FBATCH_NR)
  let lruvec = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(batch + FBATCH_FOLIOS + i) >> 1
    const isolated = testAndClearBit(PG_LRU, folio + PAGE_FLAGS)
    if (isolated) {
      const wanted = folioLruvec(folioFlags(folio))
      if (wanted !== lruvec) {
        if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
        lruvecLockIrqsave(cpu, wanted)
        lruvec = wanted
      }
    }
    munlockFolioLocked(cpu, lruvec, folio, isolated)
  }
  if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
  foliosPut(cpu, batch)
}

/** __munlock_folio behind its relock. */
function munlockFolioLocked(cpu: number, lruvec: number, folio: number, isolated: boolean): void {
  if (isolated && folioTestUnevictable(folio)) {
    // mlock_count is kept only while the folio is unevictable
    const count = load(folio + PAGE_MLOCK_COUNT)
    if (count > 0) store(folio + PAGE_MLOCK_COUNT, count - 1)
    if (count > 1) {
      setBit(PG_LRU, folio + PAGE_FLAGS)
      return
    }
  }
  const nr = folioNrPages(folio, folioFlags(folio))
  if (testAndClearBit(PG_MLOCKED, folio + PAGE_FLAGS)) {
    modNodePageState(cpu, NR_MLOCK, -nr)
    const stranded = !isolated && folioTestUnevictable(folio)
    countVmEvents(cpu, stranded ? UNEVICTABLE_PGSTRANDED : UNEVICTABLE_PGMUNLOCKED, nr)
  }
  if (isolated && folioTestUnevictable(folio)) {
    lruvecDelFolio(cpu, lruvec, folio, folioFlags(folio))
    clearBit(PG_UNEVICTABLE, folio + PAGE_FLAGS)
    lruvecAddFolio(cpu, lruvec, folio)
    countVmEvents(cpu, UNEVICTABLE_PGRESCUED, nr)
  }
  if (isolated) setBit(PG_LRU, folio + PAGE_FLAGS)
}
