/**
 * Spinlocks in virtual time, each kind with the hand-over that it has on hardware.
 *
 * ttas: unfair. A release makes every waiter read the word and try; the nearest to the releaser gets the line first, but
 *   whoever comes in between takes the lock. The reads and failing exchanges of the others hold the winner up.
 * ticket: first come, first served; the release is read by all waiters, one after the other, and the next owner is
 *   served after half of them on average (Boyd-Wickizer et al., "Non-scalable locks are dangerous", 2012).
 * qspinlock: first come, first served; each waiter watches a line of its own, so a hand-over is one transfer.
 *
 * The words of a lock are those of the live engine. Invariant: a lock with waiters is held, or (ttas) about to be tried.
 */

import { assert } from '../lib/assert.ts'
import { bucketOf, VALUE_MAX } from '../lib/log-linear.ts'
import { CPU_BASE, CPU_STRIDE, LOCK_KIND } from '../machine/globals.ts'
import { CPU_LOCKSTAT, HISTOGRAM_WORDS, LOCKSTAT_WORDS } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import {
  ACCOUNT_WAIT,
  ACCOUNT_WORK,
  addToAccount,
  chargeTo,
  clockOf,
  nowCycles,
  self,
  wake,
} from './virtual-clock.ts'
import { irqRestore, irqSave, isIrqSave } from './virtual-interrupts.ts'
import { chargeAtomic, distanceOf, giveLine, transferCycles } from './virtual-lines.ts'

const TTAS = 0
const TICKET = 1

export interface LockCosts {
  /** A releasing store without waiters. */
  readonly unlock: number
  /** Serving one waiter's read of the released word. */
  readonly serveWaiter: number
  readonly mhz: number
}

/** Statistics of one lock class, as /proc/lock_stat has them; times in cycles. */
export interface LockClassFigures {
  acquisitions: number
  /** Acquisitions of a lock that another CPU had last. */
  acqBounces: number
  contentions: number
  conBounces: number
  /** Looks at the word by waiters that found it taken, or lost the race for it. */
  spins: number
  waitMin: number
  waitMax: number
  waitTotal: number
  holdMin: number
  holdMax: number
  holdTotal: number
  /** By bucket of lib/log-linear.ts, of nanoseconds. */
  readonly waitHistogram: Float64Array
  readonly holdHistogram: Float64Array
}

/** A lock that was ever tried: what its word does not tell. */
interface Lock {
  readonly lockClass: number
  /** The CPU that holds it, or held it last; -1: nobody yet. */
  holder: number
  /** Since when it is held. */
  since: number
  /** CPUs that wait, in the order of their arrival. */
  readonly queue: number[]
  /** ttas: the waiter that is about to try; -1: none. */
  racer: number
}

let costs: LockCosts = { unlock: 0, serveWaiter: 0, mhz: 1000 }
let classes: LockClassFigures[] = []
/** By the address of the word; looked up, never walked. */
let locks: Map<number, Lock> = new Map()
/** By CPU: the lock it waits for (0: none), since when. */
let waitingFor: Int32Array = new Int32Array(0)
let waitSince: Float64Array = new Float64Array(0)
/** By waiting CPU and holding CPU: cycles waited. */
let waitedFor: Float64Array = new Float64Array(0)
let heldOnArrival: Int32Array = new Int32Array(0)
let cpus = 0

export interface SpinlockFigures {
  readonly classes: readonly LockClassFigures[]
  /** Cycles that CPU w waited for locks that CPU h held when w came: at w * cpus + h. */
  readonly waitedFor: Float64Array
}

/** All locks free, all figures 0. */
export function bindVirtualSpinlocks(
  nrCpus: number,
  nrClasses: number,
  lockCosts: LockCosts,
): SpinlockFigures {
  costs = lockCosts
  cpus = nrCpus
  classes = Array.from({ length: nrClasses }, newFigures)
  locks = new Map()
  waitingFor = new Int32Array(nrCpus)
  waitSince = new Float64Array(nrCpus)
  heldOnArrival = new Int32Array(nrCpus)
  waitedFor = new Float64Array(nrCpus * nrCpus)
  return { classes, waitedFor }
}

function newFigures(): LockClassFigures {
  return {
    acquisitions: 0,
    acqBounces: 0,
    contentions: 0,
    conBounces: 0,
    spins: 0,
    waitMin: 0,
    waitMax: 0,
    waitTotal: 0,
    holdMin: 0,
    holdMax: 0,
    holdTotal: 0,
    waitHistogram: new Float64Array(HISTOGRAM_WORDS),
    holdHistogram: new Float64Array(HISTOGRAM_WORDS),
  }
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
  const figures = classes[lockClass] as LockClassFigures
  figures.contentions++
  if (state.holder !== self) figures.conBounces++
  state.queue.push(self)
  waitingFor[self] = lock
  waitSince[self] = nowCycles()
  heldOnArrival[self] = state.holder
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
  released(state, lock)
  if (state.queue.length === 0) {
    chargeTo(ACCOUNT_WORK, costs.unlock)
    free(lock)
  } else {
    chargeAtomic(lock)
    if (LOCK_KIND === TTAS) letRace(lock, state)
    else handOver(lock, state)
  }
  if (isIrqSave(lockClass)) irqRestore()
}

function stateOf(lock: number, lockClass: number): Lock {
  const known = locks.get(lock)
  if (known !== undefined) return known
  const state = { lockClass, holder: -1, since: 0, queue: [], racer: -1 }
  locks.set(lock, state)
  return state
}

/** A waiter of a ttas lock tries when its time has come: false if somebody else has the lock, and it waits on. */
export function retryLock(cpu: number): boolean {
  const lock = waitingFor[cpu] as number
  const state = locks.get(lock) as Lock
  state.racer = -1
  if (mem[lock] !== 0) {
    ;(classes[state.lockClass] as LockClassFigures).spins++
    return false
  }
  mem[lock] = 1
  state.queue.splice(state.queue.indexOf(cpu), 1)
  granted(state, cpu, clockOf(cpu))
  return true
}

/** The lock that a CPU waits for; 0: none. */
export function lockWaitedFor(cpu: number): number {
  return waitingFor[cpu] as number
}

/** Class of a lock that was ever tried. */
export function classOfLock(lock: number): number {
  return locks.get(lock)?.lockClass ?? -1
}

/** The CPU that holds a lock, or held it last; -1: nobody ever. */
export function holderOf(lock: number): number {
  return locks.get(lock)?.holder ?? -1
}

/** Since when a lock that was ever tried is held, or was held last. */
export function heldSinceOf(lock: number): number {
  return locks.get(lock)?.since ?? 0
}

/** CPUs that wait for a ttas lock and may try it on their own clock. */
export function isRacing(cpu: number): boolean {
  return LOCK_KIND === TTAS && waitingFor[cpu] !== 0
}

function isFreeTicket(lock: number): boolean {
  const word = mem[lock] as number
  return word >>> 16 === (word & 0xffff)
}

/** Takes the lock, or (ticket) the next ticket: false if it is held. */
function tryTake(lock: number): boolean {
  const word = mem[lock] as number
  if (LOCK_KIND === TICKET) {
    mem[lock] = (word + 0x10000) | 0
    return word >>> 16 === (word & 0xffff)
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
function handOver(lock: number, state: Lock): void {
  const next = state.queue.shift() as number
  const others = state.queue.length
  const served = LOCK_KIND === TICKET ? Math.round((others * costs.serveWaiter) / 2) : 0
  if (LOCK_KIND === TICKET) {
    free(lock)
    ;(classes[state.lockClass] as LockClassFigures).spins += others
  }
  const at = Math.max(nowCycles() + transferCycles(self, next) + served, clockOf(next))
  giveLine(lock, next)
  granted(state, next, at)
  wake(next, at)
}

/** ttas: the lock is free, and the nearest waiter tries it as soon as the line can be there. */
function letRace(lock: number, state: Lock): void {
  free(lock)
  if (state.racer >= 0) return
  const [first, ...rest] = state.queue as [number, ...number[]]
  let nearest = first
  for (const cpu of rest) if (distanceOf(self, cpu) < distanceOf(self, nearest)) nearest = cpu
  // every other waiter reads the word, half of them before the winner, and fails to exchange it
  const storm = Math.round(rest.length * costs.serveWaiter * 1.5)
  ;(classes[state.lockClass] as LockClassFigures).spins += rest.length
  state.racer = nearest
  wake(nearest, Math.max(nowCycles() + transferCycles(self, nearest) + storm, clockOf(nearest)))
}

function granted(state: Lock, cpu: number, at: number): void {
  const figures = classes[state.lockClass] as LockClassFigures
  const waited = at - (waitSince[cpu] as number)
  waitingFor[cpu] = 0
  figures.waitTotal += waited
  if (figures.waitMax < waited) figures.waitMax = waited
  if (figures.waitMin === 0 || waited < figures.waitMin) figures.waitMin = waited
  count(figures.waitHistogram, waited)
  addToAccount(cpu, ACCOUNT_WAIT + state.lockClass, waited)
  const pair = cpu * cpus + (heldOnArrival[cpu] as number)
  waitedFor[pair] = (waitedFor[pair] as number) + waited
  acquired(state, cpu, at)
}

function acquired(state: Lock, cpu: number, at: number): void {
  const { lockClass } = state
  const figures = classes[lockClass] as LockClassFigures
  figures.acquisitions++
  const stat = CPU_BASE + cpu * CPU_STRIDE + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  mem[stat] = ((mem[stat] as number) + 1) | 0
  if (state.holder !== cpu && state.holder >= 0) figures.acqBounces++
  state.holder = cpu
  state.since = at
}

function released(state: Lock, lock: number): void {
  if (state.holder !== self) failRelease(state, lock)
  const figures = classes[state.lockClass] as LockClassFigures
  const held = nowCycles() - state.since
  figures.holdTotal += held
  if (figures.holdMax < held) figures.holdMax = held
  if (figures.holdMin === 0 || held < figures.holdMin) figures.holdMin = held
  count(figures.holdHistogram, held)
}

function failRelease({ holder }: Lock, lock: number): void {
  assert(false, 'a lock is released by a CPU that does not hold it', { lock, holder, cpu: self })
}

function count(histogram: Float64Array, cycles: number): void {
  const ns = Math.floor((cycles * 1000) / costs.mhz)
  const at = bucketOf(Math.min(ns, VALUE_MAX))
  histogram[at] = (histogram[at] as number) + 1
}
