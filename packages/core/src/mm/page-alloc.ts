/**
 * mm/page_alloc.c: freeing through the per-CPU lists. (Allocating: rmqueue.ts.)
 *
 * Orders 0 to 3 and 9 go to the CPU's lists under the pcp lock; when the count reaches `high`, pages go back to the
 * buddy allocator in bulk (when, and how many: pcp.ts). Other orders go to the buddy allocator at once (buddy.ts).
 *
 * Invariants: PCP_COUNT is the number of pages on the CPU's lists; a page is freed with no reference, no mapping and no
 * flag of PAGE_FLAGS_CHECK_AT_FREE, and is on no other list.
 */

import {
  BUG_FREED_FLAGS,
  BUG_FREED_IN_USE,
  BUG_FREED_MAPPED,
  BUG_FREED_QUEUED,
  BUG_TAIL_FREED,
} from '../machine/bugs.ts'
import { E_PCP_LOCK_ACQUISITIONS, PCP_CLASS, PGFREE } from '../machine/counters.ts'
import {
  GATHER_PAGES_RESERVE,
  INIT_ON_FREE,
  LARGE_MAPCOUNT,
  MAX_PAGE_ORDER,
  SWAP_CLUSTER_MAX,
} from '../machine/globals.ts'
import {
  FOLIO_DEFERRED_LIST,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_ORDER,
  HPAGE_PMD_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  PAGE_ALLOC_COSTLY_ORDER,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LISTS,
  PCP_LOCK,
  PCP_THP_PINDEX,
  PG_CHECK_AT_FREE,
  PG_KEEP_AT_FREE,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_MOVABLE,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
  PG_TYPE_RESERVED,
} from '../machine/layout.ts'
import { listAdd } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { nthPage } from '../machine/page.ts'
import { WORK_CLEAR_PAGE } from '../machine/work.ts'
import { bugOn, doWork, spinTrylock, spinUnlock } from '../sync/live.ts'
import { freeOnePage, freePcppagesBulk } from './buddy.ts'
import { memcgKmemUnchargePage } from './memcontrol.ts'
import { nrPcpFree, nrPcpHigh, pcpFreeHigh } from './pcp.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** pcp_allowed_order */
export function pcpAllowedOrder(order: number): boolean {
  if (order > MAX_PAGE_ORDER) return false
  return order <= PAGE_ALLOC_COSTLY_ORDER || order === HPAGE_PMD_ORDER
}

/** order_to_pindex */
export function orderToPindex(migratetype: number, order: number): number {
  if (order > PAGE_ALLOC_COSTLY_ORDER) return PCP_THP_PINDEX
  return MIGRATE_PCPTYPES * order + migratetype
}

/** get_pcppage_migratetype */
export function getPcppageMigratetype(page: number): number {
  return (load(page + PAGE_FLAGS) & PG_MOVABLE) !== 0 ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE
}

/** The checks of free_pages_prepare (free_page_is_bad) and the state of a free page, for one page. */
function freePagePrepare(page: number): void {
  const flags = load(page + PAGE_FLAGS)
  bugOn((flags & PG_TYPE_MASK) !== 0, BUG_FREED_IN_USE)
  bugOn((flags & PG_CHECK_AT_FREE) !== 0, BUG_FREED_FLAGS)
  bugOn(load(page + PAGE_MAPCOUNT) !== -1, BUG_FREED_MAPPED)
  store(page + PAGE_FLAGS, (flags & PG_KEEP_AT_FREE) | PG_TYPE_PCP)
}

/** free_pages_prepare for a large folio: its tail pages become pages of their own. */
function freeTailPagesPrepare(folio: number, order: number): void {
  bugOn((load(folio + FOLIO_ORDER) & 255) !== order, BUG_TAIL_FREED)
  bugOn(load(folio + FOLIO_NR_PAGES_MAPPED) !== 0, BUG_FREED_MAPPED)
  bugOn(load(folio + FOLIO_ENTIRE_MAPCOUNT) !== -1, BUG_FREED_MAPPED)
  if (LARGE_MAPCOUNT !== 0) bugOn(load(folio + FOLIO_LARGE_MAPCOUNT) !== -1, BUG_FREED_MAPPED)
  if (order >= 2)
    bugOn(load(folio + FOLIO_DEFERRED_LIST) !== folio + FOLIO_DEFERRED_LIST, BUG_FREED_QUEUED)
  store(folio + FOLIO_NR_PAGES_MAPPED, 0)
  store(folio + FOLIO_ENTIRE_MAPCOUNT, 0)
  store(folio + FOLIO_LARGE_MAPCOUNT, 0)
  if (order > MAX_PAGE_ORDER) {
    // __destroy_compound_gigantic_page
    for (let i = 1; i < 1 << order; i++) freeTailPagePrepare(folio, nthPage(folio, i))
    return
  }
  const end = folio + (PAGE_WORDS << order)
  for (let page = folio + PAGE_WORDS; page < end; page = page + PAGE_WORDS)
    freeTailPagePrepare(folio, page)
}

/** free_tail_page_prepare */
function freeTailPagePrepare(folio: number, page: number): void {
  bugOn(load(page + PAGE_MAPCOUNT) !== -1, BUG_FREED_MAPPED)
  bugOn(load(page + PAGE_COMPOUND_HEAD) !== folio, BUG_TAIL_FREED)
  store(page + PAGE_COMPOUND_HEAD, page)
  store(page + PAGE_FLAGS, PG_MOVABLE)
}

/** free_unref_page_prepare / free_pages_prepare */
export function freeUnrefPagePrepare(page: number, order: number): void {
  bugOn(load(page + PAGE_REFCOUNT) !== 0, BUG_FREED_IN_USE)
  bugOn(load(page + PAGE_COMPOUND_HEAD) !== page, BUG_TAIL_FREED)
  freePagePrepare(page)
  if (order !== 0) freeTailPagesPrepare(page, order)
  // want_init_on_free
  if (INIT_ON_FREE !== 0) doWork(WORK_CLEAR_PAGE, 1 << order)
}

/** free_unref_page_commit; the caller holds the pcp lock. */
export function freeUnrefPageCommit(
  cpu: number,
  page: number,
  migratetype: number,
  order: number,
): void {
  const pindex = orderToPindex(migratetype, order)
  listAdd(page + PAGE_LRU, cpu + PCP_LISTS + pindex * 2)
  const count = load(cpu + PCP_COUNT) + (1 << order)
  store(cpu + PCP_COUNT, count)
  const freeHigh = pcpFreeHigh(cpu, order)
  const high = nrPcpHigh(cpu, freeHigh)
  if (count >= high) freePcppagesBulk(cpu, nrPcpFree(cpu, high, freeHigh), pindex)
}

/**
 * free_unref_page_list (v6.5): order-0 pages linked by their lru, from the node `list` on (0 ends it). The pcp lock is
 * dropped and taken anew every SWAP_CLUSTER_MAX pages; a lock that is not free sends the page to the buddy allocator.
 */
export function freeUnrefPageList(cpu: number, list: number): void {
  let nr = 0
  for (let node = list; node !== 0; node = load(node)) {
    freeUnrefPagePrepare(node - PAGE_LRU, 0)
    nr++
  }
  countVmEvents(cpu, PGFREE, nr)
  let locked = false
  let batchCount = 0
  let node = list
  while (node !== 0) {
    const page = node - PAGE_LRU
    // the list is used up: no list_del of each
    node = load(node)
    const migratetype = getPcppageMigratetype(page)
    if (!locked || batchCount === SWAP_CLUSTER_MAX) {
      if (locked) spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
      batchCount = 0
      locked = spinTrylock(cpu + PCP_LOCK, PCP_CLASS)
      if (!locked) {
        freeOnePage(cpu, page, 0, migratetype)
        continue
      }
      countEvents(cpu, E_PCP_LOCK_ACQUISITIONS, 1)
    }
    freeUnrefPageCommit(cpu, page, migratetype, 0)
    batchCount++
  }
  if (locked) spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
}

/** free_unref_page, for the orders on pcp lists. `counted`: 1 if the pcp lock counts (not the kernel's own pages). */
function freeUnrefPage(cpu: number, page: number, order: number, counted: number): void {
  freeUnrefPagePrepare(page, order)
  countVmEvents(cpu, PGFREE, 1 << order)
  const migratetype = getPcppageMigratetype(page)
  if (spinTrylock(cpu + PCP_LOCK, PCP_CLASS)) {
    countEvents(cpu, E_PCP_LOCK_ACQUISITIONS, counted)
    freeUnrefPageCommit(cpu, page, migratetype, order)
    spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
    return
  }
  freeOnePage(cpu, page, order, migratetype)
}

/** __free_pages_ok: straight to the buddy allocator. */
function freePagesOk(cpu: number, page: number, order: number): void {
  freeUnrefPagePrepare(page, order)
  countVmEvents(cpu, PGFREE, 1 << order)
  freeOnePage(cpu, page, order, getPcppageMigratetype(page))
}

/** free_the_page */
export function freeThePage(cpu: number, page: number, order: number): void {
  if (pcpAllowedOrder(order)) freeUnrefPage(cpu, page, order, 1)
  else freePagesOk(cpu, page, order)
}

/**
 * __free_page for the kernel's own pages (batch pages, page tables): not part of the report's counters. With a reserve
 * they go back there.
 */
export function freePage(cpu: number, page: number): void {
  store(page + PAGE_REFCOUNT, 0)
  // free_pages_prepare: PageMemcgKmem
  const flags = load(page + PAGE_FLAGS)
  const memcg = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
  if (memcg !== 0) {
    memcgKmemUnchargePage(cpu, memcg)
    store(page + PAGE_FLAGS, flags & ~(PG_MEMCG_MASK << PG_MEMCG_SHIFT))
  }
  if (GATHER_PAGES_RESERVE !== 0) {
    store(page + PAGE_FLAGS, PG_TYPE_RESERVED)
    return
  }
  freeUnrefPage(cpu, page, 0, 0)
}
