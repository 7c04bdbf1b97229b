/**
 * kernel/fork.c: a child with a copy of its parent's address space, and the end of an address space.
 *
 * Each CPU has one child mm, which serves one fork after the other: a child runs and exits on its parent's CPU while the
 * parent waits, and does not fork itself. Invariant: between two forks the child mm has no users and no VMAs.
 */

import { E_FORKS } from '../machine/counters.ts'
import { MM_BASE, MM_STRIDE, NR_PROCESSES } from '../machine/globals.ts'
import {
  CPU_ID,
  MM_FLAGS,
  MM_MMAP,
  MM_USERS,
  TASK_SIZE,
  VM_LOCKED,
  VMA_END,
  VMA_FAULT,
  VMA_FLAGS,
  VMA_ID,
  VMA_MM,
  VMA_NEXT,
  VMA_START,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { WORK_SYSCALL } from '../machine/work.ts'
import { copyPageRange } from '../mm/copy-page-range.ts'
import { exitMmap, vmAreaAlloc, vmaLink } from '../mm/mmap.ts'
import type { Strategy } from '../mm/strategy.ts'
import { countTlbFlush, TLB_FLUSH_ALL } from '../mm/tlb.ts'
import { countEvents } from '../mm/vmstat.ts'
import { atomicDecAndTest, doWork, flushTlbMmRange } from '../sync/live.ts'

/** kernel_clone, copy_mm: returns the child's mm. */
export function kernelClone(cpu: number, mm: number): number {
  countEvents(cpu, E_FORKS, 1)
  doWork(WORK_SYSCALL, 1)
  const child = MM_BASE + Math.imul(NR_PROCESSES + load(cpu + CPU_ID), MM_STRIDE)
  // mm_init
  store(child + MM_USERS, 1)
  store(child + MM_FLAGS, 0)
  dupMmap(cpu, child, mm)
  return child
}

/** dup_mmap: every VMA with what it maps; the parent's write access went away, so its TLB entries must. */
function dupMmap(cpu: number, child: number, mm: number): void {
  let prev = 0
  for (let src = load(mm + MM_MMAP); src !== 0; src = load(src + VMA_NEXT)) {
    const vma = vmAreaDup(child, src)
    vmaLink(child, vma, prev, 0)
    copyPageRange(cpu, vma, src)
    prev = vma
  }
  // flush_tlb_mm
  countTlbFlush(cpu, TLB_FLUSH_ALL)
  flushTlbMmRange(mm, 0, TASK_SIZE, 0)
}

/** vm_area_dup: locked memory is not inherited. */
function vmAreaDup(child: number, src: number): number {
  const vma = vmAreaAlloc(child)
  store(vma + VMA_START, load(src + VMA_START))
  store(vma + VMA_END, load(src + VMA_END))
  store(vma + VMA_FLAGS, load(src + VMA_FLAGS) & ~VM_LOCKED)
  store(vma + VMA_MM, child)
  store(vma + VMA_ID, load(src + VMA_ID))
  store(vma + VMA_FAULT, load(src + VMA_FAULT))
  return vma
}

/** mmput, __mmput: the last user tears the address space down. */
export function mmput(cpu: number, mm: number, strategy: Strategy): void {
  if (atomicDecAndTest(mm + MM_USERS)) exitMmap(cpu, mm, strategy)
}
