/**
 * What the spinlocks do that the kernel text cannot: reading the clock, statistics of times, sleeping.
 *
 * Wait time is measured only on the contended path, hold time for the acquisitions that live-spinlock.ts picks. Compiled
 * kernel text calls these functions as they are. Invariant: a CPU waits for one lock at a time, and times one hold at a
 * time, the one of the lock in CPU_HELD_LOCK.
 */

import { bucketOf, VALUE_MAX } from '../lib/log-linear.ts'
import {
  CONTROL,
  CPU_HELD_LOCK,
  CPU_HISTOGRAMS,
  CPU_LOCKSTAT,
  CTL_ABORT,
  HISTOGRAM_WORDS,
  LOCKSTAT_WORDS,
  LS_CONTENDED,
  LS_HOLD_MAX,
  LS_HOLD_MIN,
  LS_HOLD_SAMPLES,
  LS_HOLD_TOTAL,
  LS_SPINS,
  LS_WAIT_MAX,
  LS_WAIT_MIN,
  LS_WAIT_TOTAL,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { atomicLoad, atomicWait } from './atomic-ops.ts'
import { abortRun, cpuSelf, nowNs } from './live-cpu.ts'

let waitsSince = 0
let heldSince = 0

/** Begins to time a wait. */
export function beginWait(): void {
  waitsSince = nowNs()
}

/** The lock is taken after so many looks. */
export function endWait(lockClass: number, spins: number): void {
  const waited = clampNs(nowNs() - waitsSince)
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const contended = ((mem[stat + LS_CONTENDED] as number) + 1) | 0
  mem[stat + LS_CONTENDED] = contended
  add64(stat + LS_SPINS, spins)
  add64(stat + LS_WAIT_TOTAL, waited)
  minMax(stat + LS_WAIT_MIN, stat + LS_WAIT_MAX, waited, contended === 1)
  countBucket(lockClass * 2, waited)
}

/**
 * Leaves if the run is given up; sleeps until the word changes, or for a moment that grows with the number of naps (none
 * while it is negative).
 */
export function lookAndNap(address: number, seen: number, naps: number): void {
  if (atomicLoad(CONTROL + CTL_ABORT) !== 0) abortRun()
  if (naps < 0) return
  atomicWait(address, seen, naps < 32 ? 0.02 : naps < 64 ? 0.2 : naps < 96 ? 1 : 4)
}

/** Begins to time a hold, unless another one is being timed. */
export function holdBegin(lock: number): void {
  const self = cpuSelf()
  if ((mem[self + CPU_HELD_LOCK] as number) !== 0) return
  mem[self + CPU_HELD_LOCK] = lock
  heldSince = nowNs()
}

/** Ends the hold that is being timed. */
export function holdEnd(lockClass: number): void {
  const held = clampNs(nowNs() - heldSince)
  mem[cpuSelf() + CPU_HELD_LOCK] = 0
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const samples = ((mem[stat + LS_HOLD_SAMPLES] as number) + 1) | 0
  mem[stat + LS_HOLD_SAMPLES] = samples
  add64(stat + LS_HOLD_TOTAL, held)
  minMax(stat + LS_HOLD_MIN, stat + LS_HOLD_MAX, held, samples === 1)
  countBucket(lockClass * 2 + 1, held)
}

/** Forgets a hold that an aborted run left open. */
export function resetHoldSample(): void {
  mem[cpuSelf() + CPU_HELD_LOCK] = 0
}

function clampNs(ns: number): number {
  return ns < 0 ? 0 : ns > VALUE_MAX ? VALUE_MAX : Math.round(ns)
}

/** A 62-bit sum in two words of 31 bits. */
function add64(at: number, value: number): void {
  const low = (mem[at] as number) + value
  mem[at] = low % 0x80000000
  if (low >= 0x80000000) mem[at + 1] = (mem[at + 1] as number) + 1
}

function minMax(min: number, max: number, value: number, first: boolean): void {
  if (first || value < (mem[min] as number)) mem[min] = value
  if (first || value > (mem[max] as number)) mem[max] = value
}

function countBucket(histogram: number, value: number): void {
  const at = cpuSelf() + CPU_HISTOGRAMS + histogram * HISTOGRAM_WORDS + bucketOf(value)
  mem[at] = ((mem[at] as number) + 1) | 0
}
