/**
 * The two MM slots of a large folio (v6.15: _mm_ids, _mm_id_mapcount): who maps it and how often, -1 based.
 *
 * They lie in a table of their own, one entry for two page frames: a struct page here has no words left for them. The
 * caller holds the folio's bit lock, or nobody else sees the folio. Invariants: a slot with an id has a mapcount >= 0; one
 * without (MM_ID_DUMMY, 0) has -1 or was never used.
 */

import { FOLIO_MM_SLOTS } from './globals.ts'
import {
  FOLIO_MM_IDS_SHARED,
  MM_IDS,
  MM_SLOT_ID,
  MM_SLOT_MAPCOUNT,
  MM_SLOT_WORDS,
  MM_SLOTS_WORDS,
} from './layout.ts'
import { load, store } from './memory.ts'
import { pageToPfn } from './page.ts'

/** Slot 0 of a folio; slot 1 follows. */
export function folioMmSlots(folio: number): number {
  return FOLIO_MM_SLOTS + Math.imul(pageToPfn(folio) >> 1, MM_SLOTS_WORDS)
}

/** _mm_ids of a folio. */
export function folioMmIds(folio: number): number {
  return folioMmSlots(folio) + MM_IDS
}

/** The first mappings of a new folio. */
export function setMmSlot(folio: number, mapcount: number, mmId: number): void {
  const first = folioMmSlots(folio)
  store(first + MM_SLOT_ID, mmId)
  store(first + MM_SLOT_MAPCOUNT, mapcount - 1)
  store(first + MM_SLOT_WORDS + MM_SLOT_ID, 0)
  store(first + MM_SLOT_WORDS + MM_SLOT_MAPCOUNT, -1)
  store(first + MM_IDS, 0)
}

/** The slots' part of folio_add_return_large_mapcount; `mapcount` is the folio's new one, -1 based. */
export function addToMmSlots(folio: number, diff: number, mmId: number, mapcount: number): void {
  const first = folioMmSlots(folio)
  const second = first + MM_SLOT_WORDS
  if (load(first + MM_SLOT_ID) === mmId) {
    store(first + MM_SLOT_MAPCOUNT, load(first + MM_SLOT_MAPCOUNT) + diff)
  } else if (load(second + MM_SLOT_ID) === mmId) {
    store(second + MM_SLOT_MAPCOUNT, load(second + MM_SLOT_MAPCOUNT) + diff)
  } else if (load(first + MM_SLOT_ID) === 0) {
    store(first + MM_SLOT_ID, mmId)
    store(first + MM_SLOT_MAPCOUNT, diff - 1)
    // there may be other mappings already
    if (mapcount !== diff - 1) setShared(first + MM_IDS)
  } else if (load(second + MM_SLOT_ID) === 0) {
    store(second + MM_SLOT_ID, mmId)
    store(second + MM_SLOT_MAPCOUNT, diff - 1)
    // slot 0 has mappings as well
    setShared(first + MM_IDS)
  }
}

/** The flag shares the word of the bit lock, whose holder writes it plainly. */
function setShared(ids: number): void {
  store(ids, load(ids) | FOLIO_MM_IDS_SHARED)
}

/** The slots' part of folio_sub_return_large_mapcount; `mapcount` is the folio's new one, -1 based. */
export function subFromMmSlots(folio: number, diff: number, mmId: number, mapcount: number): void {
  const first = folioMmSlots(folio)
  const second = first + MM_SLOT_WORDS
  let slot = 0
  if (load(first + MM_SLOT_ID) === mmId) slot = first
  else if (load(second + MM_SLOT_ID) === mmId) slot = second
  if (slot !== 0) {
    const left = load(slot + MM_SLOT_MAPCOUNT) - diff
    store(slot + MM_SLOT_MAPCOUNT, left)
    if (left >= 0) return
    store(slot + MM_SLOT_ID, 0)
  }
  // all that is left is one MM's, or nothing
  const alone =
    load(first + MM_SLOT_MAPCOUNT) === mapcount || load(second + MM_SLOT_MAPCOUNT) === mapcount
  if (alone) store(first + MM_IDS, load(first + MM_IDS) & ~FOLIO_MM_IDS_SHARED)
}
