/**
 * Creates folios: their struct pages first, and once everything is mapped their places on LRU lists, in memcgs and in
 * the statistics.
 *
 * Invariant: a created folio is charged to its memcg, on the LRU list that its flags name (or on none), and counted in
 * vmstat exactly as the kernel would have it at this moment.
 */

import { NR_FILE_DIRTY, NR_LRU_BASE, NR_MLOCK, NR_SWAPCACHE } from '../counters.ts'
import { FOLIO_SWAP, MEMCG_BASE, SPLIT_QUEUE_BASE, SWAP_MAP } from '../globals.ts'
import {
  FOLIO_DEFERRED_LIST,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_ORDER,
  HPAGE_PMD_ORDER,
  LRU_UNEVICTABLE,
  LRUVEC_LISTS,
  LRUVEC_SIZES,
  MEMCG_LRUVEC,
  MEMCG_PARENT,
  MEMCG_USAGE,
  MEMCG_WORDS,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_ANON,
  PG_DIRTY,
  PG_HEAD,
  PG_LRU,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_MLOCKED,
  PG_MOVABLE,
  PG_SWAPBACKED,
  PG_SWAPCACHE,
  PG_TYPE_MASK,
  PG_UNEVICTABLE,
  ROOT_MEMCG_ID,
  SPLIT_QUEUE_LEN,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_WORDS,
  SWAP_HAS_CACHE,
} from '../layout.ts'
import { initListHead, listAdd, listAddTail } from '../list.ts'
import { mem } from '../memory.ts'
import { nthPage, pageToPfn, pfnToPage } from '../page.ts'
import { add, type Builder } from './builder.ts'
import { DEVICE_FOLIO } from './folio-walk.ts'

/**
 * The next folio: writes its struct pages and returns its address.
 *
 * @param flags - PG_* flags of the head page, type included; PG_HEAD and PG_MOVABLE are added.
 * @param memcg - memcg id it is charged to, 0 for none.
 */
export function createFolio(b: Builder, flags: number, memcg: number): number {
  const order = (b.orders[b.nextFolio] as number) & ~DEVICE_FOLIO
  const folio = pfnToPage(b.pfns[b.nextFolio] as number)
  b.nextFolio++
  writeStructPages(folio, order, flags | (memcg << PG_MEMCG_SHIFT))
  return folio
}

/** Makes the pages from `folio` on a folio of the given order and flags; mapcounts and references are 0. */
export function writeStructPages(folio: number, order: number, flags: number): void {
  mem[folio + PAGE_FLAGS] = flags | PG_MOVABLE | (order > 0 ? PG_HEAD : 0)
  if (order === 0) return
  for (let i = 1; i < 1 << order; i++) {
    const page = nthPage(folio, i)
    mem[page + PAGE_FLAGS] = PG_MOVABLE
    mem[page + PAGE_COMPOUND_HEAD] = folio
  }
  // page[1]'s flags word holds the order instead
  mem[folio + FOLIO_ORDER] = order
  mem[folio + FOLIO_ENTIRE_MAPCOUNT] = -1
  mem[folio + FOLIO_LARGE_MAPCOUNT] = -1
  if (order >= 2) initListHead(folio + FOLIO_DEFERRED_LIST)
}

/** Puts a folio into the swap cache: slots and one reference for each page. */
export function addToSwapCache(b: Builder, folio: number, order: number, swapped: boolean): void {
  const nr = 1 << order
  const slot = b.nextSwapSlot
  b.nextSwapSlot += nr
  mem[FOLIO_SWAP + pageToPfn(folio)] = slot
  for (let i = 0; i < nr; i++) mem[SWAP_MAP + slot + i] = SWAP_HAS_CACHE | (swapped ? 1 : 0)
  add(folio + PAGE_REFCOUNT, nr)
  mem[folio + PAGE_FLAGS] = (mem[folio + PAGE_FLAGS] as number) | PG_SWAPCACHE
}

/** page_counter_charge: the memcg and its ancestors; folios of the root memcg are not charged. */
export function chargeMemcg(memcg: number, pages: number): void {
  if (memcg === 0 || memcg === ROOT_MEMCG_ID) return
  let counter = MEMCG_BASE + memcg * MEMCG_WORDS
  while (counter !== 0) {
    add(counter + MEMCG_USAGE, pages)
    counter = mem[counter + MEMCG_PARENT] as number
  }
}

/** deferred_split_folio of PMD-sized anonymous folios, from the fault on (underused THPs, v6.12). */
export function queueThps(b: Builder): void {
  for (let i = 0; i < b.nextFolio; i++) {
    if (b.orders[i] !== HPAGE_PMD_ORDER) continue
    const folio = pfnToPage(b.pfns[i] as number)
    const flags = mem[folio + PAGE_FLAGS] as number
    if ((flags & PG_ANON) === 0 || (flags & PG_SWAPCACHE) !== 0) continue
    const id = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
    const queue = SPLIT_QUEUE_BASE + id * SPLIT_QUEUE_WORDS
    listAddTail(folio + FOLIO_DEFERRED_LIST, queue + SPLIT_QUEUE_LIST)
    add(queue + SPLIT_QUEUE_LEN, 1)
    b.foliosQueued++
  }
}

/** Accounts every folio: memcg charge, LRU list, statistics. Returns the folios and pages that are not device memory. */
export function accountFolios(b: Builder): { folios: number; pages: number } {
  let folios = 0
  let pages = 0
  for (let i = 0; i < b.nextFolio; i++) {
    const entry = b.orders[i] as number
    const order = entry & ~DEVICE_FOLIO
    const folio = pfnToPage(b.pfns[i] as number)
    const flags = mem[folio + PAGE_FLAGS] as number
    const nr = 1 << order
    chargeMemcg((flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK, nr)
    if ((flags & PG_MLOCKED) !== 0) b.vmstat(NR_MLOCK, nr)
    if ((flags & PG_SWAPCACHE) !== 0) b.vmstat(NR_SWAPCACHE, nr)
    const file = (flags & (PG_ANON | PG_SWAPBACKED)) === 0
    if (file && (flags & PG_DIRTY) !== 0 && (flags & PG_TYPE_MASK) === 0)
      b.vmstat(NR_FILE_DIRTY, nr)
    if ((flags & PG_LRU) !== 0) addToLru(b, folio, flags, nr)
    if ((entry & DEVICE_FOLIO) === 0) {
      folios++
      pages += nr
    }
  }
  return { folios, pages }
}

/** lruvec_add_folio: newest first. */
function addToLru(b: Builder, folio: number, flags: number, nr: number): void {
  const id = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
  const memcg = MEMCG_BASE + (id === 0 ? ROOT_MEMCG_ID : id) * MEMCG_WORDS
  const lruvec = mem[memcg + MEMCG_LRUVEC] as number
  const lru = lruOf(flags)
  if (lru !== LRU_UNEVICTABLE) listAdd(folio + PAGE_LRU, lruvec + LRUVEC_LISTS + lru * 2)
  add(lruvec + LRUVEC_SIZES + lru, nr)
  b.vmstat(NR_LRU_BASE + lru, nr)
}

/** folio_lru_list, from the flags: anon before file, inactive before active, unevictable last. */
function lruOf(flags: number): number {
  if ((flags & PG_UNEVICTABLE) !== 0) return LRU_UNEVICTABLE
  return ((flags & PG_SWAPBACKED) === 0 ? 2 : 0) + ((flags & PG_ACTIVE) !== 0 ? 1 : 0)
}
