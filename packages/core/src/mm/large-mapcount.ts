/**
 * include/linux/rmap.h: _large_mapcount, the number of mappings of a large folio, and from v6.15 on the two MM slots
 * (_mm_ids, _mm_id_mapcount), which say by how many address spaces and how often.
 *
 * In v6.10 to v6.14 _large_mapcount is an atomic. Later it and the slots change together, under the bit spinlock of
 * _mm_ids; in CONFIG_NO_PAGE_MAPCOUNT they are all that is known of a large folio's mappings. (The slots and _mm_ids:
 * machine/folio-mm-slots.ts.)
 *
 * Invariant: _large_mapcount + 1 is the number of mappings, by PTEs and PMDs, and the two slots' are not more than that.
 */

import { BUG_NEGATIVE_MAPCOUNT } from '../machine/bugs.ts'
import { LARGE_MAPCOUNT } from '../machine/globals.ts'
import { FOLIO_LARGE_MAPCOUNT, FOLIO_MM_IDS_LOCK, MM_ID, VMA_MM } from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { addToMmSlots, folioMmIds, setMmSlot, subFromMmSlots } from '../machine/folio-mm-slots.ts'
import {
  atomicAddReturnRelaxed,
  atomicSubReturnRelaxed,
  bugOn,
  clearBit,
  testAndSetBit,
} from '../sync/live.ts'

/** mm->mm_id: never 0. */
function mmIdOf(vma: number): number {
  return load(load(vma + VMA_MM) + MM_ID) + 1
}

/** folio_lock_large_mapcount: bit_spin_lock. */
function folioLockLargeMapcount(ids: number): void {
  let isTaken = testAndSetBit(FOLIO_MM_IDS_LOCK, ids)
  while (isTaken) isTaken = testAndSetBit(FOLIO_MM_IDS_LOCK, ids)
}

function folioUnlockLargeMapcount(ids: number): void {
  clearBit(FOLIO_MM_IDS_LOCK, ids)
}

/** folio_set_large_mapcount: of a new folio, which nobody else sees. */
export function folioSetLargeMapcount(folio: number, mapcount: number, vma: number): void {
  store(folio + FOLIO_LARGE_MAPCOUNT, mapcount - 1)
  if (LARGE_MAPCOUNT !== 2) return
  setMmSlot(folio, mapcount, mmIdOf(vma))
}

/** folio_add_return_large_mapcount: returns the mappings there are now. */
export function folioAddLargeMapcount(folio: number, diff: number, vma: number): number {
  if (LARGE_MAPCOUNT !== 2) return atomicAddReturnRelaxed(diff, folio + FOLIO_LARGE_MAPCOUNT) + 1
  const ids = folioMmIds(folio)
  folioLockLargeMapcount(ids)
  const mapcount = load(folio + FOLIO_LARGE_MAPCOUNT) + diff
  store(folio + FOLIO_LARGE_MAPCOUNT, mapcount)
  addToMmSlots(folio, diff, mmIdOf(vma), mapcount)
  folioUnlockLargeMapcount(ids)
  return mapcount + 1
}

/** folio_sub_return_large_mapcount: returns the mappings that are left. */
export function folioSubLargeMapcount(folio: number, diff: number, vma: number): number {
  if (LARGE_MAPCOUNT !== 2) {
    const left = atomicSubReturnRelaxed(diff, folio + FOLIO_LARGE_MAPCOUNT)
    bugOn(left < -1, BUG_NEGATIVE_MAPCOUNT)
    return left + 1
  }
  const ids = folioMmIds(folio)
  folioLockLargeMapcount(ids)
  const mapcount = load(folio + FOLIO_LARGE_MAPCOUNT) - diff
  bugOn(mapcount < -1, BUG_NEGATIVE_MAPCOUNT)
  store(folio + FOLIO_LARGE_MAPCOUNT, mapcount)
  subFromMmSlots(folio, diff, mmIdOf(vma), mapcount)
  folioUnlockLargeMapcount(ids)
  return mapcount + 1
}
