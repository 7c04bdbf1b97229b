/**
 * include/asm-generic/tlb.h: the TLB range of a gather and its flush without freeing.
 *
 * Invariants: TLB_END is 0 exactly while nothing was unhooked since the last reset (fullmm aside, whose range is the
 * whole space); a flush happens only if some cleared or freed bit is set.
 */

import {
  E_TLB_FLUSHES,
  E_TLB_FLUSHES_LOCAL,
  NR_TLB_LOCAL_FLUSH_ALL,
  NR_TLB_LOCAL_FLUSH_ONE,
} from '../machine/counters.ts'
import {
  CLEARED_PTES,
  CPU_TLB_STATE,
  TASK_SIZE,
  TLB_CLEARED,
  TLB_END,
  TLB_FREED_TABLES,
  TLB_FULLMM,
  TLB_MM,
  TLB_START,
  TLB_STATE_LAZY,
  TLB_STATE_LEFT,
  TLB_STATE_LOADED,
  TLB_VMA_PFN,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { flushTlbMmRange } from '../sync/live.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** tlb_single_page_flush_ceiling (x86): longer ranges flush everything. */
export const TLB_SINGLE_PAGE_FLUSH_CEILING = 33
/** More than any range has below it. */
export const TLB_FLUSH_ALL = 0x7fffffff

/** __tlb_reset_range */
export function tlbResetRange(cpu: number): void {
  if (load(cpu + TLB_FULLMM) !== 0) {
    store(cpu + TLB_START, TASK_SIZE)
    store(cpu + TLB_END, TASK_SIZE)
  } else {
    store(cpu + TLB_START, TASK_SIZE)
    store(cpu + TLB_END, 0)
  }
  store(cpu + TLB_FREED_TABLES, 0)
  store(cpu + TLB_CLEARED, 0)
}

/** __tlb_adjust_range */
export function tlbAdjustRange(cpu: number, addr: number, pages: number): void {
  if (addr < load(cpu + TLB_START)) store(cpu + TLB_START, addr)
  if (addr + pages > load(cpu + TLB_END)) store(cpu + TLB_END, addr + pages)
}

/** tlb_remove_tlb_entries: the range covers the PTEs of [start, end). */
export function tlbRemoveTlbEntries(cpu: number, start: number, end: number): void {
  tlbAdjustRange(cpu, start, end - start)
  store(cpu + TLB_CLEARED, load(cpu + TLB_CLEARED) | CLEARED_PTES)
}

/** enter_lazy_tlb: the exiting task needs its user mappings no more. */
export function enterLazyTlb(cpu: number): void {
  store(cpu + CPU_TLB_STATE, TLB_STATE_LAZY)
}

/** The CPU goes on with another mm. */
export function leaveLazyTlb(cpu: number): void {
  store(cpu + CPU_TLB_STATE, TLB_STATE_LOADED)
}

/** Counts a flush of `pages` pages, and its local part (flush_tlb_func): a lazy CPU leaves the mm at the first one. */
export function countTlbFlush(cpu: number, pages: number): void {
  countEvents(cpu, E_TLB_FLUSHES, 1)
  const state = load(cpu + CPU_TLB_STATE)
  if (state === TLB_STATE_LEFT) return
  countEvents(cpu, E_TLB_FLUSHES_LOCAL, 1)
  if (pages > TLB_SINGLE_PAGE_FLUSH_CEILING) countVmEvents(cpu, NR_TLB_LOCAL_FLUSH_ALL, 1)
  else countVmEvents(cpu, NR_TLB_LOCAL_FLUSH_ONE, pages)
  if (state === TLB_STATE_LAZY) store(cpu + CPU_TLB_STATE, TLB_STATE_LEFT)
}

/** tlb_flush (x86): full for fullmm and beyond the ceiling, else page by page. */
function tlbFlush(cpu: number): void {
  const start = load(cpu + TLB_START)
  const end = load(cpu + TLB_END)
  const full = load(cpu + TLB_FULLMM) !== 0 || end - start > TLB_SINGLE_PAGE_FLUSH_CEILING
  countTlbFlush(cpu, full ? TLB_FLUSH_ALL : end - start)
  const mm = load(cpu + TLB_MM)
  const freedTables = load(cpu + TLB_FREED_TABLES)
  // tlb->fullmm: the whole space, whatever the range has become
  if (load(cpu + TLB_FULLMM) !== 0) flushTlbMmRange(mm, 0, TASK_SIZE, freedTables)
  else flushTlbMmRange(mm, start, end, freedTables)
}

/** tlb_flush_mmu_tlbonly */
export function tlbFlushMmuTlbonly(cpu: number): void {
  if ((load(cpu + TLB_FREED_TABLES) | load(cpu + TLB_CLEARED)) === 0) return
  tlbFlush(cpu)
  tlbResetRange(cpu)
}

/** tlb_start_vma: nothing when the whole mm goes. */
export function tlbStartVma(cpu: number, pfnmap: boolean): void {
  if (load(cpu + TLB_FULLMM) !== 0) return
  store(cpu + TLB_VMA_PFN, pfnmap ? 1 : 0)
}

/**
 * tlb_end_vma: x86 merges the flushes of VMAs (MMU_GATHER_MERGE_VMAS), but PFN mappings are flushed before the VMA can
 * be unlinked (b67fbebd4cf9).
 */
export function tlbEndVma(cpu: number): void {
  if (load(cpu + TLB_FULLMM) !== 0) return
  if (load(cpu + TLB_VMA_PFN) !== 0) tlbFlushMmuTlbonly(cpu)
}
