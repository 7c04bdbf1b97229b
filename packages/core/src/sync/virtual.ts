/**
 * The primitives by which CPUs synchronise, for virtual CPUs: the names and arguments of sync/live.ts.
 *
 * A primitive performs at once and charges the running CPU; the derived text asks before it whether another CPU is
 * earlier (`slack`, `ahead`), and suspends after one that returned true because the CPU has to wait. Virtual text
 * (docs/wasm.md). Invariant: the words that a primitive leaves are those that its namesake in live.ts leaves.
 */

import { CPU_BASE, CPU_STRIDE, NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { PTE_PRESENT, PTE_WRITE } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { walkPageTables } from '../machine/pgtable.ts'
import { reschedDue } from './resched.ts'
import { self } from './virtual-clock.ts'
import { failBug } from './virtual-fail.ts'
import { chargeAtomic, chargeMarkedLoad, needsNoOrder } from './virtual-lines.ts'

export { slack, turn } from './virtual-clock.ts'
export { chargeAccesses, postAllocHook } from './virtual-lines.ts'
export { enter, leave } from './virtual-profile.ts'
export { spinLock, spinTrylock, spinUnlock } from './virtual-spinlock.ts'
export { flushTlbMmRange } from './virtual-tlb.ts'
export { condResched, delayNs, doWork } from './virtual-work.ts'

/**
 * What a derived function is: it yields 0 where another CPU is earlier, 1 where it has to wait, and another function that
 * the engine is to run before it goes on here.
 */
export type Steps<T> = Generator<0 | 1 | Steps<number> | Steps<void>, T, undefined>

let lastResult = 0

/** What the function that the engine ran last has returned. */
export function result(): number {
  return lastResult
}

/** The engine tells what a function has returned. */
export function setResult(value: number | void): void {
  lastResult = value ?? 0
}

/** Asked when another CPU is earlier: does the order of the access at `address` (0: of no single word) matter to it? */
export function ahead(address: number): boolean {
  return !needsNoOrder(address)
}

function add(v: number, i: number): number {
  chargeAtomic(v)
  const sum = ((mem[v] as number) + i) | 0
  mem[v] = sum
  return sum
}

export function atomicAddNegative(i: number, v: number): boolean {
  return add(v, i) < 0
}

export function atomicSubAndTest(i: number, v: number): boolean {
  return add(v, -i) === 0
}

export function atomicDecAndTest(v: number): boolean {
  return add(v, -1) === 0
}

export function atomicIncAndTest(v: number): boolean {
  return add(v, 1) === 0
}

export function atomicSubReturnRelaxed(i: number, v: number): number {
  return add(v, -i)
}

export function atomicAddReturnRelaxed(i: number, v: number): number {
  return add(v, i)
}

export function atomicFetchAddRelaxed(i: number, v: number): number {
  return (add(v, i) - i) | 0
}

export function atomicAdd(i: number, v: number): void {
  add(v, i)
}

export function atomicSub(i: number, v: number): void {
  add(v, -i)
}

export function atomicIncNotZero(v: number): boolean {
  chargeAtomic(v)
  const old = mem[v] as number
  if (old === 0) return false
  mem[v] = (old + 1) | 0
  return true
}

export function testAndSetBit(mask: number, v: number): boolean {
  chargeAtomic(v)
  const old = mem[v] as number
  mem[v] = old | mask
  return (old & mask) !== 0
}

export function testAndClearBit(mask: number, v: number): boolean {
  chargeAtomic(v)
  const old = mem[v] as number
  mem[v] = old & ~mask
  return (old & mask) !== 0
}

export function setBit(mask: number, v: number): void {
  chargeAtomic(v)
  mem[v] = (mem[v] as number) | mask
}

export function clearBit(mask: number, v: number): void {
  chargeAtomic(v)
  mem[v] = (mem[v] as number) & ~mask
}

export function readOnce(v: number): number {
  chargeMarkedLoad(v)
  return mem[v] as number
}

export function userAccess(mm: number, addr: number, write: number): boolean {
  const needed = write !== 0 ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT
  return (walkPageTables(mm, addr) & needed) === needed
}

export function needResched(): boolean {
  if (NEED_RESCHED_EVERY === 0 && NEED_RESCHED_MEAN === 0) return false
  return reschedDue(CPU_BASE + Math.imul(self, CPU_STRIDE))
}

/** Stops the run with a BUG_* code. */
export function bugOn(condition: boolean, code: number): void {
  if (condition) failBug(CPU_BASE + Math.imul(self, CPU_STRIDE), code)
}
