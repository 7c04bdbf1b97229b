/**
 * Reports and journals for tests: made by real runs, with the names that a test wants.
 */
import {
  entryLine,
  headerLine,
  overrideScenario,
  parseJournal,
  pointAt,
  presetScenario,
  runVirtual,
  SWEEP_JOURNAL_SCHEMA,
  type Axis,
  type AxisValues,
  type Journal,
  type JournalHeader,
  type RunReport,
  type RunVirtualOptions,
  type ScenarioOverrides,
  type Timeline,
} from '@mmgather/core'

import { pointOutcome } from '../../core/src/sweep/result.ts'
import { countPoints } from '../../core/src/sweep/points.ts'
import type { ReportSource } from '../src/collect.ts'

const PRESET = 'exit-order3'

export interface MadeRun {
  report: RunReport
  timeline: Timeline
}

export function madeRun(overrides: ScenarioOverrides, options: RunVirtualOptions = {}): MadeRun {
  let timeline: Timeline | undefined
  const report = runVirtual(overrideScenario(presetScenario(PRESET), overrides), {
    functions: true,
    onTimeline: (made) => (timeline = made),
    ...options,
  })
  if (timeline === undefined) throw new Error('no timeline')
  return { report, timeline }
}

/** Really sweeps the axes, and reads the journal back. */
export function madeJournal(axes: readonly Axis[], set: AxisValues, seeds = 1): Journal {
  const scenario = presetScenario(PRESET)
  const header: JournalHeader = {
    schema: SWEEP_JOURNAL_SCHEMA,
    version: '0.1.0',
    id: 'test',
    name: PRESET,
    description: '',
    scenario,
    set,
    axes: [...axes],
    seeds,
    options: { verify: true },
    reproduce: 'mmgather sweep',
  }
  let text = headerLine(header)
  for (let i = 0; i < countPoints(axes, seeds); i++) {
    const point = pointAt(axes, seeds, 1, i)
    const overrides = { ...set, ...point.axes, seed: point.seed } as ScenarioOverrides
    const outcome = pointOutcome(runVirtual(overrideScenario(scenario, overrides)))
    text += entryLine(`key ${i}`, point, JSON.stringify(outcome))
  }
  return parseJournal(text)
}

/** cpus and processes together. */
export function cpuAxis(...cpus: number[]): Axis {
  return { keys: ['cpus', 'processes'], values: cpus.map((n) => [n, n]) }
}

export function runSource(made: MadeRun, source = 'run.json'): ReportSource {
  return { kind: 'run', source, ...made }
}

export function sweepSource(journal: Journal, source = 'sweep.jsonl'): ReportSource {
  return { kind: 'sweep', source, journal }
}
