/**
 * Runs and points as rows with the same columns: every figure that does not grow with the number of CPUs.
 *
 * A row is a run report, or one point of a journal. Figures of locks are of all runs of a report.
 */
import {
  AXIS_KEYS,
  COUNTER_KEYS,
  EVENT_KEYS,
  LOCK_CLASS_KEYS,
  type LockStatistics,
  type RunReport,
  type SweepResult,
  VMSTAT_KEYS,
} from '@mmgather/core'
import type { ReportInput } from '../../report-inputs.ts'

export type Cell = string | number | null
export type FigureRow = ReadonlyMap<string, Cell>

/** Each row of each file. */
export function* figureRows(inputs: readonly ReportInput[]): Generator<FigureRow> {
  for (const input of inputs) {
    if (input.kind === 'run') yield runRow(input.source, input.report)
    else {
      const { header, entries } = input.journal
      for (const entry of entries) {
        const { point } = entry
        const row = new Map<string, Cell>([
          ['source', input.source],
          ['scenario', header.scenario.name],
          ...AXIS_KEYS.map((key): [string, Cell] => [
            key,
            point.axes[key] ?? header.set[key] ?? null,
          ]),
          ['strategy', point.axes.strategy ?? header.set.strategy ?? header.scenario.strategy],
          ['seed', point.seed],
          ['runs', 1],
          ['error', 'error' in entry ? `${entry.error.kind}: ${entry.error.message}` : null],
        ])
        if ('result' in entry)
          for (const [key, value] of resultCells(entry.result)) row.set(key, value)
        yield row
      }
    }
  }
}

function runRow(source: string, report: RunReport): FigureRow {
  const { scenario, strategy, seed, runs, outcome, time, memory, virtual } = report
  return new Map<string, Cell>([
    ['source', source],
    ['scenario', scenario.name],
    ['strategy', strategy],
    ['engine', report.engine],
    ['seed', seed],
    ['runs', runs],
    ['error', outcome.kind === 'completed' ? null : outcome.kind],
    ['cpus', scenario.machine.cpus],
    ['processes', scenario.processes.reduce((sum, { count }) => sum + count, 0)],
    ['simulatedPages', memory.simulatedPages],
    ['teardownNs', time.teardown.median],
    ['perPageNs', time.perPage?.median ?? null],
    ...sharedCells(report),
    ...(virtual === undefined
      ? []
      : ([
          ['profile', virtual.profile],
          ['mhz', virtual.mhz],
          ...Object.entries(virtual.lineTransfers).map(([key, n]): [string, Cell] => [
            `lineTransfers.${key}`,
            n,
          ]),
          ...Object.entries(virtual.interrupts).map(([key, n]): [string, Cell] => [
            `interrupts.${key}`,
            n,
          ]),
        ] as [string, Cell][])),
  ])
}

function resultCells(result: SweepResult): [string, Cell][] {
  const { timeStack } = result
  const { waitNs, ...parts } = timeStack
  return [
    ['engine', 'virtual'],
    ['cpus', result.cpus],
    ['processes', result.processes],
    ['simulatedPages', result.simulatedPages],
    ['teardownNs', result.teardownNs],
    ['perPageNs', result.perPageNs],
    ...sharedCells(result),
    ['profile', result.profile],
    ['mhz', result.mhz],
    ...entriesOf('lineTransfers', result.lineTransfers),
    ...entriesOf('interrupts', result.interrupts),
    ...entriesOf('time', parts),
    ...entriesOf('time.waitNs', waitNs),
  ]
}

function sharedCells({
  counters,
  events,
  vmstat,
  locks,
}: Pick<RunReport, 'counters' | 'events' | 'vmstat' | 'locks'>): [string, Cell][] {
  return [
    ...COUNTER_KEYS.map((key): [string, Cell] => [key, counters[key]]),
    ...EVENT_KEYS.map((key): [string, Cell] => [`events.${key}`, events[key]]),
    ...VMSTAT_KEYS.map((key): [string, Cell] => [`vmstat.${key}`, vmstat[key]]),
    ...LOCK_CLASS_KEYS.flatMap((key) => lockCells(key, locks[key])),
  ]
}

function lockCells(name: string, lock: LockStatistics): [string, Cell][] {
  const { acquisitions, contended, acqBounces, conBounces, waitNs, holdNs } = lock
  const cells = {
    acquisitions,
    contended,
    acqBounces: acqBounces ?? null,
    conBounces: conBounces ?? null,
    'waitNs.total': waitNs.total,
    'waitNs.max': waitNs.max,
    'holdNs.total': holdNs.total,
    'holdNs.max': holdNs.max,
  }
  return entriesOf(`locks.${name}`, cells)
}

function entriesOf(name: string, cells: Readonly<Record<string, Cell>>): [string, Cell][] {
  return Object.entries(cells).map(([key, value]) => [`${name}.${key}`, value])
}
