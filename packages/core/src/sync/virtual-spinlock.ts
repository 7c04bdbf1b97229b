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

interface Waiters {
  /** CPUs in the order of their arrival. */
  readonly queue: number[]
  readonly lockClass: number
  /** ttas: the waiter that is about to try; -1: none. */
  racer: number
}

let costs: LockCosts = { unlock: 0, serveWaiter: 0, mhz: 1000 }
let classes: LockClassFigures[] = []
/** Locks that have had waiters. */
let waiters: Map<number, Waiters> = new Map()
/** Last CPU that held a lock that was ever taken, and since when. */
let holders: Map<number, Holder> = new Map()
/** By CPU: the lock it waits for (0: none), its class, since when. */
let waitingFor: Int32Array = new Int32Array(0)
let waitSince: Float64Array = new Float64Array(0)
/** By waiting CPU and holding CPU: cycles waited. */
let waitedFor: Float64Array = new Float64Array(0)
let heldOnArrival: Int32Array = new Int32Array(0)
let cpus = 0

interface Holder {
  cpu: number
  since: number
}

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
  waiters = new Map()
  holders = new Map()
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
  if (tryTake(lock)) {
    acquired(lock, lockClass, self, nowCycles())
    return false
  }
  const figures = classes[lockClass] as LockClassFigures
  const holder = holders.get(lock)
  figures.contentions++
  if (holder !== undefined && holder.cpu !== self) figures.conBounces++
  let queued = waiters.get(lock)
  if (queued === undefined) {
    queued = { queue: [], lockClass, racer: -1 }
    waiters.set(lock, queued)
  }
  queued.queue.push(self)
  waitingFor[self] = lock
  waitSince[self] = nowCycles()
  heldOnArrival[self] = holder?.cpu ?? self
  return true
}

/** spin_trylock: true if the lock was taken. */
export function spinTrylock(lock: number, lockClass: number): boolean {
  chargeAtomic(lock)
  if (LOCK_KIND === TICKET && !isFreeTicket(lock)) return false
  if (!tryTake(lock)) return false
  acquired(lock, lockClass, self, nowCycles())
  return true
}

/** spin_unlock and spin_unlock_irqrestore. */
export function spinUnlock(lock: number, lockClass: number): void {
  released(lock, lockClass)
  const queued = waiters.get(lock)
  if (queued === undefined || queued.queue.length === 0) {
    chargeTo(ACCOUNT_WORK, costs.unlock)
    free(lock)
  } else {
    chargeAtomic(lock)
    if (LOCK_KIND === TTAS) letRace(lock, queued)
    else handOver(lock, queued)
  }
  if (isIrqSave(lockClass)) irqRestore()
}

/** A waiter of a ttas lock tries when its time has come: false if somebody else has the lock, and it waits on. */
export function retryLock(cpu: number): boolean {
  const lock = waitingFor[cpu] as number
  const queued = waiters.get(lock) as Waiters
  queued.racer = -1
  if (mem[lock] !== 0) {
    ;(classes[queued.lockClass] as LockClassFigures).spins++
    return false
  }
  mem[lock] = 1
  queued.queue.splice(queued.queue.indexOf(cpu), 1)
  granted(lock, queued.lockClass, cpu, clockOf(cpu))
  return true
}

/** The lock that a CPU waits for; 0: none. */
export function lockWaitedFor(cpu: number): number {
  return waitingFor[cpu] as number
}

/** Class of a lock that has or had waiters. */
export function classOfLock(lock: number): number {
  return waiters.get(lock)?.lockClass ?? -1
}

/** The CPU that holds a lock, or held it last; -1: nobody ever. */
export function holderOf(lock: number): number {
  return holders.get(lock)?.cpu ?? -1
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
function handOver(lock: number, queued: Waiters): void {
  const next = queued.queue.shift() as number
  const others = queued.queue.length
  const served = LOCK_KIND === TICKET ? Math.round((others * costs.serveWaiter) / 2) : 0
  if (LOCK_KIND === TICKET) {
    free(lock)
    ;(classes[queued.lockClass] as LockClassFigures).spins += others
  }
  const at = Math.max(nowCycles() + transferCycles(self, next) + served, clockOf(next))
  giveLine(lock, next)
  granted(lock, queued.lockClass, next, at)
  wake(next, at)
}

/** ttas: the lock is free, and the nearest waiter tries it as soon as the line can be there. */
function letRace(lock: number, queued: Waiters): void {
  free(lock)
  if (queued.racer >= 0) return
  const [first, ...rest] = queued.queue as [number, ...number[]]
  let nearest = first
  for (const cpu of rest) if (distanceOf(self, cpu) < distanceOf(self, nearest)) nearest = cpu
  // every other waiter reads the word, half of them before the winner, and fails to exchange it
  const storm = Math.round(rest.length * costs.serveWaiter * 1.5)
  ;(classes[queued.lockClass] as LockClassFigures).spins += rest.length
  queued.racer = nearest
  wake(nearest, Math.max(nowCycles() + transferCycles(self, nearest) + storm, clockOf(nearest)))
}

function granted(lock: number, lockClass: number, cpu: number, at: number): void {
  const figures = classes[lockClass] as LockClassFigures
  const waited = at - (waitSince[cpu] as number)
  waitingFor[cpu] = 0
  figures.waitTotal += waited
  if (figures.waitMax < waited) figures.waitMax = waited
  if (figures.waitMin === 0 || waited < figures.waitMin) figures.waitMin = waited
  count(figures.waitHistogram, waited)
  addToAccount(cpu, ACCOUNT_WAIT + lockClass, waited)
  const pair = cpu * cpus + (heldOnArrival[cpu] as number)
  waitedFor[pair] = (waitedFor[pair] as number) + waited
  acquired(lock, lockClass, cpu, at)
}

function acquired(lock: number, lockClass: number, cpu: number, at: number): void {
  const figures = classes[lockClass] as LockClassFigures
  figures.acquisitions++
  const stat = CPU_BASE + cpu * CPU_STRIDE + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  mem[stat] = ((mem[stat] as number) + 1) | 0
  const holder = holders.get(lock)
  if (holder === undefined) {
    holders.set(lock, { cpu, since: at })
    return
  }
  if (holder.cpu !== cpu) figures.acqBounces++
  holder.cpu = cpu
  holder.since = at
}

function released(lock: number, lockClass: number): void {
  const figures = classes[lockClass] as LockClassFigures
  const holder = holders.get(lock)
  assert(
    holder !== undefined && holder.cpu === self,
    'a lock is released by a CPU that does not hold it',
    {
      lock,
      holder: holder?.cpu,
      cpu: self,
    },
  )
  const held = nowCycles() - holder.since
  figures.holdTotal += held
  if (figures.holdMax < held) figures.holdMax = held
  if (figures.holdMin === 0 || held < figures.holdMin) figures.holdMin = held
  count(figures.holdHistogram, held)
}

function count(histogram: Float64Array, cycles: number): void {
  const ns = Math.floor((cycles * 1000) / costs.mhz)
  const at = bucketOf(Math.min(ns, VALUE_MAX))
  histogram[at] = (histogram[at] as number) + 1
}
