import { expect, test } from 'vitest'

import { bucketOf, VALUE_MAX } from '../../src/lib/log-linear.ts'
import { LRUVEC_CLASS } from '../../src/machine/counters.ts'
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
} from '../../src/machine/layout.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { cpuBlock } from '../../src/metrics/collect.ts'
import { histogramCount } from '../../src/metrics/histogram.ts'
import { addLockSums, emptyLockSums, lockStatisticsOf } from '../../src/metrics/lock-statistics.ts'
import { blankMachine } from './blank-machine.ts'

/** Writes what the lock primitives would have counted on one CPU for the lruvec class. */
function writeLruvec(machine: Machine, cpu: number, waits: number[], holds: number[]): void {
  const block = cpuBlock(machine, cpu)
  const stat = block + CPU_LOCKSTAT + LRUVEC_CLASS * LOCKSTAT_WORDS
  const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0)
  const put = (at: number, value: number): void => {
    machine.words[stat + at] = value
  }
  const put64 = (at: number, value: number): void => {
    put(at, value % 0x80000000)
    put(at + 1, Math.floor(value / 0x80000000))
  }
  put(LS_ACQUISITIONS, 100)
  put(LS_CONTENDED, waits.length)
  put64(LS_SPINS, 0x80000000 + 5)
  put64(LS_WAIT_TOTAL, total(waits))
  put64(LS_HOLD_TOTAL, total(holds))
  put(LS_HOLD_SAMPLES, holds.length)
  const pairs = [
    [waits, LS_WAIT_MIN, LS_WAIT_MAX, 0],
    [holds, LS_HOLD_MIN, LS_HOLD_MAX, 1],
  ] as const
  for (const [values, min, max, kind] of pairs) {
    if (values.length > 0) {
      put(min, Math.min(...values))
      put(max, Math.max(...values))
    }
    const histogram = block + CPU_HISTOGRAMS + (LRUVEC_CLASS * 2 + kind) * HISTOGRAM_WORDS
    for (const value of values) {
      const at = histogram + bucketOf(value)
      machine.words[at] = (machine.words[at] ?? 0) + 1
    }
  }
}

test('statistics are summed over CPUs and runs', () => {
  const sums = emptyLockSums()
  const machine = blankMachine(2)
  writeLruvec(machine, 0, [10, 2_000_000_000], [5])
  writeLruvec(machine, 1, [2_000_000_000], [])
  addLockSums(sums, machine)
  addLockSums(sums, machine)
  const { lruvec, zone } = lockStatisticsOf(sums)
  expect(lruvec.acquisitions).toBe(400)
  expect(lruvec.contended).toBe(6)
  expect(lruvec.spins).toBe(4 * (0x80000000 + 5))
  expect(lruvec.waitNs).toMatchObject({ min: 10, max: 2_000_000_000, total: 2 * 4_000_000_010 })
  expect(lruvec.waitNs.avg).toBeCloseTo(8_000_000_020 / 6)
  expect(histogramCount(lruvec.waitNs.histogram)).toBe(6)
  expect(lruvec.holdNs).toMatchObject({ samples: 2, min: 5, max: 5, total: 10, avg: 5 })
  expect(zone.acquisitions).toBe(0)
})

test('a CPU without samples does not move the minimum', () => {
  const machine = blankMachine(2)
  writeLruvec(machine, 1, [40], [7])
  const sums = emptyLockSums()
  addLockSums(sums, machine)
  expect(lockStatisticsOf(sums).lruvec.waitNs).toMatchObject({ min: 40, max: 40 })
})

test('a wait of 0 ns is the minimum, and the longest that fits is counted', () => {
  const machine = blankMachine(1)
  writeLruvec(machine, 0, [0, VALUE_MAX], [])
  const sums = emptyLockSums()
  addLockSums(sums, machine)
  const { waitNs } = lockStatisticsOf(sums).lruvec
  expect(waitNs).toMatchObject({ min: 0, max: VALUE_MAX })
  expect(waitNs.histogram[0]).toEqual({ from: 0, to: 1, count: 1 })
})

test('an empty class is all zeros', () => {
  const { ptl } = lockStatisticsOf(emptyLockSums())
  const nothing = { min: 0, max: 0, total: 0, avg: 0, histogram: [] }
  expect(ptl).toEqual({
    acquisitions: 0,
    contended: 0,
    spins: 0,
    waitNs: nothing,
    holdNs: { samples: 0, ...nothing },
  })
})
