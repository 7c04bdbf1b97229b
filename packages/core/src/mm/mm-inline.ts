/**
 * include/linux/mm_inline.h and mm.h: on which LRU list a folio is, taking it off, rss kinds, mapped or not.
 *
 * Invariants: PG_lru set means on exactly the list that folioLruList names, in the lruvec of its memcg; lru_size is the
 * number of pages on the list; unevictable folios are counted but not linked (their link word holds mlock_count).
 */

import { BUG_LRU_SIZE, BUG_NOT_ON_LRU } from '../machine/bugs.ts'
import { NR_LRU_BASE } from '../machine/counters.ts'
import { MEMCG_BASE } from '../machine/globals.ts'
import {
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  LRU_ACTIVE_ANON,
  LRU_ACTIVE_FILE,
  LRU_INACTIVE_ANON,
  LRU_INACTIVE_FILE,
  LRU_UNEVICTABLE,
  LRUVEC_LISTS,
  LRUVEC_SIZES,
  MEMCG_LRUVEC,
  MEMCG_WORDS,
  MM_ANONPAGES,
  MM_FILEPAGES,
  MM_SHMEMPAGES,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PG_ACTIVE,
  PG_ANON,
  PG_LRU,
  PG_SWAPBACKED,
  PG_UNEVICTABLE,
  ROOT_MEMCG_ID,
} from '../machine/layout.ts'
import { listAdd, listDel } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import {
  folioFlags,
  folioFlagsAndNot,
  folioMemcgId,
  folioNrPages,
  folioTestLarge,
} from '../machine/page.ts'
import { bugOn, readOnce } from '../sync/live.ts'
import { modNodePageState } from './vmstat.ts'

/** struct mem_cgroup of an id; folios without a memcg live under the root's. */
export function memcgOf(id: number): number {
  return MEMCG_BASE + Math.imul(id === 0 ? ROOT_MEMCG_ID : id, MEMCG_WORDS)
}

/** folio_lruvec */
export function folioLruvec(folio: number): number {
  return load(memcgOf(folioMemcgId(folio)) + MEMCG_LRUVEC)
}

/** folio_lru_list */
export function folioLruList(folio: number): number {
  const flags = folioFlags(folio)
  if ((flags & PG_UNEVICTABLE) !== 0) return LRU_UNEVICTABLE
  const active = (flags & PG_ACTIVE) !== 0
  // folio_is_file_lru: what is not swap-backed
  if ((flags & PG_SWAPBACKED) === 0) return active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE
  return active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON
}

/** update_lru_size */
export function updateLruSize(cpu: number, lruvec: number, lru: number, nrPages: number): void {
  const size = load(lruvec + LRUVEC_SIZES + lru) + nrPages
  bugOn(size < 0, BUG_LRU_SIZE)
  store(lruvec + LRUVEC_SIZES + lru, size)
  modNodePageState(cpu, NR_LRU_BASE + lru, nrPages)
}

/** lruvec_del_folio; the caller holds the lruvec's lock. */
export function lruvecDelFolio(cpu: number, lruvec: number, folio: number): void {
  const lru = folioLruList(folio)
  if (lru !== LRU_UNEVICTABLE) listDel(folio + PAGE_LRU)
  updateLruSize(cpu, lruvec, lru, -folioNrPages(folio))
}

/** lruvec_add_folio; the caller holds the lruvec's lock. */
export function lruvecAddFolio(cpu: number, lruvec: number, folio: number): void {
  const lru = folioLruList(folio)
  updateLruSize(cpu, lruvec, lru, folioNrPages(folio))
  if (lru !== LRU_UNEVICTABLE) listAdd(folio + PAGE_LRU, lruvec + LRUVEC_LISTS + lru * 2)
}

/** __folio_clear_lru_flags: non-atomic, for the last reference is gone. */
export function folioClearLruFlags(folio: number): void {
  const flags = folioFlags(folio)
  bugOn((flags & PG_LRU) === 0, BUG_NOT_ON_LRU)
  // "this shouldn't happen, so leave the flags to bad_page()": both active and unevictable
  if ((flags & PG_ACTIVE) !== 0 && (flags & PG_UNEVICTABLE) !== 0) {
    folioFlagsAndNot(folio, PG_LRU)
    return
  }
  folioFlagsAndNot(folio, PG_LRU | PG_ACTIVE | PG_UNEVICTABLE)
}

/** mm_counter: the rss counter of a page. */
export function mmCounter(folio: number): number {
  const flags = folioFlags(folio)
  if ((flags & PG_ANON) !== 0) return MM_ANONPAGES
  return mmCounterFile(folio)
}

/** mm_counter_file */
export function mmCounterFile(folio: number): number {
  if ((folioFlags(folio) & PG_SWAPBACKED) !== 0) return MM_SHMEMPAGES
  return MM_FILEPAGES
}

/** folio_mapped */
export function folioMapped(folio: number): boolean {
  if (!folioTestLarge(folio)) return readOnce(folio + PAGE_MAPCOUNT) >= 0
  // folio_large_is_mapped
  if (readOnce(folio + FOLIO_NR_PAGES_MAPPED) > 0) return true
  return readOnce(folio + FOLIO_ENTIRE_MAPCOUNT) >= 0
}

/** The flags word of a folio, read without a lock while others may change bits of it. */
export function folioFlagsOnce(folio: number): number {
  return readOnce(folio + PAGE_FLAGS)
}
