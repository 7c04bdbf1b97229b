/**
 * Lock statistics: read per CPU and class from the machine, summed over CPUs and runs, written out for the report.
 *
 * The machine keeps those of one run, since populate clears them; whoever makes several runs adds up `LockSums`. Sums
 * of 64 bits lie in two words of 31 bits, low first. Invariant: a histogram holds as many values as its time has
 * samples.
 */

import { LOCK_CLASS_KEYS, type LockClassKey } from '../machine/counters.ts'
import {
  CPU_HISTOGRAMS,
  CPU_LOCKSTAT,
  HISTOGRAM_WORDS,
  LOCKSTAT_WORDS,
  LS_ACQUISITIONS,
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
import type { Machine } from '../machine/machine.ts'
import { cpuBlocks } from './collect.ts'
import { addBuckets, emptyBuckets, histogramOf } from './histogram.ts'
import type { LockStatistics } from './run-report.ts'

/** Times of some of the acquisitions of one lock class, in nanoseconds. */
export interface TimeSums {
  samples: number
  total: number
  min: number
  max: number
  buckets: Float64Array
}

/** One lock class. */
export interface ClassSums {
  acquisitions: number
  contended: number
  spins: number
  /** Of locks that another CPU had last; undefined: not known. */
  acqBounces?: number
  conBounces?: number
  wait: TimeSums
  hold: TimeSums
}

/** Statistics of all lock classes that can still be added to. */
export type LockSums = Record<LockClassKey, ClassSums>

/** Sums of nothing. */
export function emptyLockSums(): LockSums {
  return forEachClass(() => ({
    acquisitions: 0,
    contended: 0,
    spins: 0,
    wait: noTime(),
    hold: noTime(),
  }))
}

/** Adds what the CPUs of a machine counted since it was populated. */
export function addLockSums(into: LockSums, machine: Machine): void {
  for (const cpu of cpuBlocks(machine)) {
    LOCK_CLASS_KEYS.forEach((key, lockClass) => addClass(into[key], machine.words, cpu, lockClass))
  }
}

/** The statistics as they stand in a report. */
export function lockStatisticsOf(sums: LockSums): Record<LockClassKey, LockStatistics> {
  return forEachClass((key) => {
    const { acquisitions, contended, spins, acqBounces, conBounces, wait, hold } = sums[key]
    const waitNs = timesOf(wait)
    return {
      acquisitions,
      contended,
      spins,
      ...(acqBounces === undefined ? {} : { acqBounces }),
      ...(conBounces === undefined ? {} : { conBounces }),
      waitNs,
      holdNs: { samples: hold.samples, ...timesOf(hold) },
    }
  })
}

function addClass(into: ClassSums, words: Int32Array, cpu: number, lockClass: number): void {
  const stat = cpu + CPU_LOCKSTAT + lockClass * LOCKSTAT_WORDS
  const histogram = (kind: number): Int32Array => {
    const at = cpu + CPU_HISTOGRAMS + (lockClass * 2 + kind) * HISTOGRAM_WORDS
    return words.subarray(at, at + HISTOGRAM_WORDS)
  }
  const contended = unsigned(words, stat + LS_CONTENDED)
  into.acquisitions += unsigned(words, stat + LS_ACQUISITIONS)
  into.contended += contended
  into.spins += wide(words, stat + LS_SPINS)
  addTimes(into.wait, {
    samples: contended,
    total: wide(words, stat + LS_WAIT_TOTAL),
    min: unsigned(words, stat + LS_WAIT_MIN),
    max: unsigned(words, stat + LS_WAIT_MAX),
  })
  addBuckets(into.wait.buckets, histogram(0))
  addTimes(into.hold, {
    samples: unsigned(words, stat + LS_HOLD_SAMPLES),
    total: wide(words, stat + LS_HOLD_TOTAL),
    min: unsigned(words, stat + LS_HOLD_MIN),
    max: unsigned(words, stat + LS_HOLD_MAX),
  })
  addBuckets(into.hold.buckets, histogram(1))
}

export function addTimes(into: TimeSums, from: Omit<TimeSums, 'buckets'>): void {
  if (from.samples === 0) return
  into.min = into.samples === 0 ? from.min : Math.min(into.min, from.min)
  into.max = Math.max(into.max, from.max)
  into.samples += from.samples
  into.total += from.total
}

function timesOf(sums: TimeSums): LockStatistics['waitNs'] {
  const { samples, total, min, max, buckets } = sums
  const avg = samples === 0 ? 0 : total / samples
  return { min, max, total, avg, histogram: histogramOf(buckets) }
}

function noTime(): TimeSums {
  return { samples: 0, total: 0, min: 0, max: 0, buckets: emptyBuckets() }
}

function forEachClass<T>(make: (key: LockClassKey) => T): Record<LockClassKey, T> {
  return Object.fromEntries(LOCK_CLASS_KEYS.map((key) => [key, make(key)])) as Record<
    LockClassKey,
    T
  >
}

function unsigned(words: Int32Array, at: number): number {
  return (words[at] ?? 0) >>> 0
}

/** A sum of 62 bits in two words of 31. */
function wide(words: Int32Array, at: number): number {
  return (words[at] ?? 0) + (words[at + 1] ?? 0) * 0x80000000
}
