/**
 * include/linux/mm_inline.h and mm.h: on which LRU list a folio is, taking it off, rss kinds, mapped or not.
 *
 * Invariants: PG_lru set means on exactly the list that folioLruList names, in the lruvec of its memcg; lru_size is the
 * number of pages on the list; unevictable folios are counted but not linked (their link word holds mlock_count).
 */

import { BUG_LRU_SIZE } from '../machine/bugs.ts'
import { NR_LRU_BASE } from '../machine/counters.ts'
import { LARGE_MAPCOUNT, MEMCG_BASE } from '../machine/globals.ts'
import {
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  LRU_ACTIVE,
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
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_SWAPBACKED,
  PG_UNEVICTABLE,
  ROOT_MEMCG_ID,
} from '../machine/layout.ts'
import { listAdd, listDel } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, folioTestLarge } from '../machine/page.ts'
import { bugOn, readOnce } from '../sync/live.ts'
import { modNodePageState } from './vmstat.ts'

/** struct mem_cgroup of an id; folios without a memcg live under the root's. */
export function memcgOf(id: number): number {
  return MEMCG_BASE + Math.imul(id === 0 ? ROOT_MEMCG_ID : id, MEMCG_WORDS)
}

/** folio_lruvec, from the folio's flags. */
export function folioLruvec(flags: number): number {
  return load(memcgOf((flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK) + MEMCG_LRUVEC)
}

/** folio_lru_list, from the folio's flags. */
export function folioLruList(flags: number): number {
  if ((flags & PG_UNEVICTABLE) !== 0) return LRU_UNEVICTABLE
  // folio_is_file_lru: what is not swap-backed
  const base = (flags & PG_SWAPBACKED) === 0 ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON
  return (flags & PG_ACTIVE) !== 0 ? base + LRU_ACTIVE : base
}

/** update_lru_size */
export function updateLruSize(cpu: number, lruvec: number, lru: number, nrPages: number): void {
  const size = load(lruvec + LRUVEC_SIZES + lru) + nrPages
  bugOn(size < 0, BUG_LRU_SIZE)
  store(lruvec + LRUVEC_SIZES + lru, size)
  modNodePageState(cpu, NR_LRU_BASE + lru, nrPages)
}

/** lruvec_del_folio; the caller holds the lruvec's lock and has read the folio's flags. */
export function lruvecDelFolio(cpu: number, lruvec: number, folio: number, flags: number): void {
  const lru = folioLruList(flags)
  if (lru !== LRU_UNEVICTABLE) listDel(folio + PAGE_LRU)
  updateLruSize(cpu, lruvec, lru, -folioNrPages(folio, flags))
}

/** lruvec_add_folio; the caller holds the lruvec's lock. */
export function lruvecAddFolio(cpu: number, lruvec: number, folio: number): void {
  const flags = folioFlags(folio)
  const lru = folioLruList(flags)
  updateLruSize(cpu, lruvec, lru, folioNrPages(folio, flags))
  if (lru !== LRU_UNEVICTABLE) listAdd(folio + PAGE_LRU, lruvec + LRUVEC_LISTS + lru * 2)
}

/** __folio_clear_lru_flags: non-atomic, for the last reference is gone. Returns the flags that stay. */
export function folioClearLruFlags(folio: number, flags: number): number {
  // both active and unevictable "shouldn't happen, so leave the flags to bad_page()"
  const both = PG_ACTIVE | PG_UNEVICTABLE
  const kept = (flags & both) === both ? flags & ~PG_LRU : flags & ~(PG_LRU | both)
  store(folio + PAGE_FLAGS, kept)
  return kept
}

/** mm_counter: the rss counter of a page, from its folio's flags. */
export function mmCounter(flags: number): number {
  if ((flags & PG_ANON) !== 0) return MM_ANONPAGES
  return mmCounterFile(flags)
}

/** mm_counter_file */
export function mmCounterFile(flags: number): number {
  return (flags & PG_SWAPBACKED) !== 0 ? MM_SHMEMPAGES : MM_FILEPAGES
}

/** folio_mapped */
export function folioMapped(folio: number): boolean {
  if (!folioTestLarge(folio)) return readOnce(folio + PAGE_MAPCOUNT) >= 0
  if (LARGE_MAPCOUNT !== 0) return readOnce(folio + FOLIO_LARGE_MAPCOUNT) >= 0
  // folio_large_is_mapped
  if (readOnce(folio + FOLIO_NR_PAGES_MAPPED) > 0) return true
  return readOnce(folio + FOLIO_ENTIRE_MAPCOUNT) >= 0
}
