/**
 * Spinlocks for real threads, of three kinds, with lock statistics: taking a free lock, and unlocking.
 *
 * ttas: test-and-test-and-set; one word, 0 free, 1 held; unfair.
 * ticket: owner in the low half-word, next ticket in the high one; FIFO, every waiter watches one word.
 * qspinlock: MCS-like; bit 0 held, the tail of the queue ((cpu + 1) << 2 | nesting) in the high half-word; FIFO, each
 *   waiter watches a word of its own (kernel/locking/qspinlock.c without the pending bit).
 *
 * This file keeps to the rules of the kernel text, for it is compiled with it; waiting is in live-spinlock-wait.ts,
 * timing in live-contention.ts. Statistics are per CPU and class: acquisitions always, hold time for one acquisition in
 * HOLD_SAMPLE.
 */

import { CPU_HELD_LOCK, CPU_LOCKSTAT, LOCKSTAT_WORDS } from '../machine/layout.ts'
import { LOCK_KIND } from '../machine/globals.ts'
import { load, store } from '../machine/memory.ts'
import { atomicLoad, atomicStore, compareExchange, fetchAdd, fetchSub } from './atomic-ops.ts'
import { holdBegin, holdEnd } from './live-contention.ts'
import { cpuSelf } from './live-cpu.ts'
import { waitTimed } from './live-spinlock-wait.ts'

const LOCK_TTAS = 0
const LOCK_TICKET = 1

/** One acquisition in so many is timed from lock to unlock (a power of two). */
const HOLD_SAMPLE = 256

/** spin_lock (and spin_lock_irqsave: there are no interrupts to keep off). */
export function spinLock(lock: number, lockClass: number): void {
  const n = countAcquisition(lockClass)
  if (LOCK_KIND === LOCK_TICKET) {
    const old = fetchAdd(lock, 0x10000)
    if (nextTicket(old) !== (old & 0xffff)) waitTimed(lock, lockClass, nextTicket(old))
  } else if (compareExchange(lock, 0, 1) !== 0) {
    waitTimed(lock, lockClass, 0)
  }
  if ((n & (HOLD_SAMPLE - 1)) === 0) holdBegin(lock)
}

/** spin_trylock: true if the lock was taken. */
export function spinTrylock(lock: number, lockClass: number): boolean {
  const old = LOCK_KIND === LOCK_TICKET ? atomicLoad(lock) : 0
  if (LOCK_KIND === LOCK_TICKET && nextTicket(old) !== (old & 0xffff)) return false
  const taken = LOCK_KIND === LOCK_TICKET ? (old + 0x10000) | 0 : 1
  if (compareExchange(lock, old, taken) !== old) return false
  const n = countAcquisition(lockClass)
  if ((n & (HOLD_SAMPLE - 1)) === 0) holdBegin(lock)
  return true
}

/** spin_unlock */
export function spinUnlock(lock: number, lockClass: number): void {
  if (lock === load(cpuSelf() + CPU_HELD_LOCK)) holdEnd(lockClass)
  if (LOCK_KIND === LOCK_TTAS) {
    atomicStore(lock, 0)
  } else if (LOCK_KIND === LOCK_TICKET) {
    // the owner half-word alone: a carry must not reach the next ticket
    if ((load(lock) & 0xffff) === 0xffff) fetchSub(lock, 0xffff)
    else fetchAdd(lock, 1)
  } else {
    fetchSub(lock, 1)
  }
}

/** The next ticket of a ticket lock, 16 bits. */
function nextTicket(word: number): number {
  return (word >> 16) & 0xffff
}

function countAcquisition(lockClass: number): number {
  const stat = cpuSelf() + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const n = (load(stat) + 1) | 0
  store(stat, n)
  return n
}
