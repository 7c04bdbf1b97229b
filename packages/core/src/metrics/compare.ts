/**
 * Compares reports of one scenario under several strategies: each figure with its change to the first report's.
 *
 * Pure: the same reports give the same comparison. A figure of a report is the median over its runs, with the smallest
 * and the largest; changes are those of medians. A difference counts as within the spread if the intervals
 * [min, max] of the two reports have a value in common: then some run of the one was not better than some of the other.
 */

import {
  COUNTER_KEYS,
  type CounterKey,
  LOCK_CLASS_KEYS,
  type LockClassKey,
} from '../machine/counters.ts'
import type { RunOutcome, RunReport, RunSample, Spread } from './run-report.ts'
import { spreadOf } from './spread.ts'

export const COMPARISON_SCHEMA = 'mmgather/comparison@1'

/** How a figure stands to that of the first strategy. */
export type ComparisonVerdict =
  | 'baseline'
  | 'equal'
  | 'within-spread'
  | 'different'
  /** The first strategy has no such figure. */
  | 'no-baseline'

/** A figure under one strategy. */
export interface ComparedValue extends Spread {
  /** Of the medians, as a part of the first's: -0.26 is 26 % less. null: the first is 0 and this is not, or missing. */
  change: number | null
  verdict: ComparisonVerdict
}

export type ComparisonKey =
  | 'teardown'
  | 'perPage'
  | CounterKey
  | `${LockClassKey}.${keyof RunSample['locks'][LockClassKey]}`

export interface ComparisonRow {
  group: 'time' | 'counters' | 'locks'
  /** `locks` have class and figure, as `lruvec.waitNs`: the sum over the CPUs of one run. */
  key: ComparisonKey
  unit: 'ns' | 'count'
  /** In the order of `strategies`; null: no run was finished, or (perPage) none cleared a PTE. */
  values: (ComparedValue | null)[]
  /** Median, smallest and largest are the same under all strategies. */
  isEqual: boolean
}

export interface ComparedStrategy {
  strategy: string
  outcome: RunOutcome
  /** Runs that its figures are of. */
  runsCompleted: number
}

export interface Comparison {
  schema: typeof COMPARISON_SCHEMA
  /** Version of mmgather. */
  version: string
  /** Name of the scenario. */
  scenario: string
  engine: RunReport['engine']
  /** Of the first run, and how many runs each strategy was to have. */
  seed: number
  runs: number
  cpus: number
  /** Of the virtual engine. */
  virtual?: { profile: string; mhz: number; arrivalJitterNs: number }
  /** The first is what the others are compared to. */
  strategies: ComparedStrategy[]
  rows: ComparisonRow[]
  warnings: string[]
  /** The command that does the same again. */
  reproduce: string
}

interface Figure {
  group: ComparisonRow['group']
  key: ComparisonKey
  unit: ComparisonRow['unit']
  of: (sample: RunSample) => number | null
}

/**
 * Compares reports, of which the first is the baseline; each has `samples`, or is of a single run.
 *
 * @param reproduce - the command that does the same again.
 * @throws RangeError if there is no report, or one of several runs without their samples.
 */
export function compareReports(reports: readonly RunReport[], reproduce = ''): Comparison {
  const [first] = reports
  if (first === undefined) throw new RangeError('reports: got none; allowed: at least one')
  const samples = reports.map(samplesOf)
  const { version, scenario, engine, seed, runs, virtual } = first
  return {
    schema: COMPARISON_SCHEMA,
    version,
    scenario: scenario.name,
    engine,
    seed,
    runs,
    cpus: scenario.machine.cpus,
    ...(virtual && { virtual: virtualOf(virtual) }),
    strategies: reports.map(({ strategy, outcome }, i) => ({
      strategy,
      outcome,
      runsCompleted: samples[i]?.length ?? 0,
    })),
    rows: FIGURES.map((figure) => rowOf(figure, samples)),
    warnings: warningsOf(reports),
    reproduce,
  }
}

const FIGURES: readonly Figure[] = [
  { group: 'time', key: 'teardown', unit: 'ns', of: ({ teardownNs }) => teardownNs },
  { group: 'time', key: 'perPage', unit: 'ns', of: ({ perPageNs }) => perPageNs },
  ...COUNTER_KEYS.map(
    (key): Figure => ({
      group: 'counters',
      key,
      unit: 'count',
      of: ({ counters }) => counters[key],
    }),
  ),
  ...LOCK_CLASS_KEYS.flatMap((lock) =>
    (['acquisitions', 'contended', 'waitNs'] as const).map(
      (figure): Figure => ({
        group: 'locks',
        key: `${lock}.${figure}`,
        unit: figure === 'waitNs' ? 'ns' : 'count',
        of: ({ locks }) => locks[lock][figure],
      }),
    ),
  ),
]

function virtualOf({ profile, mhz, arrivalJitterNs }: NonNullable<RunReport['virtual']>) {
  return { profile, mhz, arrivalJitterNs }
}

/** The finished runs of a report. A single one that has no sample is its own. */
function samplesOf(report: RunReport, i: number): readonly RunSample[] {
  const { samples, runs, time, counters, locks } = report
  if (samples !== undefined) return samples
  if (runs > 1)
    throw new RangeError(`reports[${i}].samples: missing, of ${runs} runs; allowed: with samples`)
  if (time.teardown.max === 0) return []
  const totals = LOCK_CLASS_KEYS.map((key) => {
    const { acquisitions, contended, waitNs } = locks[key]
    return [key, { acquisitions, contended, waitNs: waitNs.total }]
  })
  return [
    {
      teardownNs: time.teardown.median,
      perPageNs: time.perPage?.median ?? null,
      counters,
      locks: Object.fromEntries(totals) as RunSample['locks'],
    },
  ]
}

function rowOf(
  { group, key, unit, of }: Figure,
  samples: readonly (readonly RunSample[])[],
): ComparisonRow {
  const spreads = samples.map((runs) => {
    const values = runs.map(of).filter((value) => value !== null)
    return values.length === 0 ? null : spreadOf(values)
  })
  const base = spreads[0] ?? null
  return {
    group,
    key,
    unit,
    values: spreads.map((spread, i) => spread && { ...spread, ...standingOf(spread, base, i) }),
    isEqual: spreads.every((spread) => isSame(spread, base)),
  }
}

function standingOf(
  value: Spread,
  base: Spread | null,
  i: number,
): Pick<ComparedValue, 'change' | 'verdict'> {
  if (i === 0) return { change: 0, verdict: 'baseline' }
  if (base === null) return { change: null, verdict: 'no-baseline' }
  const same = value.median === base.median
  const change = same ? 0 : (value.median - base.median) / base.median
  const overlap = value.min <= base.max && base.min <= value.max
  return {
    change: Number.isFinite(change) ? change : null,
    verdict: isSame(value, base) ? 'equal' : overlap ? 'within-spread' : 'different',
  }
}

function isSame(a: Spread | null, b: Spread | null): boolean {
  return a?.median === b?.median && a?.min === b?.min && a?.max === b?.max
}

/** Each warning once, with the strategies that it is about unless it is about all. */
function warningsOf(reports: readonly RunReport[]): string[] {
  const of = new Map<string, string[]>()
  for (const { strategy, warnings } of reports)
    for (const warning of warnings) of.set(warning, [...(of.get(warning) ?? []), strategy])
  return [...of].map(([warning, strategies]) =>
    strategies.length === reports.length ? warning : `${strategies.join(', ')}: ${warning}`,
  )
}
