/**
 * The slow paths of the spinlocks in live-spinlock.ts: waiting until a lock can be taken.
 *
 * A waiter spins, then sleeps between looks, so that a holder that shares its core can go on; it notices within one look
 * that the run is given up. This file keeps to the rules of the kernel text, for it is compiled with it; what needs a
 * clock or sleeps is in live-contention.ts.
 */

import {
  CPU_ID,
  CPU_MCS_NESTING,
  CPU_MCS_NODES,
  LINE_WORDS,
  MCS_LOCKED,
  MCS_NEXT,
} from '../machine/layout.ts'
import { CPU_BASE, CPU_STRIDE, LOCK_KIND } from '../machine/globals.ts'
import { load, store } from '../machine/memory.ts'
import { atomicLoad, atomicNotify, atomicStore, compareExchange, fetchOr } from './atomic-ops.ts'
import { beginWait, endWait, lookAndNap } from './live-contention.ts'
import { cpuSelf, spinLimit } from './live-cpu.ts'

const LOCK_TTAS = 0
const LOCK_TICKET = 1

/** Takes a lock that is not free (`ticket`: the one drawn, for a ticket lock) and notes how long that took. */
export function waitTimed(lock: number, lockClass: number, ticket: number): void {
  beginWait()
  let spins = 0
  if (LOCK_KIND === LOCK_TTAS) spins = ttasSlowpath(lock)
  else if (LOCK_KIND === LOCK_TICKET) spins = ticketSlowpath(lock, ticket)
  else spins = queuedSpinLockSlowpath(lock)
  endWait(lockClass, spins)
}

function ttasSlowpath(lock: number): number {
  let spins = 0
  let taken = false
  while (!taken) {
    let seen = atomicLoad(lock)
    while (seen !== 0) {
      spins++
      relax(lock, seen, spins)
      seen = atomicLoad(lock)
    }
    taken = compareExchange(lock, 0, 1) === 0
  }
  return spins
}

function ticketSlowpath(lock: number, ticket: number): number {
  let spins = 0
  let seen = atomicLoad(lock)
  while ((seen & 0xffff) !== ticket) {
    spins++
    relax(lock, seen, spins)
    seen = atomicLoad(lock)
  }
  return spins
}

/** queued_spin_lock_slowpath */
function queuedSpinLockSlowpath(lock: number): number {
  const self = cpuSelf()
  const nesting = load(self + CPU_MCS_NESTING)
  store(self + CPU_MCS_NESTING, nesting + 1)
  const node = self + CPU_MCS_NODES + nesting * LINE_WORDS
  const tail = (((load(self + CPU_ID) + 1) << 2) | nesting) << 16
  atomicStore(node + MCS_NEXT, 0)
  atomicStore(node + MCS_LOCKED, 0)
  // xchg_tail
  let old = atomicLoad(lock)
  let seen = compareExchange(lock, old, (old & 0xffff) | tail)
  while (seen !== old) {
    old = seen
    seen = compareExchange(lock, old, (old & 0xffff) | tail)
  }
  const previous = (old >> 16) & 0xffff
  let spins = 0
  if (previous !== 0) {
    const previousCpu = CPU_BASE + Math.imul((previous >> 2) - 1, CPU_STRIDE)
    atomicStore(previousCpu + CPU_MCS_NODES + (previous & 3) * LINE_WORDS + MCS_NEXT, node)
    while (atomicLoad(node + MCS_LOCKED) === 0) {
      spins++
      relax(node + MCS_LOCKED, 0, spins)
    }
  }
  spins = spins + headOfQueue(lock, tail, node)
  store(self + CPU_MCS_NESTING, nesting)
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

/** cpu_relax, and now and then a look whether the run is given up; after a while with a nap. */
function relax(address: number, seen: number, spins: number): void {
  const naps = spins - spinLimit()
  if (naps >= 0 || (spins & 63) === 0) lookAndNap(address, seen, naps)
}
