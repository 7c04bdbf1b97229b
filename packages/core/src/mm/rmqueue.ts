/**
 * mm/page_alloc.c: allocating through the per-CPU lists, and what a new page looks like.
 *
 * Orders 0 to 3 and 9 come from the CPU's lists, which are refilled from the free areas in bulk; other orders, and all
 * where the pcp lock is taken, come from the free areas at once. Watermarks are not modelled: an allocation fails only
 * where the zone has no block that is large enough.
 *
 * Invariants: a page that is handed out has one reference and is on no list; its migrate type is that of the request.
 */

import { BUG_ALLOCATED_STATE } from '../machine/bugs.ts'
import { E_PCP_LOCK_ACQUISITIONS, PCP_CLASS, PGALLOC } from '../machine/counters.ts'
import {
  FOLIO_DEFERRED_LIST,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_UNMOVABLE,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LISTS,
  PCP_LOCK,
  PG_HEAD,
  PG_MOVABLE,
} from '../machine/layout.ts'
import { initListHead, listDel, listEmpty, listFirst } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { bugOn, postAllocHook, spinTrylock, spinUnlock } from '../sync/live.ts'
import { freePcppagesBulk, rmqueueBuddy, rmqueueBulk } from './buddy.ts'
import { orderToPindex, pcpAllowedOrder } from './page-alloc.ts'
import { nrPcpAlloc, pcpAllocated } from './pcp.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** __rmqueue_pcplist: the first block of the list, refilled if it is empty; the caller holds the pcp lock. */
function rmqueuePcplistLocked(cpu: number, order: number, migratetype: number): number {
  const list = cpu + PCP_LISTS + orderToPindex(migratetype, order) * 2
  if (listEmpty(list)) {
    const got = rmqueueBulk(cpu, order, nrPcpAlloc(cpu, order), list, migratetype)
    store(cpu + PCP_COUNT, load(cpu + PCP_COUNT) + (got << order))
    if (got === 0) return 0
  }
  const node = listFirst(list)
  listDel(node)
  store(cpu + PCP_COUNT, load(cpu + PCP_COUNT) - (1 << order))
  return node - PAGE_LRU
}

/** rmqueue_pcplist: 0 if the pcp lock is taken or there is nothing left. Each halves what the next bulk free takes. */
function rmqueuePcplist(cpu: number, order: number, migratetype: number, counted: number): number {
  if (!spinTrylock(cpu + PCP_LOCK, PCP_CLASS)) return 0
  countEvents(cpu, E_PCP_LOCK_ACQUISITIONS, counted)
  pcpAllocated(cpu)
  const page = rmqueuePcplistLocked(cpu, order, migratetype)
  if (page !== 0) countVmEvents(cpu, PGALLOC, 1 << order)
  spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
  return page
}

/** rmqueue: from a pcp list, else from the free areas. `counted`: 1 if the pcp lock counts (user memory). */
function rmqueue(cpu: number, order: number, migratetype: number, counted: number): number {
  if (pcpAllowedOrder(order)) {
    const cached = rmqueuePcplist(cpu, order, migratetype, counted)
    if (cached !== 0) return cached
  }
  const page = rmqueueBuddy(cpu, order, migratetype)
  if (page !== 0) countVmEvents(cpu, PGALLOC, 1 << order)
  return page
}

/** drain_local_pages, as direct reclaim does: what this CPU's lists hold may be what is missing. */
function drainLocalPages(cpu: number): void {
  if (load(cpu + PCP_COUNT) === 0 || !spinTrylock(cpu + PCP_LOCK, PCP_CLASS)) return
  freePcppagesBulk(cpu, load(cpu + PCP_COUNT), 0)
  spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
}

/** prep_new_page: one reference, no flags but the migrate type. */
function prepNewPage(page: number, order: number, flags: number): void {
  bugOn(load(page + PAGE_REFCOUNT) !== 0, BUG_ALLOCATED_STATE)
  bugOn(load(page + PAGE_MAPCOUNT) !== -1, BUG_ALLOCATED_STATE)
  store(page + PAGE_FLAGS, flags)
  store(page + PAGE_REFCOUNT, 1)
  postAllocHook(page, order)
}

/** prep_compound_page */
function prepCompoundPage(page: number, order: number): void {
  const end = page + (PAGE_WORDS << order)
  for (let tail = page + PAGE_WORDS; tail < end; tail = tail + PAGE_WORDS) {
    store(tail + PAGE_FLAGS, PG_MOVABLE)
    store(tail + PAGE_COMPOUND_HEAD, page)
  }
  store(page + FOLIO_ORDER, order)
  store(page + FOLIO_NR_PAGES_MAPPED, 0)
  store(page + FOLIO_ENTIRE_MAPCOUNT, -1)
  store(page + FOLIO_LARGE_MAPCOUNT, -1)
  if (order >= 2) initListHead(page + FOLIO_DEFERRED_LIST)
}

/** vma_alloc_folio: user memory of 2^order pages; 0 if the zone has no such block. */
export function folioAlloc(cpu: number, order: number): number {
  let page = rmqueue(cpu, order, MIGRATE_MOVABLE, 1)
  if (page === 0 && order === 0) {
    drainLocalPages(cpu)
    page = rmqueue(cpu, order, MIGRATE_MOVABLE, 1)
  }
  if (page === 0) return 0
  prepNewPage(page, order, order === 0 ? PG_MOVABLE : PG_MOVABLE | PG_HEAD)
  if (order !== 0) prepCompoundPage(page, order)
  return page
}

/** __get_free_page(GFP_KERNEL): an unmovable page; 0 if the zone is empty. */
export function allocKernelPage(cpu: number): number {
  let page = rmqueue(cpu, 0, MIGRATE_UNMOVABLE, 0)
  if (page === 0) {
    drainLocalPages(cpu)
    page = rmqueue(cpu, 0, MIGRATE_UNMOVABLE, 0)
  }
  if (page !== 0) prepNewPage(page, 0, 0)
  return page
}

/** __get_free_page(GFP_NOWAIT): an unmovable page from the pcp list, refilled from the zone; 0 if there is none. */
export function getFreePage(cpu: number): number {
  const page = rmqueuePcplist(cpu, 0, MIGRATE_UNMOVABLE, 0)
  if (page !== 0) prepNewPage(page, 0, 0)
  return page
}
