/**
 * The points of a journal by combination: the seeds of one together, with the median and the spread of each figure.
 *
 * Order: that of the axes, values as the header lists them, whatever the order of the lines; combinations that are not
 * among its values any more come last.
 */
import {
  type AxisValue,
  type AxisValues,
  type Journal,
  LOCK_CLASS_KEYS,
  type LockClassKey,
  pointText,
  type Spread,
  spreadOf,
  type SweepResult,
} from '@mmgather/core'

/** What is known of one combination of values. */
export interface Combination {
  axes: AxisValues
  /** A result for each seed that has one. */
  results: SweepResult[]
  teardownNs: Spread
  /** Null: nothing cleared a PTE. */
  perPageNs: Spread | null
  /** Pages freed in a second of virtual time, all CPUs together. */
  pagesPerSecond: Spread
  /** Part of all CPUs' time that goes by waiting for locks. */
  waitShare: Spread
  /** The class that most of this is for; undefined: nobody waited. */
  waitedMost: LockClassKey | undefined
}

const NS_PER_S = 1e9

/** Those that have a result. */
export function combinationsOf({ header, entries }: Journal): Combination[] {
  const groups = new Map<string, { axes: AxisValues; results: SweepResult[] }>()
  for (const entry of entries) {
    if (!('result' in entry)) continue
    const { axes } = entry.point
    const text = pointText({ axes, seed: 0 })
    const group = groups.get(text) ?? { axes, results: [] }
    group.results.push(entry.result)
    groups.set(text, group)
  }
  const rank = rankBy(header.axes)
  const sorted = [...groups.values()].sort((a, b) => compareRanks(rank(a.axes), rank(b.axes)))
  return sorted.map(({ axes, results }) => combination(axes, results))
}

function combination(axes: AxisValues, results: SweepResult[]): Combination {
  const perPage = results.map(({ perPageNs }) => perPageNs).filter((ns) => ns !== null)
  return {
    axes,
    results,
    teardownNs: spreadOf(results.map(({ teardownNs }) => teardownNs)),
    perPageNs: perPage.length === 0 ? null : spreadOf(perPage),
    pagesPerSecond: spreadOf(
      results.map(({ counters, teardownNs }) =>
        teardownNs === 0 ? 0 : (counters.pagesFreed / teardownNs) * NS_PER_S,
      ),
    ),
    waitShare: spreadOf(results.map(waitShareOf)),
    waitedMost: waitedMostOf(results),
  }
}

function waitShareOf({ timeStack }: SweepResult): number {
  const waited = LOCK_CLASS_KEYS.reduce((sum, key) => sum + timeStack.waitNs[key], 0)
  return timeStack.totalNs === 0 ? 0 : waited / timeStack.totalNs
}

function waitedMostOf(results: readonly SweepResult[]): LockClassKey | undefined {
  const sums = LOCK_CLASS_KEYS.map((key) => ({
    key,
    ns: results.reduce((sum, { timeStack }) => sum + timeStack.waitNs[key], 0),
  }))
  const most = sums.reduce((a, b) => (b.ns > a.ns ? b : a))
  return most.ns === 0 ? undefined : most.key
}

/** Where a combination stands on each axis. */
function rankBy(axes: Journal['header']['axes']): (values: AxisValues) => number[] {
  const places = axes.map(({ keys, values }) => {
    const order = new Map(values.map((entry, i) => [entryText(entry), i]))
    return (of: AxisValues): number =>
      order.get(entryText(keys.map((key) => of[key]))) ?? values.length
  })
  return (values) => places.map((place) => place(values))
}

function entryText(entry: readonly (AxisValue | undefined)[]): string {
  return JSON.stringify(entry)
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, i) => rank !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
