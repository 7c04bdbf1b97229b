/**
 * Strategies side by side: of runs that differ in the strategy alone, and of a sweep with an axis of strategies.
 */
import { compareReports, type Comparison, median, type RunReport } from '@mmgather/core'
import type { RunInput } from './run-data.ts'
import { processesOf } from './run-data.ts'
import type { ComparisonData, ComparisonRowData, SweepCell, SweepData } from './report-data.ts'

const NAMES: Readonly<Record<string, string>> = {
  teardown: 'teardown',
  perPage: 'CPU time per page',
  acquisitions: 'acquired',
  contended: 'contended',
  waitNs: 'waited, all CPUs',
}

/** `lruvec.waitNs` in words; counters have the names that they have everywhere. */
function nameOf(key: string): string {
  const [lock = '', figure] = key.split('.')
  return figure === undefined ? (NAMES[key] ?? key) : `${lock} lock: ${NAMES[figure] ?? figure}`
}

const GROUPS = { time: 'times', counters: 'counts', locks: 'locks' } as const

/** A comparison for each set of at least two runs of one scenario under different strategies. */
export function runComparisons(inputs: readonly RunInput[]): ComparisonData[] {
  const sets = new Map<string, RunReport[]>()
  for (const { report } of inputs) {
    const { scenario, engine, seed, runs, virtual } = report
    const same = [{ ...scenario, strategy: '' }, engine, seed, runs, virtual?.profile]
    const key = JSON.stringify(same)
    sets.set(key, [...(sets.get(key) ?? []), report])
  }
  return [...sets.values()].flatMap((reports) => {
    const names = new Set(reports.map(({ strategy }) => strategy))
    if (names.size < 2 || names.size < reports.length) return []
    if (reports.some(({ runs, samples }) => runs > 1 && samples === undefined)) return []
    const [first] = reports as [RunReport]
    const title = `${first.scenario.name}: ${first.scenario.machine.cpus} CPUs, ${processesOf(first)} processes`
    return [fromComparison(compareReports(reports), title)]
  })
}

function fromComparison({ strategies, rows }: Comparison, title: string): ComparisonData {
  const shown = rows.filter(({ isEqual }) => !isEqual)
  return {
    title,
    columns: strategies.map(({ strategy }) => strategy),
    rows: shown.map(
      ({ group, key, unit, values }): ComparisonRowData => ({
        group: GROUPS[group],
        name: nameOf(key),
        unit,
        ...(group !== 'counters' && !key.endsWith('.acquisitions') && { better: 'less' as const }),
        values: values.map(
          (value, i) =>
            value && {
              median: value.median,
              min: value.min,
              max: value.max,
              ...(i > 0 && { change: value.change }),
              ...(value.verdict === 'within-spread' && { isWithinSpread: true }),
            },
        ),
      }),
    ),
    note: `${rows.length - shown.length} of ${rows.length} figures are equal under all strategies and not shown.`,
  }
}

/** Of a sweep: how each figure changes from the first strategy to the others, over all else that is varied. */
export function sweepComparison(sweep: SweepData): ComparisonData | undefined {
  const along = sweep.axes.findIndex(({ keys }) => keys.includes('strategy'))
  const axis = sweep.axes[along]
  if (axis === undefined || axis.values.length < 2) return undefined
  const cellAt = new Map(sweep.cells.map((cell) => [cell.at.join(), cell]))
  const partner = (cell: SweepCell, strategy: number): SweepCell | undefined =>
    cellAt.get(cell.at.with(along, strategy).join())
  const firsts = sweep.cells.filter((cell) => cell.at[along] === 0)
  const rows = sweep.metrics.flatMap(({ label, unit, better }, metric): ComparisonRowData[] => {
    const changes = axis.values.map((_, strategy) =>
      firsts.flatMap((cell) => {
        const before = cell.medians[metric]
        const after = partner(cell, strategy)?.medians[metric]
        if (before === null || before === undefined || after === null || after === undefined)
          return []
        return before === 0 ? [] : [after / before - 1]
      }),
    )
    if (changes.every((each) => each.every((change) => change === 0))) return []
    const values = changes.map((each, strategy) => {
      if (strategy === 0 || each.length === 0) return null
      return { change: median(each), min: Math.min(...each), max: Math.max(...each) }
    })
    return [{ group: 'changes', name: label, unit, ...(better && { better }), values }]
  })
  const others = sweep.axes.filter((_, i) => i !== along).map(({ name }) => name)
  return {
    title: `${sweep.name}: against ${axis.values[0]?.text}`,
    columns: axis.values.map(({ text }) => text),
    rows,
    note: `Median change over ${firsts.length} combination${firsts.length === 1 ? '' : 's'}${others.length > 0 ? ` of ${others.join(', ')}` : ''}; below it, the smallest and the largest.`,
  }
}
