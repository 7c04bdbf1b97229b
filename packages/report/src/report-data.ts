/**
 * What the page of a report is given: plain data, made from reports and journals, embedded as JSON.
 *
 * Times are nanoseconds of virtual (or, in live runs, real) time. Names and texts are as their authors wrote them: whoever
 * shows them shows text, never markup.
 */
import type {
  CpuTimeStack,
  FunctionTime,
  LockClassKey,
  LockStatistics,
  LockWait,
  Spread,
  Timeline,
} from '@mmgather/core'

export const REPORT_DATA_SCHEMA = 'mmgather/html-report@1'

export interface ReportData {
  schema: typeof REPORT_DATA_SCHEMA
  /** Of mmgather. */
  version: string
  title: string
  /** In words, a paragraph each. */
  summary: string[]
  runs: RunData[]
  sweeps: SweepData[]
  comparisons: ComparisonData[]
}

/** A run, or several of one scenario. */
export interface RunData {
  /** Tells it from the others in this report. */
  label: string
  source: string
  /** Runs of one family differ in their CPUs and processes, strategy and seed alone. */
  family: number
  scenarioName: string
  strategy: string
  engine: 'live' | 'virtual'
  /** `completed`, or how it ended. */
  outcome: string
  isCompleted: boolean
  cpus: number
  processes: number
  seed: number
  runs: number
  /** The longest CPU; null: no run was finished. */
  teardownNs: Spread | null
  perPageNs: Spread | null
  ptesCleared: number
  /** Name and value, for people: profile, platform, version. */
  facts: [name: string, value: string][]
  locks: Record<LockClassKey, LockStatistics>
  counters: Record<string, number>
  cpuTime: CpuTimeStack[]
  lockWaits: LockWait[]
  functions: FunctionTime[]
  warnings: string[]
  timeline?: TimelineData
  /** Why there is no timeline. */
  noTimeline?: string
  reproduce: string
  /** The scenario file. */
  scenarioText: string
}

/** A Timeline with its intervals packed: see timeline-data.ts. */
export interface TimelineData extends Omit<Timeline, 'schema' | 'cpus'> {
  cpus: { waits: number[][]; holds: number[][] }[]
}

export type AxisValue = number | string

export interface SweepAxis {
  /** The keys, joined by +. */
  name: string
  keys: string[]
  /** One for each entry: a number where the axis has one to draw along, and what people read. */
  values: { value: AxisValue; text: string }[]
}

export interface Metric {
  id: string
  label: string
  unit: 'ns' | 'count' | 'share' | 'pages/ms'
  /** Which of two is better; absent: it depends. */
  better?: 'less' | 'more'
}

/** Values of one combination: an index for each axis, then for each metric the median over the seeds (null: none). */
export interface SweepCell {
  at: number[]
  medians: (number | null)[]
  /** Smallest and largest of the metric `throughput`, if there are several seeds. */
  spread?: [min: number, max: number]
}

export interface SweepData {
  label: string
  name: string
  description: string
  source: string
  axes: SweepAxis[]
  seeds: number
  metrics: Metric[]
  cells: SweepCell[]
  /** Points that are in the journal, and those without figures, by what was wrong. */
  points: number
  errors: { what: string; count: number; first: string }[]
  facts: [name: string, value: string][]
  reproduce: string
  scenarioText: string
}

/** Figures side by side; the first column is what the others are compared to. */
export interface ComparisonData {
  title: string
  columns: string[]
  rows: ComparisonRowData[]
  note: string
}

export interface ComparisonRowData {
  group: string
  name: string
  unit: Metric['unit']
  better?: Metric['better']
  values: (ComparedCell | null)[]
}

export interface ComparedCell {
  /** Absent where only the ratio has a meaning. */
  median?: number
  min?: number
  max?: number
  /** As a part of the first's; null: from 0. Absent in the first column. */
  change?: number | null
  /** The difference is within the spread of the runs. */
  isWithinSpread?: boolean
}
