/**
 * How the kernel sorts folios into counters and lists, said once more for verify: it must not lean on the kernel text
 * (mm/mm-inline.ts) that it checks.
 */

import { MEMCG_BASE } from '../globals.ts'
import {
  LRU_ACTIVE_ANON,
  LRU_ACTIVE_FILE,
  LRU_INACTIVE_ANON,
  LRU_INACTIVE_FILE,
  LRU_UNEVICTABLE,
  LRUVEC_ID,
  MEMCG_LRUVEC,
  MEMCG_WORDS,
  MM_ANONPAGES,
  MM_FILEPAGES,
  MM_SHMEMPAGES,
  PG_ACTIVE,
  PG_ANON,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_SWAPBACKED,
  PG_UNEVICTABLE,
  ROOT_MEMCG_ID,
} from '../layout.ts'
import { load } from '../memory.ts'

export const LRU_NAMES: readonly string[] = [
  'inactive_anon',
  'active_anon',
  'inactive_file',
  'active_file',
  'unevictable',
]

/** mm_counter: the rss counter of a page of a folio with these flags. */
export function rssCounter(flags: number): number {
  if ((flags & PG_ANON) !== 0) return MM_ANONPAGES
  return (flags & PG_SWAPBACKED) !== 0 ? MM_SHMEMPAGES : MM_FILEPAGES
}

/** folio_lru_list */
export function lruListOf(flags: number): number {
  if ((flags & PG_UNEVICTABLE) !== 0) return LRU_UNEVICTABLE
  const active = (flags & PG_ACTIVE) !== 0
  if ((flags & PG_SWAPBACKED) !== 0) return active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON
  return active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE
}

/** The memcg id in a page's flags; 0: none. */
export function memcgIdOf(flags: number): number {
  return (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
}

/** Number of the lruvec that folios of a memcg are on; those of no memcg are on the root's. */
export function lruvecOf(memcgId: number): number {
  const memcg = MEMCG_BASE + (memcgId === 0 ? ROOT_MEMCG_ID : memcgId) * MEMCG_WORDS
  return load(load(memcg + MEMCG_LRUVEC) + LRUVEC_ID)
}
