/** From reports and journals to the data of a page: nothing is lost or made up on the way. */
import { fc } from '@fast-check/vitest'
import type { TimelineInterval } from '@mmgather/core'
import { describe, expect, test } from 'vitest'

import { reportData } from '../src/collect.ts'
import { runCurves, sweepCurves } from '../src/curves.ts'
import { embeddedJson } from '../src/html.ts'
import { packIntervals, unpackIntervals } from '../src/timeline-data.ts'
import { cpuAxis, madeJournal, madeRun, runSource, sweepSource } from './support.ts'

const SEED = 20261125
const SMALL = { cpus: 4, processes: 4, pages: 300 }

describe('a run', () => {
  const made = madeRun(SMALL)
  const data = reportData([runSource(made)])
  const [run] = data.runs

  test('has the figures of its report', () => {
    const { report } = made
    expect(run?.locks).toEqual(report.locks)
    expect(run?.cpuTime).toEqual(report.virtual?.cpuTime)
    expect(run).toMatchObject({ cpus: 4, processes: 4, seed: 1, outcome: 'completed' })
    expect(run?.reproduce).toBe(report.reproduce)
    expect(run?.scenarioText).toContain('mmgather/scenario@1')
  })

  test('is told in words that name its figures', () => {
    expect(data.summary).toHaveLength(1)
    expect(data.summary[0]).toMatch(
      /^Run: 4 CPUs tore down 4 processes of exit-order3 under \S+: 1,200 pages in \S+ \S?s of virtual time/,
    )
  })

  test('of several runs says which figure is their median, and the seeds that they had', () => {
    const { virtual: _, ...live } = { ...made.report, engine: 'live' as const, runs: 5 }
    const several = reportData([
      runSource({ ...made, report: { ...made.report, runs: 5 } }),
      runSource({ ...made, report: live }),
    ])
    const facts = several.runs.map((each) => new Map(each.facts))
    expect(facts.map((each) => [each.get('runs'), each.get('seed')])).toEqual([
      ['5', '1 to 5'],
      ['5', '1'],
    ])
    expect(several.summary[0]).toContain('of virtual time (the median of 5 runs), ')
    expect(several.summary[1]).toContain('of real time (the median of 5 runs), ')
    expect(data.summary[0]).not.toContain('median')
  })

  test('has a timeline whose waits and holds add up to those of the report', () => {
    const sum = (lists: readonly number[][][]): number =>
      lists
        .flat()
        .reduce(
          (total, each) => total + unpackIntervals(each).reduce((n, [, , , busy]) => n + busy, 0),
          0,
        )
    const { locks } = made.report
    const counts = Object.values(locks)
    const waited = counts.reduce((n, { waitNs }) => n + waitNs.total, 0)
    const held = counts.reduce((n, { holdNs }) => n + holdNs.total, 0)
    const slack = counts.reduce((n, { acquisitions }) => n + acquisitions, 0)
    const cpus = run?.timeline?.cpus ?? []
    expect(Math.abs(sum(cpus.map(({ waits }) => waits)) - waited)).toBeLessThanOrEqual(slack)
    expect(Math.abs(sum(cpus.map(({ holds }) => holds)) - held)).toBeLessThanOrEqual(slack)
  })

  test('has gathers with as many slots and pages as were gathered', () => {
    const [gather] = run?.timeline?.gathers ?? []
    const pages = gather?.batches.flatMap((batch) => batch.pages) ?? []
    expect(pages.reduce((a, b) => a + b, 0)).toBe(300)
    for (const batch of gather?.batches ?? []) {
      expect(batch.filledNs).toHaveLength(batch.pages.length)
      expect(batch.filledNs).toEqual(batch.filledNs.toSorted((a, b) => a - b))
    }
  })

  test.each(['linux-6.18', 'range-v1'])('has the pages of folios in gathers of %s', (strategy) => {
    const { timeline } = madeRun({ ...SMALL, strategy })
    const [gather] = timeline.gathers
    const pages = gather?.batches.flatMap((batch) => batch.pages) ?? []
    expect(pages.reduce((a, b) => a + b, 0)).toBe(300)
    expect(Math.max(...pages)).toBe(8)
  })

  test('that did not complete says so', () => {
    const stopped = madeRun(SMALL, { eventsMax: 5 })
    const [text] = reportData([runSource(stopped)]).summary
    expect(text).toContain('no run was finished (bounds: more than 5 events)')
  })
})

test('a timeline of many intervals is of bounded size and keeps the sums', () => {
  const { report, timeline } = madeRun({
    cpus: 24,
    processes: 24,
    pages: 1400,
    order: 0,
    swapClusterMax: 1,
  })
  const all = timeline.cpus.flatMap(({ waits, holds }) => [...waits, ...holds]).flat()
  expect(all.length).toBeLessThanOrEqual(60_000)
  expect(timeline.resolutionNs).toBeGreaterThan(0)
  const acquisitions = Object.values(report.locks).reduce(
    (n, lock) => n + lock.acquisitions + lock.contended,
    0,
  )
  expect(all.reduce((n, [, , count]) => n + count, 0)).toBe(acquisitions)
  for (const [, length, , busy] of all) expect(busy).toBeLessThanOrEqual(length)
})

const interval = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.integer({ min: 1, max: 5 }))
  .map(([gap, length, count]): [number, number, number] => [
    gap,
    Math.max(length, count > 1 ? 1 : 0),
    count,
  ])

test('intervals are packed without loss', () => {
  fc.assert(
    fc.property(fc.array(interval), (parts) => {
      let end = 0
      const intervals = parts.map(([gap, length, count]): TimelineInterval => {
        const begin = end + gap
        end = begin + length
        return [begin, length, count, count === 1 ? length : Math.floor(length / 2)]
      })
      expect(unpackIntervals(packIntervals(intervals))).toEqual(intervals)
    }),
    { seed: SEED },
  )
})

describe('a sweep', () => {
  const strategies = { keys: ['strategy'], values: [['linux-6.5-laf'], ['range-v1']] } as const
  const journal = madeJournal([cpuAxis(1, 2, 4), strategies], { pages: 64 }, 2)
  const data = reportData([sweepSource(journal)])
  const [sweep] = data.sweeps

  test('has a cell for each combination, with the medians of its seeds', () => {
    expect(sweep?.cells).toHaveLength(6)
    expect(sweep?.points).toBe(12)
    const teardown = sweep?.metrics.findIndex(({ id }) => id === 'teardown') ?? -1
    const times = journal.entries.flatMap((entry) =>
      'result' in entry && entry.point.axes.cpus === 4 && entry.point.axes.strategy === 'range-v1'
        ? [entry.result.teardownNs]
        : [],
    )
    expect(times).toHaveLength(2)
    const cell = sweep?.cells.find(({ at }) => at.join() === '2,1')
    expect(cell?.medians[teardown]).toBe(((times[0] ?? 0) + (times[1] ?? 0)) / 2)
  })

  test('has a curve for each strategy, over CPUs in their order', () => {
    const curves = sweepCurves(data.sweeps[0] ?? { axes: [], cells: [] })
    expect(curves.map(({ name }) => name)).toEqual(['linux-6.5-laf', 'range-v1'])
    for (const { points } of curves) expect(points.map(({ cpus }) => cpus)).toEqual([1, 2, 4])
  })

  test('compares its strategies, with changes that the cells give', () => {
    const [comparison] = data.comparisons
    expect(comparison?.columns).toEqual(['linux-6.5-laf', 'range-v1'])
    const row = comparison?.rows.find(({ name }) => name === 'slots used in gathers')
    // folios of 8 pages: a range each in place of 8 slots
    expect(row?.values[1]?.change).toBeCloseTo(1 / 8 - 1, 1)
  })

  test('a point without figures is counted with its reason, and is no cell', () => {
    const [first, ...others] = journal.entries
    if (first === undefined) throw new Error('an empty journal')
    const failed = {
      key: 'x',
      point: first.point,
      error: { kind: 'deadlock' as const, message: 'both wait' },
    }
    const entries = [failed, ...others]
    const [other] = reportData([sweepSource({ ...journal, entries })]).sweeps
    expect(other?.errors).toEqual([
      { what: 'deadlock', count: 1, first: expect.stringContaining('both wait') },
    ])
  })
})

test('runs with other numbers of CPUs make a curve; those of other strategies a comparison', () => {
  const overrides = [
    { cpus: 1, processes: 1 },
    { cpus: 4, processes: 4 },
    { cpus: 4, processes: 4, strategy: 'range-v1' },
  ]
  const sources = overrides.map((each) => runSource(madeRun({ ...each, pages: 64 })))
  const { runs, comparisons } = reportData(sources)
  expect(runCurves(runs).map(({ points }) => points.map(({ cpus }) => cpus))).toEqual([[1, 4]])
  expect(comparisons.map(({ columns }) => columns)).toEqual([['linux-6.5-laf', 'range-v1']])
  const others = [1, 4].map((cpus) => madeRun({ cpus, processes: cpus, pages: 64 * cpus }))
  expect(runCurves(reportData(others.map((made) => runSource(made))).runs)).toEqual([])
  const names = comparisons[0]?.rows.map(({ name }) => name)
  expect(names).toContain('gatherSlots')
})

test('embedded data ends no element', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = embeddedJson({ text: `${text}</script><!--` })
      expect(json).not.toContain('<')
      expect(JSON.parse(json)).toEqual({ text: `${text}</script><!--` })
    }),
    { seed: SEED },
  )
})
