/**
 * mm/mmap.c: mmap, munmap and exit_mmap.
 *
 * mmap_lock is not modelled: one CPU works on an mm. VMAs that touch are not merged. The VMAs of an mm are a list in address order.
 * Invariant: afterwards the VMA list holds exactly what lies outside the unmapped range.
 */

import { BUG_VMA_OVERLAP, BUG_VMA_POOL } from '../machine/bugs.ts'
import { E_COND_RESCHEDS } from '../machine/counters.ts'
import {
  MM_FLAGS,
  MM_MAP_COUNT,
  MM_MMAP,
  MM_VMA_POOL,
  MMF_OOM_SKIP,
  TASK_SIZE,
  VM_ANON,
  VMA_END,
  VMA_FAULT,
  VMA_FLAGS,
  VMA_ID,
  VMA_MM,
  VMA_NEXT,
  VMA_PREV,
  VMA_START,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { bugOn, condResched, setBit } from '../sync/live.ts'
import { freePgtables } from './free-pgtables.ts'
import { unmapVmas } from './memory.ts'
import { tlbFinishMmu, tlbGatherMmu, tlbGatherMmuFullmm } from './mmu-gather.ts'
import type { Strategy } from './strategy.ts'
import { lruAddDrain } from './folio-batch.ts'
import { enterLazyTlb, leaveLazyTlb } from './tlb.ts'
import { countEvents } from './vmstat.ts'

/** exit_mmap: the whole address space goes. */
export function exitMmap(cpu: number, mm: number, strategy: Strategy): void {
  const vma = load(mm + MM_MMAP)
  if (vma === 0) return
  enterLazyTlb(cpu)
  if (strategy.lruAddDrain !== 0) lruAddDrain(cpu)
  tlbGatherMmuFullmm(cpu, mm, strategy)
  unmapVmas(cpu, vma, 0, TASK_SIZE, strategy)
  setBit(MMF_OOM_SKIP, mm + MM_FLAGS)
  freePgtables(cpu, vma, TASK_SIZE, 0, TASK_SIZE, strategy)
  tlbFinishMmu(cpu, strategy)
  leaveLazyTlb(cpu)
  // remove_vma of each
  let v = vma
  while (v !== 0) {
    const next = load(v + VMA_NEXT)
    removeVma(mm, v)
    countEvents(cpu, E_COND_RESCHEDS, 1)
    condResched()
    v = next
  }
}

/** do_vmi_align_munmap: splits at the ends, unmaps, forgets the VMAs in between. */
export function doMunmap(
  cpu: number,
  mm: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  let vma = findVmaIntersection(mm, start, end)
  if (vma === 0) return
  if (load(vma + VMA_START) < start) {
    splitVma(mm, vma, start)
    vma = load(vma + VMA_NEXT)
  }
  const last = findLast(vma, end)
  if (load(last + VMA_END) > end) splitVma(mm, last, end)
  unmapRegion(cpu, mm, vma, start, end, strategy)
  let v = vma
  while (v !== 0 && load(v + VMA_START) < end) {
    const next = load(v + VMA_NEXT)
    removeVma(mm, v)
    v = next
  }
}

/** find_vma: the VMA that holds `addr`, or 0. */
export function findVma(mm: number, addr: number): number {
  return findVmaIntersection(mm, addr, addr + 1)
}

/** mmap_region: a private anonymous VMA over [start, end), which is free. `fault`: VMA_FAULT. */
export function mmapRegion(
  mm: number,
  start: number,
  end: number,
  fault: number,
  id: number,
): void {
  let prev = 0
  let next = load(mm + MM_MMAP)
  while (next !== 0 && load(next + VMA_START) < end) {
    bugOn(load(next + VMA_END) > start, BUG_VMA_OVERLAP)
    prev = next
    next = load(next + VMA_NEXT)
  }
  const vma = vmAreaAlloc(mm)
  store(vma + VMA_START, start)
  store(vma + VMA_END, end)
  store(vma + VMA_FLAGS, VM_ANON)
  store(vma + VMA_MM, mm)
  store(vma + VMA_ID, id)
  store(vma + VMA_FAULT, fault)
  vmaLink(mm, vma, prev, next)
}

/** vm_area_alloc: a spare VMA of the mm. */
export function vmAreaAlloc(mm: number): number {
  const spare = load(mm + MM_VMA_POOL)
  bugOn(spare === 0, BUG_VMA_POOL)
  store(mm + MM_VMA_POOL, load(spare + VMA_NEXT))
  return spare
}

/** vma_link: into the list, between `prev` and `next` (0: none). */
export function vmaLink(mm: number, vma: number, prev: number, next: number): void {
  store(vma + VMA_PREV, prev)
  store(vma + VMA_NEXT, next)
  if (prev !== 0) store(prev + VMA_NEXT, vma)
  else store(mm + MM_MMAP, vma)
  if (next !== 0) store(next + VMA_PREV, vma)
  store(mm + MM_MAP_COUNT, load(mm + MM_MAP_COUNT) + 1)
}

/** unmap_region */
function unmapRegion(
  cpu: number,
  mm: number,
  vma: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  const prev = load(vma + VMA_PREV)
  const next = load(findLast(vma, end) + VMA_NEXT)
  const floor = prev !== 0 ? load(prev + VMA_END) : 0
  const ceiling = next !== 0 ? load(next + VMA_START) : TASK_SIZE
  if (strategy.lruAddDrain !== 0) lruAddDrain(cpu)
  tlbGatherMmu(cpu, mm, strategy)
  unmapVmas(cpu, vma, start, end, strategy)
  freePgtables(cpu, vma, end, floor, ceiling, strategy)
  tlbFinishMmu(cpu, strategy)
}

/** The first VMA that overlaps [start, end), or 0. */
function findVmaIntersection(mm: number, start: number, end: number): number {
  let vma = load(mm + MM_MMAP)
  while (vma !== 0 && load(vma + VMA_END) <= start) vma = load(vma + VMA_NEXT)
  if (vma === 0 || load(vma + VMA_START) >= end) return 0
  return vma
}

/** The last VMA from `vma` on that starts below `end`. */
function findLast(vma: number, end: number): number {
  let last = vma
  let next = load(vma + VMA_NEXT)
  while (next !== 0 && load(next + VMA_START) < end) {
    last = next
    next = load(next + VMA_NEXT)
  }
  return last
}

/** __split_vma: a spare VMA takes what lies from `addr` on. */
function splitVma(mm: number, vma: number, addr: number): void {
  const spare = vmAreaAlloc(mm)
  store(spare + VMA_START, addr)
  store(spare + VMA_END, load(vma + VMA_END))
  store(spare + VMA_FLAGS, load(vma + VMA_FLAGS))
  store(spare + VMA_MM, mm)
  store(spare + VMA_ID, load(vma + VMA_ID))
  store(spare + VMA_FAULT, load(vma + VMA_FAULT))
  vmaLink(mm, spare, vma, load(vma + VMA_NEXT))
  store(vma + VMA_END, addr)
}

/** remove_vma: off the list, back to the pool. */
function removeVma(mm: number, vma: number): void {
  const prev = load(vma + VMA_PREV)
  const next = load(vma + VMA_NEXT)
  if (prev !== 0) store(prev + VMA_NEXT, next)
  else store(mm + MM_MMAP, next)
  if (next !== 0) store(next + VMA_PREV, prev)
  store(vma + VMA_NEXT, load(mm + MM_VMA_POOL))
  store(mm + MM_VMA_POOL, vma)
  store(mm + MM_MAP_COUNT, load(mm + MM_MAP_COUNT) - 1)
}
