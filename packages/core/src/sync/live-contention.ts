/**
 * The slow paths of the spinlocks in live-spinlock.ts: waiting for a lock, and timing waits and holds.
 *
 * Wait time is measured only here, on the contended path, hold time for the acquisitions that the caller picks. A waiter
 * spins, then sleeps between looks, so that a holder that shares its core can go on; it notices within one look that the
 * run is given up. Compiled kernel text calls these functions as they are.
 */

import { bucketOf, VALUE_MAX } from '../lib/log-linear.ts'
import {
  CONTROL,
  CPU_HELD_LOCK,
  CPU_HISTOGRAMS,
  CPU_ID,
  CPU_LOCKSTAT,
  CPU_MCS_NESTING,
  CPU_MCS_NODES,
  CTL_ABORT,
  HISTOGRAM_WORDS,
  LINE_WORDS,
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
  MCS_LOCKED,
  MCS_NEXT,
} from '../machine/layout.ts'
import { CPU_BASE, CPU_STRIDE, LOCK_KIND } from '../machine/globals.ts'
import { mem } from '../machine/memory.ts'
import {
  atomicLoad,
  atomicNotify,
  atomicStore,
  atomicWait,
  compareExchange,
  fetchOr,
} from './atomic-ops.ts'
import { abortRun, cpuSelf, nowNs, spinLimit } from './live-cpu.ts'

const LOCK_TTAS = 0
const LOCK_TICKET = 1

let heldSince = 0

/** Takes a lock that is not free (`ticket`: the one drawn, for a ticket lock) and notes how long that took. */
export function waitTimed(lock: number, lockClass: number, ticket: number): void {
  const start = nowNs()
  let spins: number
  if (LOCK_KIND === LOCK_TTAS) spins = ttasSlowpath(lock)
  else if (LOCK_KIND === LOCK_TICKET) spins = ticketSlowpath(lock, ticket)
  else spins = queuedSpinLockSlowpath(lock)
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const contended = ((mem[stat + LS_CONTENDED] as number) + 1) | 0
  mem[stat + LS_CONTENDED] = contended
  add64(stat + LS_SPINS, spins)
  const waited = clampNs(nowNs() - start)
  add64(stat + LS_WAIT_TOTAL, waited)
  minMax(stat + LS_WAIT_MIN, stat + LS_WAIT_MAX, waited, contended === 1)
  countBucket(lockClass * 2, waited)
}

function ttasSlowpath(lock: number): number {
  let spins = 0
  do {
    for (;;) {
      const seen = atomicLoad(lock)
      if (seen === 0) break
      spins++
      relax(lock, seen, spins)
    }
  } while (compareExchange(lock, 0, 1) !== 0)
  return spins
}

function ticketSlowpath(lock: number, ticket: number): number {
  let spins = 0
  for (;;) {
    const seen = atomicLoad(lock)
    if ((seen & 0xffff) === ticket) return spins
    spins++
    relax(lock, seen, spins)
  }
}

/** queued_spin_lock_slowpath */
function queuedSpinLockSlowpath(lock: number): number {
  const self = cpuSelf()
  const nesting = mem[self + CPU_MCS_NESTING] as number
  mem[self + CPU_MCS_NESTING] = nesting + 1
  const node = self + CPU_MCS_NODES + nesting * LINE_WORDS
  const tail = ((((mem[self + CPU_ID] as number) + 1) << 2) | nesting) << 16
  atomicStore(node + MCS_NEXT, 0)
  atomicStore(node + MCS_LOCKED, 0)
  let old = atomicLoad(lock)
  for (;;) {
    const seen = compareExchange(lock, old, (old & 0xffff) | tail)
    if (seen === old) break
    old = seen
  }
  let spins = 0
  if (old >>> 16 !== 0) {
    const previous = old >>> 16
    const previousCpu = CPU_BASE + ((previous >> 2) - 1) * CPU_STRIDE
    atomicStore(previousCpu + CPU_MCS_NODES + (previous & 3) * LINE_WORDS + MCS_NEXT, node)
    while (atomicLoad(node + MCS_LOCKED) === 0) {
      spins++
      relax(node + MCS_LOCKED, 0, spins)
    }
  }
  spins += headOfQueue(lock, tail, node)
  mem[self + CPU_MCS_NESTING] = nesting
  return spins
}

/** First in the queue: waits for the holder, takes the lock, passes the head on. */
function headOfQueue(lock: number, tail: number, node: number): number {
  let spins = 0
  let seen = atomicLoad(lock)
  while ((seen & 1) !== 0) {
    spins++
    relax(lock, seen, spins)
    seen = atomicLoad(lock)
  }
  // alone in the queue: the tail goes away with the taking
  if (seen === tail && compareExchange(lock, seen, 1) === seen) return spins
  fetchOr(lock, 1)
  let next = atomicLoad(node + MCS_NEXT)
  while (next === 0) {
    spins++
    relax(node + MCS_NEXT, 0, spins)
    next = atomicLoad(node + MCS_NEXT)
  }
  atomicStore(next + MCS_LOCKED, 1)
  atomicNotify(next + MCS_LOCKED)
  return spins
}

/**
 * cpu_relax, and after a while a nap, for the holder may share this core. Now and then, and before every nap, the waiter
 * looks whether the run is given up.
 */
function relax(address: number, seen: number, spins: number): void {
  const naps = spins - spinLimit()
  if (naps < 0 && (spins & 63) !== 0) return
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
