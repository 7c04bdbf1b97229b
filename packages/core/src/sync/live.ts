/**
 * The primitives by which CPUs synchronise, for real threads: atomics, bits, marked accesses, rescheduling, TLB flushes.
 *
 * The names and the order of the arguments are the kernel's (include/linux/atomic.h); a primitive that could be asked
 * for its value but is only asked for a condition is named by the condition. Locks are in `live-spinlock.ts`, exported
 * here too: kernel text imports everything that synchronises from this module alone, which other engines replace.
 *
 * This file keeps to the rules of the kernel text, for it is compiled with it.
 *
 * Every atomic operation below is sequentially consistent, so `Relaxed` in a name states what the kernel asks for, not
 * what happens here.
 */

import { CONTROL, CTL_ABORT, PTE_PRESENT, PTE_WRITE } from '../machine/layout.ts'
import { NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { load } from '../machine/memory.ts'
import { walkPageTables } from '../machine/pgtable.ts'
import { atomicLoad, compareExchange, fetchAdd, fetchAnd, fetchOr, fetchSub } from './atomic-ops.ts'
import { abortRun, cpuSelf, reportBug } from './live-cpu.ts'
import { reschedDue } from './resched.ts'

export { delayNs } from './live-delay.ts'
export { spinLock, spinTrylock, spinUnlock } from './live-spinlock.ts'

/** atomic_add_negative: adds, true if the result is negative. */
export function atomicAddNegative(i: number, v: number): boolean {
  return ((fetchAdd(v, i) + i) | 0) < 0
}

/** atomic_sub_and_test: subtracts, true if the result is zero. */
export function atomicSubAndTest(i: number, v: number): boolean {
  return fetchSub(v, i) === i
}

/** atomic_dec_and_test */
export function atomicDecAndTest(v: number): boolean {
  return fetchSub(v, 1) === 1
}

/** atomic_inc_and_test: increments, true if the result is zero (a first mapping: _mapcount from -1). */
export function atomicIncAndTest(v: number): boolean {
  return fetchAdd(v, 1) === -1
}

/** atomic_sub_return_relaxed */
export function atomicSubReturnRelaxed(i: number, v: number): number {
  return (fetchSub(v, i) - i) | 0
}

/** atomic_add_return_relaxed */
export function atomicAddReturnRelaxed(i: number, v: number): number {
  return (fetchAdd(v, i) + i) | 0
}

/** atomic_fetch_add_relaxed */
export function atomicFetchAddRelaxed(i: number, v: number): number {
  return fetchAdd(v, i)
}

export function atomicAdd(i: number, v: number): void {
  fetchAdd(v, i)
}

export function atomicSub(i: number, v: number): void {
  fetchSub(v, i)
}

/** atomic_inc_not_zero: increments unless the word is zero; true if it was not. */
export function atomicIncNotZero(v: number): boolean {
  let old = atomicLoad(v)
  while (old !== 0) {
    const seen = compareExchange(v, old, (old + 1) | 0)
    if (seen === old) return true
    old = seen
  }
  return false
}

/** test_and_set_bit, for a mask of one bit: true if it was set. */
export function testAndSetBit(mask: number, v: number): boolean {
  return (fetchOr(v, mask) & mask) !== 0
}

/** test_and_clear_bit, for a mask of one bit: true if it was set. */
export function testAndClearBit(mask: number, v: number): boolean {
  return (fetchAnd(v, ~mask) & mask) !== 0
}

/** set_bit, for any mask. */
export function setBit(mask: number, v: number): void {
  fetchOr(v, mask)
}

/** clear_bit, for any mask. */
export function clearBit(mask: number, v: number): void {
  fetchAnd(v, ~mask)
}

/**
 * READ_ONCE / atomic_read: a relaxed load. An aligned 32-bit load is not torn, and a call here is not a loop that
 * waits (those use atomicLoad), so a plain load does it.
 */
export function readOnce(v: number): number {
  return load(v)
}

/** need_resched(): true now and then, where the scenario asks for it. */
export function needResched(): boolean {
  if (NEED_RESCHED_EVERY === 0 && NEED_RESCHED_MEAN === 0) return false
  return reschedDue(cpuSelf())
}

/** cond_resched(): the place where a CPU thread notices that the run is to be given up. */
export function condResched(): void {
  if (atomicLoad(CONTROL + CTL_ABORT) !== 0) abortRun()
}

/**
 * flush_tlb_mm_range(mm, start, end, freed_tables). Threads have no TLBs of their own to flush; the virtual engine
 * charges the IPIs. The text counts the flush.
 */
export function flushTlbMmRange(
  _mm: number,
  _start: number,
  _end: number,
  _freedTables: number,
): void {}

/**
 * A thread of the process accesses a page in user mode: false if that would fault. Threads have no TLBs, so the page tables
 * decide; the checker has one for each CPU.
 */
export function userAccess(mm: number, addr: number, write: number): boolean {
  const needed = write !== 0 ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT
  return (walkPageTables(mm, addr) & needed) === needed
}

/** VM_BUG_ON: stops the run with a BUG_* code (machine/bugs.ts). */
export function bugOn(condition: boolean, code: number): void {
  if (condition) reportBug(code)
}

/** `n` units of a kind of work (WORK_*) that memory accesses do not show: threads spend no time on it. */
export function doWork(_work: number, _n: number): void {}

/** post_alloc_hook: tells an engine that keeps books on pages that this CPU has 2^order new ones. Threads keep none. */
export function postAllocHook(_page: number, _order: number): void {}
