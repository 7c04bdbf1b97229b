/**
 * Statistics of spinlocks in virtual time, by class of lock, as /proc/lock_stat has them; times in cycles. Virtual text
 * (docs/wasm.md).
 */

import { BUCKETS, bucketOf, VALUE_MAX } from '../lib/log-linear.ts'
import type { ArraySource } from './array-source.ts'
import type { Cycles } from './virtual-clock.ts'
import { MHZ } from './virtual-costs.ts'

/** Statistics of one lock class. */
export interface LockClassFigures {
  readonly acquisitions: number
  /** Acquisitions of a lock that another CPU had last. */
  readonly acqBounces: number
  readonly contentions: number
  readonly conBounces: number
  /** Looks at the word by waiters that found it taken, or lost the race for it. */
  readonly spins: number
  readonly waitMin: number
  readonly waitMax: number
  readonly waitTotal: number
  readonly holdMin: number
  readonly holdMax: number
  readonly holdTotal: number
  /** By bucket of lib/log-linear.ts, of nanoseconds. */
  readonly waitHistogram: Float64Array
  readonly holdHistogram: Float64Array
}

let acquisitions: Float64Array = new Float64Array(0)
let acqBounces: Float64Array = new Float64Array(0)
let contentions: Float64Array = new Float64Array(0)
let conBounces: Float64Array = new Float64Array(0)
let spins: Float64Array = new Float64Array(0)
let waitMin: Float64Array = new Float64Array(0)
let waitMax: Float64Array = new Float64Array(0)
let waitTotal: Float64Array = new Float64Array(0)
let holdMin: Float64Array = new Float64Array(0)
let holdMax: Float64Array = new Float64Array(0)
let holdTotal: Float64Array = new Float64Array(0)
/** BUCKETS for each class. */
let waitBuckets: Float64Array = new Float64Array(0)
let holdBuckets: Float64Array = new Float64Array(0)

/** All figures 0. */
export function bindVirtualLockFigures(classes: number, arrays: ArraySource): void {
  acquisitions = arrays.float64('acquisitions', classes)
  acqBounces = arrays.float64('acqBounces', classes)
  contentions = arrays.float64('contentions', classes)
  conBounces = arrays.float64('conBounces', classes)
  spins = arrays.float64('spins', classes)
  waitMin = arrays.float64('waitMin', classes)
  waitMax = arrays.float64('waitMax', classes)
  waitTotal = arrays.float64('waitTotal', classes)
  holdMin = arrays.float64('holdMin', classes)
  holdMax = arrays.float64('holdMax', classes)
  holdTotal = arrays.float64('holdTotal', classes)
  waitBuckets = arrays.float64('waitBuckets', classes * BUCKETS)
  holdBuckets = arrays.float64('holdBuckets', classes * BUCKETS)
}

/** What was counted so far, by class; histograms are the very arrays, until virtual time is bound anew. */
export function lockClassFigures(): LockClassFigures[] {
  return Array.from(acquisitions, (_, lockClass) => {
    const of = (values: Float64Array): number => values[lockClass] as number
    const bucketsOf = (buckets: Float64Array): Float64Array =>
      buckets.subarray(lockClass * BUCKETS, (lockClass + 1) * BUCKETS)
    return {
      acquisitions: of(acquisitions),
      acqBounces: of(acqBounces),
      contentions: of(contentions),
      conBounces: of(conBounces),
      spins: of(spins),
      waitMin: of(waitMin),
      waitMax: of(waitMax),
      waitTotal: of(waitTotal),
      holdMin: of(holdMin),
      holdMax: of(holdMax),
      holdTotal: of(holdTotal),
      waitHistogram: bucketsOf(waitBuckets),
      holdHistogram: bucketsOf(holdBuckets),
    }
  })
}

/** A lock is taken; `bounces`: another CPU had it last. */
export function countAcquisition(lockClass: number, bounces: boolean): void {
  acquisitions[lockClass] = (acquisitions[lockClass] as number) + 1
  if (bounces) acqBounces[lockClass] = (acqBounces[lockClass] as number) + 1
}

/** A lock is not free; `bounces`: another CPU has it. */
export function countContention(lockClass: number, bounces: boolean): void {
  contentions[lockClass] = (contentions[lockClass] as number) + 1
  if (bounces) conBounces[lockClass] = (conBounces[lockClass] as number) + 1
}

export function addSpins(lockClass: number, n: Cycles): void {
  spins[lockClass] = (spins[lockClass] as number) + n
}

/** The wait of a CPU that has the lock now. */
export function addWait(lockClass: number, waited: Cycles): void {
  waitTotal[lockClass] = (waitTotal[lockClass] as number) + waited
  if ((waitMax[lockClass] as number) < waited) waitMax[lockClass] = waited
  const min = waitMin[lockClass] as number
  if (min === 0 || waited < min) waitMin[lockClass] = waited
  const at = lockClass * BUCKETS + bucketOfCycles(waited)
  waitBuckets[at] = (waitBuckets[at] as number) + 1
}

/** How long a lock was held that is released now. */
export function addHold(lockClass: number, held: Cycles): void {
  holdTotal[lockClass] = (holdTotal[lockClass] as number) + held
  if ((holdMax[lockClass] as number) < held) holdMax[lockClass] = held
  const min = holdMin[lockClass] as number
  if (min === 0 || held < min) holdMin[lockClass] = held
  const at = lockClass * BUCKETS + bucketOfCycles(held)
  holdBuckets[at] = (holdBuckets[at] as number) + 1
}

function bucketOfCycles(cycles: Cycles): number {
  const ns = Math.floor((cycles * 1000) / MHZ)
  return bucketOf(Math.min(ns, VALUE_MAX) | 0)
}
