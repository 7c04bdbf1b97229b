/**
 * Spinlocks in virtual time, each kind with the hand-over that it has on hardware.
 *
 * ttas: unfair. A release makes every waiter read the word and try; the nearest to the releaser gets the line first, but
 *   whoever comes in between takes the lock. The reads and failing exchanges of the others hold the winner up.
 * ticket: first come, first served; the release is read by all waiters, one after the other, and the next owner is
 *   served after half of them on average (Boyd-Wickizer et al., "Non-scalable locks are dangerous", 2012).
 * qspinlock: first come, first served; each waiter watches a line of its own, so a hand-over is one transfer.
 *
 * The words of a lock are those of the live engine; what they do not tell is in arrays, by the number that a lock gets
 * when it is first tried. Virtual text (docs/wasm.md). Invariant: a lock with waiters is held, or (ttas) about to be tried.
 */

import { CPU_BASE, CPU_STRIDE, LOCK_KIND, NR_CPUS } from '../machine/globals.ts'
import { CPU_LOCKSTAT, LOCKSTAT_WORDS } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import type { ArraySource } from './array-source.ts'
import {
  ACCOUNT_WAIT,
  ACCOUNT_WORK,
  addToAccount,
  chargeTo,
  clockOf,
  type Cycles,
  nowCycles,
  self,
  wake,
} from './virtual-clock.ts'
import { NR_LOCKS_MAX, SERVE_WAITER, UNLOCK } from './virtual-costs.ts'
import { failLocks, failRelease } from './virtual-fail.ts'
import { irqRestore, irqSave, isIrqSave } from './virtual-interrupts.ts'
import { chargeAtomic, distanceOf, giveLine, lineOf, transferCycles } from './virtual-lines.ts'
import {
  addHold,
  addSpins,
  addWait,
  countAcquisition,
  countContention,
} from './virtual-lock-figures.ts'

const TTAS = 0
const TICKET = 1

/** By line: the number of a lock in it; 0: none was tried yet. */
let firstLock: Int32Array = new Int32Array(0)
/** By lock number: the next lock in the same line. */
let nextLock: Int32Array = new Int32Array(0)
/** The lock's word. */
let lockWord: Int32Array = new Int32Array(0)
let lockClasses: Int32Array = new Int32Array(0)
/** Number + 1 of the CPU that holds it, or held it last; 0: nobody yet. */
let holders: Int32Array = new Int32Array(0)
/** Since when it is held. */
let heldSince: Float64Array = new Float64Array(0)
/** Numbers + 1 of the CPUs that wait longest and shortest; 0: none. */
let firstWaiter: Int32Array = new Int32Array(0)
let lastWaiter: Int32Array = new Int32Array(0)
/** ttas: number + 1 of the waiter that is about to try; 0: none. */
let racers: Int32Array = new Int32Array(0)
/** Numbers given, 1 the first. */
let nrLocks = 0

/** By CPU: the lock that it waits for (0: none), since when, behind whom, and who held it then (number + 1). */
let waitingFor: Int32Array = new Int32Array(0)
let waitSince: Float64Array = new Float64Array(0)
let nextWaiter: Int32Array = new Int32Array(0)
let heldOnArrival: Int32Array = new Int32Array(0)
/** By waiting and by holding CPU: cycles waited. */
let waitedFor: Float64Array = new Float64Array(0)

/**
 * All locks free.
 * @param nrLines - lines of the machine: it has fewer locks.
 * @returns cycles that CPU w waited for locks that CPU h held when w came: at w * CPUs + h.
 */
export function bindVirtualSpinlocks(
  nrCpus: number,
  nrLines: number,
  arrays: ArraySource,
): Float64Array {
  nrLocks = 0
  firstLock = arrays.int32('firstLock', nrLines)
  nextLock = arrays.int32('nextLock', nrLines)
  lockWord = arrays.int32('lockWord', nrLines)
  lockClasses = arrays.int32('lockClasses', nrLines)
  holders = arrays.int32('holders', nrLines)
  heldSince = arrays.float64('heldSince', nrLines)
  firstWaiter = arrays.int32('firstWaiter', nrLines)
  lastWaiter = arrays.int32('lastWaiter', nrLines)
  racers = arrays.int32('racers', nrLines)
  waitingFor = arrays.int32('waitingFor', nrCpus)
  waitSince = arrays.float64('waitSince', nrCpus)
  nextWaiter = arrays.int32('nextWaiter', nrCpus)
  heldOnArrival = arrays.int32('heldOnArrival', nrCpus)
  waitedFor = arrays.float64('waitedFor', nrCpus * nrCpus)
  return waitedFor
}

/** spin_lock and spin_lock_irqsave: true if the running CPU has to wait. */
export function spinLock(lock: number, lockClass: number): boolean {
  if (isIrqSave(lockClass)) irqSave()
  chargeAtomic(lock)
  const state = stateOf(lock, lockClass)
  if (tryTake(lock)) {
    acquired(state, self, nowCycles())
    return false
  }
  const holder = holders[state] as number
  countContention(lockClass, holder !== self + 1)
  enqueue(state, self)
  waitingFor[self] = lock
  waitSince[self] = nowCycles()
  heldOnArrival[self] = holder
  return true
}

/** spin_trylock: true if the lock was taken. */
export function spinTrylock(lock: number, lockClass: number): boolean {
  chargeAtomic(lock)
  if (LOCK_KIND === TICKET && !isFreeTicket(lock)) return false
  if (!tryTake(lock)) return false
  acquired(stateOf(lock, lockClass), self, nowCycles())
  return true
}

/** spin_unlock and spin_unlock_irqrestore. */
export function spinUnlock(lock: number, lockClass: number): void {
  const state = stateOf(lock, lockClass)
  if (holders[state] !== self + 1) failRelease(lock, (holders[state] as number) - 1, self)
  addHold(lockClasses[state] as number, nowCycles() - (heldSince[state] as number))
  if (firstWaiter[state] === 0) {
    chargeTo(ACCOUNT_WORK, UNLOCK)
    free(lock)
  } else {
    chargeAtomic(lock)
    if (LOCK_KIND === TTAS) letRace(lock, state)
    else handOver(lock, state)
  }
  if (isIrqSave(lockClass)) irqRestore()
}

/** The number of a lock; it gets one when it is first tried. */
function stateOf(lock: number, lockClass: number): number {
  const known = numberOf(lock)
  return known !== 0 ? known : addLock(lock, lockClass)
}

/** The number of a lock; 0: it has none. */
function numberOf(lock: number): number {
  let at = firstLock[lineOf(lock)] as number
  while (at !== 0 && lockWord[at] !== lock) at = nextLock[at] as number
  return at
}

function addLock(lock: number, lockClass: number): number {
  const at = nrLocks + 1
  if (at >= NR_LOCKS_MAX) failLocks(lock)
  nrLocks = at
  const line = lineOf(lock)
  nextLock[at] = firstLock[line] as number
  firstLock[line] = at
  lockWord[at] = lock
  lockClasses[at] = lockClass
  return at
}

/** A waiter of a ttas lock tries when its time has come: false if somebody else has the lock, and it waits on. */
export function retryLock(cpu: number): boolean {
  const lock = waitingFor[cpu] as number
  const state = numberOf(lock)
  racers[state] = 0
  if (mem[lock] !== 0) {
    addSpins(lockClasses[state] as number, 1)
    return false
  }
  mem[lock] = 1
  dequeue(state, cpu)
  granted(state, cpu, clockOf(cpu))
  return true
}

/** The lock that a CPU waits for; 0: none. */
export function lockWaitedFor(cpu: number): number {
  return waitingFor[cpu] as number
}

/** Class of a lock that was ever tried. */
export function classOfLock(lock: number): number {
  const state = numberOf(lock)
  return state === 0 ? -1 : (lockClasses[state] as number)
}

/** The CPU that holds a lock, or held it last; -1: nobody ever. */
export function holderOf(lock: number): number {
  return (holders[numberOf(lock)] as number) - 1
}

/** Since when a lock that was ever tried is held, or was held last. */
export function heldSinceOf(lock: number): number {
  return heldSince[numberOf(lock)] as number
}

/** CPUs that wait for a ttas lock and may try it on their own clock. */
export function isRacing(cpu: number): boolean {
  return LOCK_KIND === TTAS && waitingFor[cpu] !== 0
}

/** The CPU becomes the last waiter. */
function enqueue(state: number, cpu: number): void {
  const last = lastWaiter[state] as number
  if (last === 0) firstWaiter[state] = cpu + 1
  else nextWaiter[last - 1] = cpu + 1
  nextWaiter[cpu] = 0
  lastWaiter[state] = cpu + 1
}

/** The CPU waits no longer. */
function dequeue(state: number, cpu: number): void {
  let before = 0
  let at = firstWaiter[state] as number
  while (at !== cpu + 1) {
    before = at
    at = nextWaiter[at - 1] as number
  }
  const after = nextWaiter[cpu] as number
  if (before === 0) firstWaiter[state] = after
  else nextWaiter[before - 1] = after
  if (after === 0) lastWaiter[state] = before
}

function countWaiters(state: number): number {
  let waiters = 0
  let at = firstWaiter[state] as number
  while (at !== 0) {
    waiters++
    at = nextWaiter[at - 1] as number
  }
  return waiters
}

function isFreeTicket(lock: number): boolean {
  const word = mem[lock] as number
  return ((word >> 16) & 0xffff) === (word & 0xffff)
}

/** Takes the lock, or (ticket) the next ticket: false if it is held. */
function tryTake(lock: number): boolean {
  const word = mem[lock] as number
  if (LOCK_KIND === TICKET) {
    mem[lock] = (word + 0x10000) | 0
    return ((word >> 16) & 0xffff) === (word & 0xffff)
  }
  if (word !== 0) return false
  mem[lock] = 1
  return true
}

function free(lock: number): void {
  if (LOCK_KIND !== TICKET) {
    mem[lock] = 0
    return
  }
  const word = mem[lock] as number
  mem[lock] = (word & 0xffff) === 0xffff ? word - 0xffff : word + 1
}

/** ticket and qspinlock: the longest waiter has the lock next. */
function handOver(lock: number, state: number): void {
  const next = (firstWaiter[state] as number) - 1
  dequeue(state, next)
  let served: Cycles = 0
  if (LOCK_KIND === TICKET) {
    const others: Cycles = countWaiters(state)
    served = Math.floor((others * SERVE_WAITER + 1) / 2)
    free(lock)
    addSpins(lockClasses[state] as number, others)
  }
  const soonest = nowCycles() + transferCycles(self, next) + served
  const at: Cycles = Math.max(soonest, clockOf(next))
  giveLine(lock, next)
  granted(state, next, at)
  wake(next, at)
}

/** ttas: the lock is free, and the nearest waiter tries it as soon as the line can be there. */
function letRace(lock: number, state: number): void {
  free(lock)
  if (racers[state] !== 0) return
  let nearest = (firstWaiter[state] as number) - 1
  let at = nextWaiter[nearest] as number
  let others: Cycles = 0
  while (at !== 0) {
    if (distanceOf(self, at - 1) < distanceOf(self, nearest)) nearest = at - 1
    others = others + 1
    at = nextWaiter[at - 1] as number
  }
  // every other waiter reads the word, half of them before the winner, and fails to exchange it
  const storm = Math.floor((others * SERVE_WAITER * 3 + 1) / 2)
  addSpins(lockClasses[state] as number, others)
  racers[state] = nearest + 1
  const soonest = nowCycles() + transferCycles(self, nearest) + storm
  wake(nearest, Math.max(soonest, clockOf(nearest)))
}

function granted(state: number, cpu: number, at: Cycles): void {
  const lockClass = lockClasses[state] as number
  const waited = at - (waitSince[cpu] as number)
  waitingFor[cpu] = 0
  addWait(lockClass, waited)
  addToAccount(cpu, ACCOUNT_WAIT + lockClass, waited)
  const pair = Math.imul(cpu, NR_CPUS) + (heldOnArrival[cpu] as number) - 1
  waitedFor[pair] = (waitedFor[pair] as number) + waited
  acquired(state, cpu, at)
}

function acquired(state: number, cpu: number, at: Cycles): void {
  const lockClass = lockClasses[state] as number
  const last = holders[state] as number
  countAcquisition(lockClass, last !== cpu + 1 && last !== 0)
  const stat = CPU_BASE + Math.imul(cpu, CPU_STRIDE) + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  mem[stat] = ((mem[stat] as number) + 1) | 0
  holders[state] = cpu + 1
  heldSince[state] = at
}
