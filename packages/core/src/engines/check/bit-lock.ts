/**
 * The bit spinlock of a large folio's MM slots (v6.15 and later): an atomic by its primitive, a lock by its use.
 */

import { FOLIO_MM_SLOTS, LARGE_MAPCOUNT, NR_PFNS } from '../../machine/globals.ts'
import { FOLIO_MM_IDS_LOCK, MM_IDS, MM_SLOTS_WORDS } from '../../machine/layout.ts'

/** Is this bit the lock of a folio's MM slots? */
export function isBitLock(mask: number, address: number): boolean {
  if (mask !== FOLIO_MM_IDS_LOCK || LARGE_MAPCOUNT !== 2 || address < FOLIO_MM_SLOTS) return false
  const word = address - FOLIO_MM_SLOTS
  return word < MM_SLOTS_WORDS * ((NR_PFNS + 1) >> 1) && word % MM_SLOTS_WORDS === MM_IDS
}
