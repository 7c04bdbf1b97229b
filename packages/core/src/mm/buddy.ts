/**
 * mm/page_alloc.c: the buddy allocator: free areas of the zone, merging, bulk frees, and taking blocks.
 *
 * Invariants, under zone->lock: a block of order k on a free list starts at a PFN that is a multiple of 2^k, its first
 * page carries the type "buddy" and the order, no two buddies of the same order are both free; ZONE_FREE_PAGES is the
 * number of pages in the free areas. No block crosses a section, so that pointers reach every page of one.
 */

import { BUG_BUDDY_ORDER } from '../machine/bugs.ts'
import {
  E_BUDDY_MERGES,
  E_PCP_BULK_FREES,
  E_ZONE_LOCK_ACQUISITIONS,
  NR_FREE_PAGES,
  ZONE_CLASS,
} from '../machine/counters.ts'
import { MAX_PAGE_ORDER, ZONE } from '../machine/globals.ts'
import {
  FREE_AREA_NR_FREE,
  FREE_AREA_WORDS,
  HPAGE_PMD_ORDER,
  MAX_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  NR_PCP_LISTS,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LISTS,
  PCP_THP_PINDEX,
  PG_KEEP_AT_FREE,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_MOVABLE,
  PG_TYPE_BUDDY,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
  ZONE_END_PFN,
  ZONE_FREE_AREA,
  ZONE_FREE_PAGES,
  ZONE_LOCK,
  ZONE_START_PFN,
} from '../machine/layout.ts'
import { listAdd, listAddTail, listDel, listEmpty, listFirst, listLast } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { nthPage, pageToPfn } from '../machine/page.ts'
import { bugOn, spinLock, spinUnlock } from '../sync/live.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

function freeArea(order: number): number {
  return ZONE + ZONE_FREE_AREA + order * FREE_AREA_WORDS
}

/** set_buddy_order: the page is the first of a free block. */
function setBuddyOrder(page: number, order: number): void {
  const keep = load(page + PAGE_FLAGS) & PG_KEEP_AT_FREE
  store(page + PAGE_FLAGS, keep | PG_TYPE_BUDDY | (order << PG_MEMCG_SHIFT))
}

function addToFreeList(page: number, order: number, migratetype: number, tail: boolean): void {
  const list = freeArea(order) + migratetype * 2
  if (tail) listAddTail(page + PAGE_LRU, list)
  else listAdd(page + PAGE_LRU, list)
  const nrFree = freeArea(order) + FREE_AREA_NR_FREE
  store(nrFree, load(nrFree) + 1)
}

/** del_page_from_free_list: the page is an ordinary page inside a block, or allocated, from here on. */
function delPageFromFreeList(page: number, order: number): void {
  listDel(page + PAGE_LRU)
  store(page + PAGE_FLAGS, load(page + PAGE_FLAGS) & PG_KEEP_AT_FREE)
  const nrFree = freeArea(order) + FREE_AREA_NR_FREE
  store(nrFree, load(nrFree) - 1)
}

/** find_buddy_page_pfn: is the buddy of this block free, with the same order, in this zone? 0 if not. */
function findBuddyPagePfn(page: number, pfn: number, order: number): number {
  const buddyPfn = pfn ^ (1 << order)
  if (buddyPfn < load(ZONE + ZONE_START_PFN) || buddyPfn >= load(ZONE + ZONE_END_PFN)) return 0
  // within a block the memmap is contiguous
  const buddy = page + Math.imul(buddyPfn - pfn, PAGE_WORDS)
  const flags = load(buddy + PAGE_FLAGS)
  if ((flags & PG_TYPE_MASK) !== PG_TYPE_BUDDY) return 0
  if (((flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK) !== order) return 0
  return buddy
}

/** buddy_merge_likely: the block above may become free soon, so this one goes to the tail. */
function buddyMergeLikely(page: number, pfn: number, order: number): boolean {
  if (order >= MAX_PAGE_ORDER - 1) return false
  const higherPfn = pfn & ~(1 << order)
  const higher = page + Math.imul(higherPfn - pfn, PAGE_WORDS)
  return findBuddyPagePfn(higher, higherPfn, order + 1) !== 0
}

/** __mod_zone_freepage_state, once for all pages that a lock hold moves. */
function modZoneFreePages(cpu: number, delta: number): void {
  store(ZONE + ZONE_FREE_PAGES, load(ZONE + ZONE_FREE_PAGES) + delta)
  modNodePageState(cpu, NR_FREE_PAGES, delta)
}

/** __free_one_page; the caller holds zone->lock. */
function freeOnePageLocked(cpu: number, freed: number, order: number, migratetype: number): void {
  let page = freed
  let pfn = pageToPfn(freed)
  let k = order
  bugOn((pfn & ((1 << order) - 1)) !== 0, BUG_BUDDY_ORDER)
  // a largest block has no buddy: what lies beside it may be another piece of the memmap, or nothing
  let buddy = k < MAX_PAGE_ORDER ? findBuddyPagePfn(page, pfn, k) : 0
  while (buddy !== 0) {
    delPageFromFreeList(buddy, k)
    if (buddy < page) {
      store(page + PAGE_FLAGS, load(page + PAGE_FLAGS) & PG_KEEP_AT_FREE)
      page = buddy
      pfn = pfn & ~(1 << k)
    }
    k++
    buddy = k < MAX_PAGE_ORDER ? findBuddyPagePfn(page, pfn, k) : 0
  }
  if (k !== order) countEvents(cpu, E_BUDDY_MERGES, k - order)
  setBuddyOrder(page, k)
  addToFreeList(page, k, migratetype, buddyMergeLikely(page, pfn, k))
}

/** free_one_page: one block under a zone lock hold of its own. */
export function freeOnePage(cpu: number, page: number, order: number, migratetype: number): void {
  spinLock(ZONE + ZONE_LOCK, ZONE_CLASS)
  countEvents(cpu, E_ZONE_LOCK_ACQUISITIONS, 1)
  if (order > MAX_PAGE_ORDER) freeContigRangeLocked(cpu, page, order, migratetype)
  else freeOnePageLocked(cpu, page, order, migratetype)
  modZoneFreePages(cpu, 1 << order)
  spinUnlock(ZONE + ZONE_LOCK, ZONE_CLASS)
}

/** free_contig_range: a folio larger than any block goes back in blocks (the kernel: page by page). */
function freeContigRangeLocked(cpu: number, folio: number, order: number, mt: number): void {
  const block = 1 << MAX_PAGE_ORDER
  for (let i = 0; i < 1 << order; i = i + block)
    freeOnePageLocked(cpu, nthPage(folio, i), MAX_PAGE_ORDER, mt)
}

/** pindex_to_order */
function pindexToOrder(pindex: number): number {
  return pindex === PCP_THP_PINDEX ? HPAGE_PMD_ORDER : (pindex / MIGRATE_PCPTYPES) | 0
}

/** The next list that is not empty, from the one after `pindex` on, round robin. */
function nextPcpList(cpu: number, pindex: number): number {
  let next = pindex
  for (let i = 0; i < NR_PCP_LISTS; i++) {
    next = next + 1 === NR_PCP_LISTS ? 0 : next + 1
    if (!listEmpty(cpu + PCP_LISTS + next * 2)) return next
  }
  return next
}

/**
 * free_pcppages_bulk: at least `wanted` pages (whole folios) from the CPU's lists, the list of `pindex` first, oldest
 * pages first, under one zone lock hold. The caller holds the pcp lock.
 */
export function freePcppagesBulk(cpu: number, wanted: number, pindex: number): void {
  const had = load(cpu + PCP_COUNT)
  let count = Math.min(had, wanted)
  let at = pindex - 1
  spinLock(ZONE + ZONE_LOCK, ZONE_CLASS)
  countEvents(cpu, E_ZONE_LOCK_ACQUISITIONS, 1)
  countEvents(cpu, E_PCP_BULK_FREES, 1)
  while (count > 0) {
    at = nextPcpList(cpu, at)
    const list = cpu + PCP_LISTS + at * 2
    const order = pindexToOrder(at)
    while (count > 0 && !listEmpty(list)) {
      const node = listLast(list)
      const page = node - PAGE_LRU
      const migratetype =
        (load(page + PAGE_FLAGS) & PG_MOVABLE) !== 0 ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE
      listDel(node)
      count = count - (1 << order)
      store(cpu + PCP_COUNT, load(cpu + PCP_COUNT) - (1 << order))
      freeOnePageLocked(cpu, page, order, migratetype)
    }
  }
  modZoneFreePages(cpu, had - load(cpu + PCP_COUNT))
  spinUnlock(ZONE + ZONE_LOCK, ZONE_CLASS)
}

/** Takes the first block of a free list, split down to 2^order pages whose rest goes to the lists of `migratetype`. */
function takeBlock(list: number, blockOrder: number, order: number, migratetype: number): number {
  const page = listFirst(list) - PAGE_LRU
  delPageFromFreeList(page, blockOrder)
  expand(page, order, blockOrder, migratetype)
  return page
}

/** The smallest free block of any migrate type, unmovable first; 0 if there is none. */
function takeSmallestBlock(order: number): number {
  for (let k = order; k <= MAX_ORDER; k++) {
    for (let mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
      const list = freeArea(k) + mt * 2
      if (!listEmpty(list)) return takeBlock(list, k, order, mt)
    }
  }
  return 0
}

/** __rmqueue_smallest: the smallest free block of this migrate type; 0 if there is none. */
function rmqueueSmallest(order: number, migratetype: number): number {
  for (let k = order; k <= MAX_ORDER; k++) {
    const list = freeArea(k) + migratetype * 2
    if (!listEmpty(list)) return takeBlock(list, k, order, migratetype)
  }
  return 0
}

/** __rmqueue_fallback: the largest free block of another migrate type, whose rest changes its type. */
function rmqueueFallback(order: number, migratetype: number): number {
  for (let k = MAX_ORDER; k >= order; k--) {
    for (let mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
      const list = freeArea(k) + mt * 2
      if (!listEmpty(list)) return takeBlock(list, k, order, migratetype)
    }
  }
  return 0
}

/** __rmqueue; the caller holds zone->lock. The kernel's own pages take small blocks of user memory before they split. */
function rmqueueLocked(order: number, migratetype: number): number {
  if (migratetype === MIGRATE_UNMOVABLE) return takeSmallestBlock(order)
  const page = rmqueueSmallest(order, migratetype)
  return page !== 0 ? page : rmqueueFallback(order, migratetype)
}

/** expand: the upper halves of a block of order `high` that is split down to order `low` go back to the free lists. */
function expand(page: number, low: number, high: number, migratetype: number): void {
  for (let k = high - 1; k >= low; k--) {
    const half = page + (PAGE_WORDS << k)
    setBuddyOrder(half, k)
    addToFreeList(half, k, migratetype, false)
  }
}

/** rmqueue_bulk: up to `count` blocks of 2^order pages from the free areas to the tail of `list`; returns how many. */
export function rmqueueBulk(
  cpu: number,
  order: number,
  count: number,
  list: number,
  migratetype: number,
): number {
  const movable = migratetype === MIGRATE_MOVABLE ? PG_MOVABLE : 0
  let got = 0
  spinLock(ZONE + ZONE_LOCK, ZONE_CLASS)
  countEvents(cpu, E_ZONE_LOCK_ACQUISITIONS, 1)
  while (got < count) {
    const page = rmqueueLocked(order, migratetype)
    if (page === 0) break
    store(page + PAGE_FLAGS, movable | PG_TYPE_PCP)
    listAddTail(page + PAGE_LRU, list)
    got++
  }
  modZoneFreePages(cpu, -(got << order))
  spinUnlock(ZONE + ZONE_LOCK, ZONE_CLASS)
  return got
}

/** rmqueue_buddy: one block under a zone lock hold of its own; 0 if there is none. */
export function rmqueueBuddy(cpu: number, order: number, migratetype: number): number {
  spinLock(ZONE + ZONE_LOCK, ZONE_CLASS)
  countEvents(cpu, E_ZONE_LOCK_ACQUISITIONS, 1)
  const page = rmqueueLocked(order, migratetype)
  if (page !== 0) modZoneFreePages(cpu, -(1 << order))
  spinUnlock(ZONE + ZONE_LOCK, ZONE_CLASS)
  return page
}
