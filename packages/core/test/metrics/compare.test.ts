/**
 * Tests of comparisons: medians, spreads, changes, what counts as within the spread.
 */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type ComparedValue,
  type Comparison,
  compareReports,
  overrideScenario,
  presetScenario,
  type RunReport,
  runVirtual,
} from '../../src/index.ts'

let base: RunReport

beforeAll(() => {
  base = runVirtual(overrideScenario(presetScenario('exit-order0'), { pages: 64 }))
})

/** A report whose runs took these times and lruvec acquisitions. */
function report(strategy: string, teardowns: readonly number[], acquired = 7): RunReport {
  const { counters, locks } = base
  const sample = (teardownNs: number) => ({
    teardownNs,
    perPageNs: null,
    counters,
    locks: { ...locksOf(locks), lruvec: { acquisitions: acquired, contended: 0, waitNs: 0 } },
  })
  return { ...base, strategy, runs: teardowns.length, samples: teardowns.map(sample) }
}

function locksOf(locks: RunReport['locks']) {
  const entries = Object.keys(locks).map((key) => [
    key,
    { acquisitions: 0, contended: 0, waitNs: 0 },
  ])
  return Object.fromEntries(entries) as NonNullable<RunReport['samples']>[number]['locks']
}

function values({ rows }: Comparison, key: string): (ComparedValue | null)[] {
  return rows.find((row) => row.key === key)?.values ?? []
}

describe('a figure', () => {
  test('is the median with the smallest and the largest, and its change to the first', () => {
    const comparison = compareReports([report('a', [100, 90, 110]), report('b', [74, 70, 80])])
    expect(values(comparison, 'teardown')).toEqual([
      { median: 100, min: 90, max: 110, change: 0, verdict: 'baseline' },
      { median: 74, min: 70, max: 80, change: -0.26, verdict: 'different' },
    ])
  })

  test.for([
    [[100], [100], 'equal'],
    [[100], [101], 'different'],
    [[90, 110], [110, 130], 'within-spread'],
    [[90, 110], [111, 130], 'different'],
    [[90, 110], [95, 105], 'within-spread'],
    [[90, 110], [90, 110], 'equal'],
  ] as const)('%j to %j is %s', ([one, other, verdict]) => {
    const comparison = compareReports([report('a', one), report('b', other)])
    expect(values(comparison, 'teardown')[1]?.verdict).toBe(verdict)
  })

  test('is within the spread whichever of the two comes first', () => {
    const anyRuns = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(anyRuns, anyRuns, (one, other) => {
        const verdict = (a: number[], b: number[]) =>
          values(compareReports([report('a', a), report('b', b)]), 'teardown')[1]?.verdict
        expect(verdict(one, other)).toBe(verdict(other, one))
      }),
    )
  })

  test('from 0 has no change, and one that is missing is null', () => {
    const comparison = compareReports([report('a', [5], 0), report('b', [5], 3), report('c', [])])
    expect(values(comparison, 'lruvec.acquisitions')).toEqual([
      { median: 0, min: 0, max: 0, change: 0, verdict: 'baseline' },
      { median: 3, min: 3, max: 3, change: null, verdict: 'different' },
      null,
    ])
    expect(values(comparison, 'perPage')).toEqual([null, null, null])
    const reversed = compareReports([report('c', []), report('a', [5])])
    expect(values(reversed, 'teardown')[1]).toMatchObject({ change: null, verdict: 'no-baseline' })
    expect(reversed.strategies.map(({ runsCompleted }) => runsCompleted)).toEqual([0, 1])
  })
})

describe('a comparison', () => {
  test('knows which figures are equal everywhere', () => {
    const { rows } = compareReports([report('a', [5, 6]), report('b', [5, 7]), report('c', [5, 6])])
    const different = rows.filter(({ isEqual }) => !isEqual).map(({ key }) => key)
    expect(different).toEqual(['teardown'])
  })

  test('takes a single run without samples as it is', () => {
    const [value] = values(compareReports([base]), 'teardown')
    expect(value?.median).toBe(base.time.teardown.median)
    expect(() => compareReports([{ ...base, runs: 2 }])).toThrow(
      'reports[0].samples: missing, of 2 runs; allowed: with samples',
    )
    expect(() => compareReports([])).toThrow(RangeError)
  })

  test('says each warning once, and of which strategies it is unless of all', () => {
    const warned = (strategy: string, ...warnings: string[]) => ({
      ...report(strategy, [1]),
      warnings,
    })
    const reports = [warned('a', 'x', 'y'), warned('b', 'x'), warned('c', 'x', 'y')]
    expect(compareReports(reports).warnings).toEqual(['x', 'a, c: y'])
  })
})

describe('samples of virtual runs', () => {
  const scenario = overrideScenario(presetScenario('exit-order0'), { pages: 600, cpus: 2 })

  test('are those of the runs by themselves, and add up to the report', () => {
    const both = runVirtual(scenario, { runs: 2, samples: true })
    const single = [0, 1].map((i) => runVirtual({ ...scenario, seed: scenario.seed + i }))
    expect(both.samples).toEqual(
      single.map(({ time, counters, locks }) => ({
        teardownNs: time.teardown.median,
        perPageNs: time.perPage?.median,
        counters,
        locks: Object.fromEntries(
          Object.entries(locks).map(([key, { acquisitions, contended, waitNs }]) => [
            key,
            { acquisitions, contended, waitNs: waitNs.total },
          ]),
        ),
      })),
    )
    expect(runVirtual(scenario).samples).toBeUndefined()
  })
})

describe('the bounds of virtual runs', () => {
  const scenario = overrideScenario(presetScenario('exit-one-order0'), { pages: 3000 })

  test('of events are exact', () => {
    const { virtual } = runVirtual(scenario)
    const events = virtual?.events ?? 0
    expect(events).toBeGreaterThan(1)
    expect(runVirtual(scenario, { eventsMax: events }).outcome.kind).toBe('completed')
    expect(runVirtual(scenario, { eventsMax: events - 1 }).outcome).toEqual({
      kind: 'bounds',
      message: `more than ${events - 1} events`,
    })
  })

  test('of a signal hold on one CPU too', () => {
    let looks = 0
    const signal = {
      get aborted(): boolean {
        return ++looks > 2
      },
    }
    const { outcome } = runVirtual(overrideScenario(scenario, { pages: 30_000 }), { signal })
    expect(outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
  })
})
