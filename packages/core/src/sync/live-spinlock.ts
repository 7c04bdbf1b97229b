/**
 * Spinlocks for real threads, of three kinds, with lock statistics.
 *
 * ttas: test-and-test-and-set; one word, 0 free, 1 held; unfair.
 * ticket: owner in the low half-word, next ticket in the high one; FIFO, every waiter watches one word.
 * qspinlock: MCS-like; bit 0 held, the tail of the queue ((cpu + 1) << 2 | nesting) in the high half-word; FIFO, each
 *   waiter watches a word of its own (kernel/locking/qspinlock.c without the pending bit).
 *
 * Statistics are per CPU and class: acquisitions always, wait time only on the contended path, hold time for one
 * acquisition in HOLD_SAMPLE. A waiter spins, then sleeps between looks, so that a holder that shares its core can go
 * on; it notices within one look that the run is given up.
 */

import { bucketOf, VALUE_MAX } from '../lib/log-linear.ts'
import {
  CONTROL,
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
  fetchAdd,
  fetchOr,
  fetchSub,
} from './atomic-ops.ts'
import { AbortError, cpuSelf, nowNs, spinLimit } from './live-cpu.ts'

export const LOCK_TTAS = 0
export const LOCK_TICKET = 1
/** @public The kind that is neither of the others. */
export const LOCK_QSPINLOCK = 2

/** One acquisition in so many is timed from lock to unlock (a power of two). */
const HOLD_SAMPLE = 256

let heldSince = 0
let heldLock = 0

/** spin_lock (and spin_lock_irqsave: there are no interrupts to keep off). */
export function spinLock(lock: number, lockClass: number): void {
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const n = ((mem[stat] as number) + 1) | 0
  mem[stat] = n
  if (LOCK_KIND === LOCK_TICKET) {
    const old = fetchAdd(lock, 0x10000)
    if (old >>> 16 !== (old & 0xffff)) waitTimed(lock, lockClass, old >>> 16)
  } else if (compareExchange(lock, 0, 1) !== 0) {
    waitTimed(lock, lockClass, 0)
  }
  if ((n & (HOLD_SAMPLE - 1)) === 0) holdBegin(lock)
}

/** spin_trylock: true if the lock was taken. */
export function spinTrylock(lock: number, lockClass: number): boolean {
  const old = LOCK_KIND === LOCK_TICKET ? atomicLoad(lock) : 0
  if (LOCK_KIND === LOCK_TICKET && old >>> 16 !== (old & 0xffff)) return false
  const taken = LOCK_KIND === LOCK_TICKET ? (old + 0x10000) | 0 : 1
  if (compareExchange(lock, old, taken) !== old) return false
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const n = ((mem[stat] as number) + 1) | 0
  mem[stat] = n
  if ((n & (HOLD_SAMPLE - 1)) === 0) holdBegin(lock)
  return true
}

/** spin_unlock */
export function spinUnlock(lock: number, lockClass: number): void {
  if (lock === heldLock) holdEnd(lockClass)
  if (LOCK_KIND === LOCK_TTAS) {
    atomicStore(lock, 0)
  } else if (LOCK_KIND === LOCK_TICKET) {
    // the owner half-word alone: a carry must not reach the next ticket
    if (((mem[lock] as number) & 0xffff) === 0xffff) fetchSub(lock, 0xffff)
    else fetchAdd(lock, 1)
  } else {
    fetchSub(lock, 1)
  }
}

function waitTimed(lock: number, lockClass: number, ticket: number): void {
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
  if (atomicLoad(CONTROL + CTL_ABORT) !== 0) throw new AbortError()
  if (naps < 0) return
  atomicWait(address, seen, naps < 32 ? 0.02 : naps < 64 ? 0.2 : naps < 96 ? 1 : 4)
}

function holdBegin(lock: number): void {
  if (heldLock !== 0) return
  heldLock = lock
  heldSince = nowNs()
}

function holdEnd(lockClass: number): void {
  const held = clampNs(nowNs() - heldSince)
  heldLock = 0
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const samples = ((mem[stat + LS_HOLD_SAMPLES] as number) + 1) | 0
  mem[stat + LS_HOLD_SAMPLES] = samples
  add64(stat + LS_HOLD_TOTAL, held)
  minMax(stat + LS_HOLD_MIN, stat + LS_HOLD_MAX, held, samples === 1)
  countBucket(lockClass * 2 + 1, held)
}

/** Forgets a hold that an aborted run left open. */
export function resetHoldSample(): void {
  heldLock = 0
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
