/**
 * mm/swap.c: the per-CPU folio batches (cpu_fbatches) and mark_page_accessed.
 *
 * A batch holds a reference to each of its folios until it is moved under the lruvec lock; it is moved when it is full,
 * when a large folio enters it, and by lru_add_drain. Entries are encoded pages, so that release_pages takes them.
 *
 * Invariant: 0 <= nr <= PAGEVEC_SIZE; an entry's folio has a reference of the batch's own.
 */

import { E_LRU_ADD_BATCHES_MOVED, E_LRU_ADD_DRAINS, PGACTIVATE } from '../machine/counters.ts'
import {
  CPU_ACTIVATE_BATCH,
  CPU_ADD_BATCH,
  CPU_MLOCK_BATCH,
  PAGEVEC_SIZE,
} from '../machine/globals.ts'
import {
  FBATCH_FOLIOS,
  FBATCH_NR,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_LRU,
  PG_REFERENCED,
  PG_UNEVICTABLE,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, folioTestLarge } from '../machine/page.ts'
import { atomicAdd, clearBit, readOnce, setBit, testAndClearBit } from '../sync/live.ts'
import { foliosPut } from './folios-put-refs.ts'
import { folioLruvec, lruvecAddFolio, lruvecDelFolio } from './mm-inline.ts'
import { mlockFolioBatch } from './mlock.ts'
import { lruvecLockIrqsave, unlockPageLruvecIrqrestore } from './swap.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** lru_add_drain: moves what this CPU has pending. */
export function lruAddDrain(cpu: number): void {
  countEvents(cpu, E_LRU_ADD_DRAINS, 1)
  if (CPU_ADD_BATCH !== 0 && load(cpu + CPU_ADD_BATCH + FBATCH_NR) !== 0) folioBatchMoveAdd(cpu)
  if (load(cpu + CPU_ACTIVATE_BATCH + FBATCH_NR) !== 0) folioBatchMoveActivate(cpu)
  // mlock_drain_local
  if (load(cpu + CPU_MLOCK_BATCH + FBATCH_NR) !== 0) mlockFolioBatch(cpu)
}

/** lru_add_fn; the caller holds the lruvec's lock. */
function lruAddFn(cpu: number, lruvec: number, folio: number): void {
  lruvecAddFolio(cpu, lruvec, folio)
  setBit(PG_LRU, folio + PAGE_FLAGS)
}

/** folio_batch_move_lru with lru_add_fn: new folios go to the head of their list. */
function folioBatchMoveAdd(cpu: number): void {
  const batch = cpu + CPU_ADD_BATCH
  const nr = load(batch + FBATCH_NR)
  countEvents(cpu, E_LRU_ADD_BATCHES_MOVED, 1)
  let lruvec = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(batch + FBATCH_FOLIOS + i) >> 1
    const wanted = folioLruvec(folioFlags(folio))
    if (wanted !== lruvec) {
      if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
      lruvecLockIrqsave(cpu, wanted)
      lruvec = wanted
    }
    lruAddFn(cpu, lruvec, folio)
  }
  if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
  foliosPut(cpu, batch)
}

/** folio_add_lru: queues a new folio with a reference, moves the batch if that fills it or the folio is large. */
export function folioAddLru(cpu: number, folio: number): void {
  const batch = cpu + CPU_ADD_BATCH
  atomicAdd(1, folio + PAGE_REFCOUNT)
  const nr = load(batch + FBATCH_NR)
  store(batch + FBATCH_FOLIOS + nr, folio * 2)
  store(batch + FBATCH_NR, nr + 1)
  if (nr + 1 === PAGEVEC_SIZE || folioTestLarge(folio)) folioBatchMoveAdd(cpu)
}

/** folio_activate_fn; the caller holds the lruvec's lock. */
function folioActivateFn(cpu: number, lruvec: number, folio: number): void {
  const flags = folioFlags(folio)
  if ((flags & (PG_ACTIVE | PG_UNEVICTABLE)) !== 0) return
  lruvecDelFolio(cpu, lruvec, folio, flags)
  setBit(PG_ACTIVE, folio + PAGE_FLAGS)
  lruvecAddFolio(cpu, lruvec, folio)
  countVmEvents(cpu, PGACTIVATE, folioNrPages(folio, flags))
}

/** folio_batch_move_lru with folio_activate_fn. */
function folioBatchMoveActivate(cpu: number): void {
  const batch = cpu + CPU_ACTIVATE_BATCH
  const nr = load(batch + FBATCH_NR)
  let lruvec = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(batch + FBATCH_FOLIOS + i) >> 1
    // block memcg migration while the folio moves
    if (!testAndClearBit(PG_LRU, folio + PAGE_FLAGS)) continue
    const wanted = folioLruvec(folioFlags(folio))
    if (wanted !== lruvec) {
      if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
      lruvecLockIrqsave(cpu, wanted)
      lruvec = wanted
    }
    folioActivateFn(cpu, lruvec, folio)
    setBit(PG_LRU, folio + PAGE_FLAGS)
  }
  if (lruvec !== 0) unlockPageLruvecIrqrestore(lruvec)
  foliosPut(cpu, batch)
}

/** folio_activate: queues the folio, moves the batch if that fills it or the folio is large. */
function folioActivate(cpu: number, folio: number): void {
  const batch = cpu + CPU_ACTIVATE_BATCH
  atomicAdd(1, folio + PAGE_REFCOUNT)
  const nr = load(batch + FBATCH_NR)
  store(batch + FBATCH_FOLIOS + nr, folio * 2)
  store(batch + FBATCH_NR, nr + 1)
  if (nr + 1 === PAGEVEC_SIZE || folioTestLarge(folio)) folioBatchMoveActivate(cpu)
}

/**
 * mark_page_accessed / folio_mark_accessed: inactive, unreferenced to inactive, referenced; inactive, referenced to
 * active, unreferenced.
 */
export function markPageAccessed(cpu: number, folio: number): void {
  const flags = readOnce(folio + PAGE_FLAGS)
  if ((flags & PG_REFERENCED) === 0) {
    setBit(PG_REFERENCED, folio + PAGE_FLAGS)
    return
  }
  // unevictable folios are left alone, active ones stay referenced
  if ((flags & (PG_UNEVICTABLE | PG_ACTIVE)) !== 0) return
  if ((flags & PG_LRU) !== 0) folioActivate(cpu, folio)
  clearBit(PG_REFERENCED, folio + PAGE_FLAGS)
}
