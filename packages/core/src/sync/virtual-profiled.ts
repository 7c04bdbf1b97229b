/**
 * The primitives of sync/virtual.ts for profiled text, whose calls a tracer may watch: what functions are entered and
 * left, who waits for which lock, who has it and from whom.
 *
 * Nothing here takes virtual time or changes a word, so that a run goes the same way with a tracer and without. A CPU that
 * waited tells at its first call after it, with the time at which it went on. Invariants: between two calls of a CPU, the
 * times that are told of it do not fall; nothing is told any more of times before the `settled` one.
 */

import { clockOf, nowCycles, self } from './virtual-clock.ts'
import { enter as profileEnter, leave as profileLeave } from './virtual-profile.ts'
import {
  heldSinceOf,
  holderOf,
  spinLock as takeLock,
  spinTrylock as tryLock,
  spinUnlock as releaseLock,
} from './virtual-spinlock.ts'
import { flushTlbMmRange as flushTlb } from './virtual-tlb.ts'

export {
  ahead,
  atomicAdd,
  atomicAddNegative,
  atomicAddReturnRelaxed,
  atomicDecAndTest,
  atomicFetchAddRelaxed,
  atomicIncAndTest,
  atomicIncNotZero,
  atomicSub,
  atomicSubAndTest,
  atomicSubReturnRelaxed,
  bugOn,
  chargeAccesses,
  clearBit,
  condResched,
  delayNs,
  doWork,
  needResched,
  postAllocHook,
  readOnce,
  result,
  setBit,
  slack,
  type Steps,
  testAndClearBit,
  testAndSetBit,
  turn,
  userAccess,
} from './virtual.ts'

/** What a tracer is told; times are cycles. */
export interface VirtualTracer {
  enter(cpu: number, at: number, name: string): void
  /** The innermost function ends. */
  leave(cpu: number, at: number): void
  /** The CPU begins to wait for a lock, which `holder` has. */
  contended(cpu: number, at: number, lock: number, lockClass: number, holder: number): void
  /** It has the lock; `flow`: number of the release after which a waiting CPU got it, 0: it did not wait. */
  acquired(cpu: number, at: number, lock: number, lockClass: number, flow: number): void
  /** It releases the lock; `flow`: number of this release, 0: nobody waits. */
  released(cpu: number, at: number, lock: number, lockClass: number, flow: number): void
  /** It begins to wait for CPUs that have interrupts off to flush their TLBs, or goes on. */
  flushing(cpu: number, at: number): void
  flushed(cpu: number, at: number): void
}

let tracer: VirtualTracer | null = null
/** By CPU: the lock that it waits for (0: none) and its class; 1: it waits for a flush. */
let waitsFor: Int32Array = new Int32Array(0)
let waitClass: Int32Array = new Int32Array(0)
let waitsForFlush: Uint8Array = new Uint8Array(0)
/** By lock: CPUs that wait; the number of its last release with waiters. */
let waiters: Map<number, number> = new Map()
let lastFlow: Map<number, number> = new Map()
let flows = 0

/** The next run is watched by `to`, or by nobody. */
export function bindVirtualTracer(to: VirtualTracer | null, cpus: number): void {
  tracer = to
  waitsFor = new Int32Array(cpus)
  waitClass = new Int32Array(cpus)
  waitsForFlush = new Uint8Array(cpus)
  waiters = new Map()
  lastFlow = new Map()
  flows = 0
}

/** Nothing will be told of times before this: the running CPU was the earliest when it was given the run. */
export function settledCycles(): number {
  return clockOf(self)
}

export function enter(name: string): void {
  profileEnter(name)
  if (tracer === null) return
  resume(tracer)
  tracer.enter(self, nowCycles(), name)
}

export function leave(): void {
  profileLeave()
  if (tracer === null) return
  resume(tracer)
  tracer.leave(self, nowCycles())
}

/** spin_lock and spin_lock_irqsave: true if the running CPU has to wait. */
export function spinLock(lock: number, lockClass: number): boolean {
  if (tracer === null) return takeLock(lock, lockClass)
  resume(tracer)
  const waits = takeLock(lock, lockClass)
  if (waits) {
    waitsFor[self] = lock
    waitClass[self] = lockClass
    waiters.set(lock, (waiters.get(lock) ?? 0) + 1)
    tracer.contended(self, nowCycles(), lock, lockClass, holderOf(lock))
  } else tracer.acquired(self, heldSinceOf(lock), lock, lockClass, 0)
  return waits
}

/** spin_trylock: true if the lock was taken. */
export function spinTrylock(lock: number, lockClass: number): boolean {
  if (tracer === null) return tryLock(lock, lockClass)
  resume(tracer)
  const taken = tryLock(lock, lockClass)
  if (taken) tracer.acquired(self, heldSinceOf(lock), lock, lockClass, 0)
  return taken
}

/** spin_unlock and spin_unlock_irqrestore. */
export function spinUnlock(lock: number, lockClass: number): void {
  if (tracer === null) {
    releaseLock(lock, lockClass)
    return
  }
  resume(tracer)
  const flow = (waiters.get(lock) ?? 0) > 0 ? ++flows : 0
  if (flow !== 0) lastFlow.set(lock, flow)
  tracer.released(self, nowCycles(), lock, lockClass, flow)
  releaseLock(lock, lockClass)
  const holder = holderOf(lock)
  if (holder !== self) granted(tracer, holder)
}

/** flush_tlb_mm_range: true if the running CPU has to wait for other CPUs. */
export function flushTlbMmRange(
  mm: number,
  start: number,
  end: number,
  freedTables: number,
): boolean {
  if (tracer !== null) resume(tracer)
  const waits = flushTlb(mm, start, end, freedTables)
  if (waits && tracer !== null) {
    waitsForFlush[self] = 1
    tracer.flushing(self, nowCycles())
  }
  return waits
}

/** What the running CPU waited for, if it did, it has now. */
function resume(to: VirtualTracer): void {
  if (waitsFor[self] !== 0) granted(to, self)
  if (waitsForFlush[self] === 0) return
  waitsForFlush[self] = 0
  to.flushed(self, clockOf(self))
}

/** A CPU that waited has its lock. */
function granted(to: VirtualTracer, cpu: number): void {
  const lock = waitsFor[cpu] as number
  waitsFor[cpu] = 0
  waiters.set(lock, (waiters.get(lock) as number) - 1)
  to.acquired(cpu, heldSinceOf(lock), lock, waitClass[cpu] as number, lastFlow.get(lock) ?? 0)
}
