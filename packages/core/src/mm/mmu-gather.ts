/**
 * mm/mmu_gather.c: collects pages whose PTEs are gone, in batches, and frees them after the TLB flush.
 *
 * A gather has a local batch of MMU_GATHER_BUNDLE slots and page-sized batches that are allocated as they fill, at
 * most MAX_GATHER_BATCH_COUNT; batches survive a flush and are reused in order. What a slot holds, when rmaps are
 * removed and how slots are freed is the strategy's.
 *
 * Invariants: 0 <= nr < max in the active batch after every insertion that did not report "full" (nr = max only
 * between a failed tlb_next_batch and the flush that must follow); batches behind the active one are empty; at finish
 * every batch page allocated was freed and tlb_flush_pending is what it was.
 */

import { BUG_BATCH_OVERFLOW, BUG_GATHER_BEFORE_RANGE, BUG_NO_FRAME } from '../machine/bugs.ts'
import {
  E_BATCH_PAGES,
  E_COND_RESCHEDS,
  E_FREE_CHUNKS,
  E_GATHER_SLOTS,
  E_GATHERS,
} from '../machine/counters.ts'
import {
  BATCH_FRAME_WORDS,
  BATCH_PAGES_MAX,
  CPU_BATCH_FRAMES,
  CPU_LOCAL_BATCH,
  FREE_CHUNK,
  GATHER_PAGES_RESERVE,
  INIT_ON_FREE,
  MAX_GATHER_BATCH,
  MAX_GATHER_BATCH_COUNT,
  MMU_GATHER_BUNDLE,
  NR_BATCH_FRAMES,
  TABLE_FREE,
} from '../machine/globals.ts'
import {
  BATCH_MAX,
  BATCH_NEXT,
  BATCH_NR,
  BATCH_PAGE,
  BATCH_SLOTS,
  ENCODED_NR_PAGES_SHIFT,
  ENCODED_PAGE_BIT_NR_PAGES_NEXT,
  MM_TLB_FLUSH_PENDING,
  TLB_ACTIVE,
  TLB_BATCH_COUNT,
  TLB_DELAYED_RMAP,
  TLB_END,
  TLB_FREED_TABLES,
  TLB_FULLMM,
  TLB_MM,
  TLB_RANGE_LIMIT,
  TLB_VMA_PFN,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { atomicAdd, atomicSub, bugOn, condResched, readOnce } from '../sync/live.ts'
import { freePage } from './page-alloc.ts'
import { tlbTableFlush } from './page-table.ts'
import { getFreePage } from './rmqueue.ts'
import type { Strategy } from './strategy.ts'
import { tlbFlushMmuTlbonly, tlbResetRange } from './tlb.ts'
import { countEvents } from './vmstat.ts'

/** __tlb_gather_mmu */
function tlbGatherInit(cpu: number, mm: number, fullmm: number, strategy: Strategy): void {
  const local = cpu + CPU_LOCAL_BATCH
  store(cpu + TLB_MM, mm)
  store(cpu + TLB_FULLMM, fullmm)
  store(cpu + TLB_DELAYED_RMAP, 0)
  store(cpu + TLB_VMA_PFN, 0)
  store(cpu + TLB_BATCH_COUNT, 0)
  store(cpu + TLB_ACTIVE, local)
  store(cpu + TLB_RANGE_LIMIT, 0)
  store(local + BATCH_NEXT, 0)
  store(local + BATCH_NR, 0)
  store(local + BATCH_MAX, MMU_GATHER_BUNDLE)
  store(local + BATCH_PAGE, 0)
  strategy.plain.tlbDiscardRmaps(cpu)
  tlbResetRange(cpu)
  countEvents(cpu, E_GATHERS, 1)
  // inc_tlb_flush_pending
  atomicAdd(1, mm + MM_TLB_FLUSH_PENDING)
}

export function tlbGatherMmu(cpu: number, mm: number, strategy: Strategy): void {
  tlbGatherInit(cpu, mm, 0, strategy)
}

export function tlbGatherMmuFullmm(cpu: number, mm: number, strategy: Strategy): void {
  tlbGatherInit(cpu, mm, 1, strategy)
}

/** The content of batch page number `index` of this CPU, linked to the page it stands for (0: the reserve). */
function batchFrame(cpu: number, index: number, page: number): number {
  bugOn(index >= NR_BATCH_FRAMES, BUG_NO_FRAME)
  const batch = cpu + CPU_BATCH_FRAMES + Math.imul(index, BATCH_FRAME_WORDS)
  store(batch + BATCH_PAGE, page)
  store(batch + BATCH_NEXT, 0)
  store(batch + BATCH_NR, 0)
  store(batch + BATCH_MAX, MAX_GATHER_BATCH)
  return batch
}

/**
 * tlb_next_batch: the following batch, or a new one, becomes active. False: the gather is full. A gather that holds
 * delayed rmaps may finish the local batch and one page batch only (c47454823bd4).
 */
export function tlbNextBatch(cpu: number): boolean {
  const active = load(cpu + TLB_ACTIVE)
  if (load(cpu + TLB_DELAYED_RMAP) !== 0 && active !== cpu + CPU_LOCAL_BATCH) return false
  const next = load(active + BATCH_NEXT)
  if (next !== 0) {
    store(cpu + TLB_ACTIVE, next)
    store(cpu + TLB_RANGE_LIMIT, 0)
    return true
  }
  const count = load(cpu + TLB_BATCH_COUNT)
  if (count === MAX_GATHER_BATCH_COUNT || count === BATCH_PAGES_MAX) return false
  let page = 0
  if (GATHER_PAGES_RESERVE === 0) {
    page = getFreePage(cpu)
    if (page === 0) return false
  }
  const batch = batchFrame(cpu, count, page)
  countEvents(cpu, E_BATCH_PAGES, 1)
  store(cpu + TLB_BATCH_COUNT, count + 1)
  store(active + BATCH_NEXT, batch)
  store(cpu + TLB_ACTIVE, batch)
  store(cpu + TLB_RANGE_LIMIT, 0)
  return true
}

/** __tlb_remove_page_size: true if the gather is full and must be flushed before more is added. */
export function tlbRemovePageSize(cpu: number, page: number, strategy: Strategy): boolean {
  bugOn(load(cpu + TLB_END) === 0, BUG_GATHER_BEFORE_RANGE)
  if (!strategy.plain.tlbStorePage(cpu, page, 0)) return false
  const batch = load(cpu + TLB_ACTIVE)
  bugOn(load(batch + BATCH_NR) > load(batch + BATCH_MAX), BUG_BATCH_OVERFLOW)
  return !tlbNextBatch(cpu)
}

/** tlb_remove_page: gathers a page outside a table visit (page-table pages), flushing if that fills the gather. */
export function tlbRemovePage(cpu: number, page: number, strategy: Strategy): void {
  if (tlbRemovePageSize(cpu, page, strategy)) tlbFlushMmu(cpu, strategy)
}

/** How many of `left` slots are handed to the freeing function at once. */
function chunkOf(slots: number, left: number, strategy: Strategy): number {
  if (strategy.batchPtes === 0) return Math.min(FREE_CHUNK, left)
  if (INIT_ON_FREE !== 0) return chunkByPages(slots, left)
  const nr = Math.min(FREE_CHUNK, left)
  // a page is not parted from its number of pages
  return (load(slots + nr - 1) & ENCODED_PAGE_BIT_NR_PAGES_NEXT) !== 0 ? nr + 1 : nr
}

/** MAX_NR_FOLIOS_PER_FREE where freeing takes time for each page (init_on_free, poisoning): until so many pages are reached. */
function chunkByPages(slots: number, left: number): number {
  let nr = 0
  let pages = 0
  while (nr < left && pages < FREE_CHUNK) {
    if ((load(slots + nr) & ENCODED_PAGE_BIT_NR_PAGES_NEXT) !== 0) {
      nr++
      pages = pages + (load(slots + nr) >> ENCODED_NR_PAGES_SHIFT)
    } else pages++
    nr++
  }
  return nr
}

/** One batch of tlb_batch_pages_flush (v6.9: __tlb_batch_free_encoded_pages), in chunks. */
function tlbBatchFlush(cpu: number, batch: number, strategy: Strategy): void {
  let slots = batch + BATCH_SLOTS
  let left = load(batch + BATCH_NR)
  countEvents(cpu, E_GATHER_SLOTS, left)
  while (left > 0) {
    const nr = chunkOf(slots, left, strategy)
    countEvents(cpu, E_FREE_CHUNKS, 1)
    strategy.freeSlotsAndSwapCache(cpu, slots, nr)
    slots = slots + Math.imul(nr, strategy.slotWords)
    left = left - nr
    store(batch + BATCH_NR, left)
    countEvents(cpu, E_COND_RESCHEDS, 1)
    condResched()
  }
}

/** tlb_batch_pages_flush: local batch first, then the page batches in link order. */
function tlbBatchPagesFlush(cpu: number, strategy: Strategy): void {
  const local = cpu + CPU_LOCAL_BATCH
  let batch = local
  while (batch !== 0 && load(batch + BATCH_NR) !== 0) {
    tlbBatchFlush(cpu, batch, strategy)
    batch = load(batch + BATCH_NEXT)
  }
  store(cpu + TLB_ACTIVE, local)
  store(cpu + TLB_RANGE_LIMIT, 0)
  strategy.plain.tlbDiscardRmaps(cpu)
}

/** tlb_batch_list_free: the batch pages go back to the allocator. */
function tlbBatchListFree(cpu: number): void {
  const local = cpu + CPU_LOCAL_BATCH
  let batch = load(local + BATCH_NEXT)
  while (batch !== 0) {
    const next = load(batch + BATCH_NEXT)
    const page = load(batch + BATCH_PAGE)
    if (page !== 0) freePage(cpu, page)
    batch = next
  }
  store(local + BATCH_NEXT, 0)
}

/** tlb_flush_mmu: TLB first, then page tables, then pages. */
export function tlbFlushMmu(cpu: number, strategy: Strategy): void {
  tlbFlushMmuTlbonly(cpu)
  if (TABLE_FREE !== 0) tlbTableFlush(cpu)
  tlbBatchPagesFlush(cpu, strategy)
}

/** tlb_finish_mmu */
export function tlbFinishMmu(cpu: number, strategy: Strategy): void {
  const mm = load(cpu + TLB_MM)
  // mm_tlb_flush_nested: another gather on this mm may have unhooked what this one saw as none
  if (readOnce(mm + MM_TLB_FLUSH_PENDING) > 1) {
    store(cpu + TLB_FULLMM, 1)
    tlbResetRange(cpu)
    store(cpu + TLB_FREED_TABLES, 1)
  }
  tlbFlushMmu(cpu, strategy)
  tlbBatchListFree(cpu)
  atomicSub(1, mm + MM_TLB_FLUSH_PENDING)
}
