/**
 * The fidelity suite: what mmgather counts, beside what it must count.
 *
 * Two parts: the worked examples of the specification, by counter, for every strategy that they are about; and counts of
 * real kernels, by function. Every run has one CPU at work, so the counts are those of every engine.
 */

import { assert } from '../lib/assert.ts'
import { VERSION } from '../lib/version.ts'
import { bindMachine } from '../machine/machine.ts'
import { collectCpuCounters, collectEvents } from '../metrics/collect.ts'
import type { RunReport } from '../metrics/run-report.ts'
import { runVirtual } from '../run/run-virtual.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { createMachine, populate, runOneCpu, strategyOf } from '../engines/boot.ts'
import { evaluate, type Counted } from './expression.ts'
import { kernelFunction } from './kernel-functions.ts'
import { ORIGIN, REAL_KERNELS, type RealCount, realCounts } from './real-counts.ts'
import { WORKED_EXAMPLES, type WorkedExample } from './worked-examples.ts'
import { FITTED, workloadScenario } from './workloads.ts'

/** The version of the document that `mmgather validate --json` prints. */
export const FIDELITY_SCHEMA = 'mmgather/fidelity@1'

/** One count that there is another for. */
export interface FidelityRow {
  /** real: a kernel's function; example: a counter of a worked example. */
  readonly kind: 'real' | 'example'
  /** The kernel's version, or the strategy. */
  readonly kernel: string
  readonly workload: string
  readonly function: string
  readonly real: number
  /** null: no function of ours stands for it. */
  readonly ours: number | null
  /** Did the repeats agree? Where not, `real` is their median, and their spread is not known. */
  readonly repeatsAgree: boolean
}

export interface FidelityReport {
  readonly schema: typeof FIDELITY_SCHEMA
  /** Of mmgather. */
  readonly version: string
  /** Where the counts of real kernels come from. */
  readonly origin: string
  readonly rows: readonly FidelityRow[]
  /** Rows that must be equal and are not. */
  readonly differences: number
  /** Rows on which the repeats did not agree. */
  readonly unsettled: number
  /** Workloads of which something was fitted to the counts: name, and what. */
  readonly fitted: Readonly<Record<string, string>>
}

/** Which part of the suite; nothing named: all of it. */
export interface FidelitySelection {
  /** Only this kernel: a version (`6.1`) or a strategy (`linux-6.1`). */
  readonly kernel?: string | undefined
  /** Only this workload or worked example. */
  readonly workload?: string | undefined
}

/** One run of the suite, which takes up to a second. */
export interface FidelityJob {
  readonly kernel: string
  readonly workload: string
  run(): FidelityRow[]
}

/** Kernels and strategies that there are rows of. */
export function fidelityKernels(): string[] {
  return [...new Set([...REAL_KERNELS, ...WORKED_EXAMPLES.map(({ strategy }) => strategy)])]
}

/** Workloads and worked examples that there are rows of. */
export function fidelityWorkloads(): string[] {
  const names = [...WORKED_EXAMPLES, ...realCounts()].map(({ workload }) => workload)
  return [...new Set(names)]
}

/** Runs the suite, or a part of it, at once. To do something between the runs: fidelityJobs. */
export function validate(selection: FidelitySelection = {}): FidelityReport {
  return fidelityReport(fidelityJobs(selection).flatMap((job) => job.run()))
}

/** What the rows of some jobs come to. */
export function fidelityReport(rows: readonly FidelityRow[]): FidelityReport {
  return {
    schema: FIDELITY_SCHEMA,
    version: VERSION,
    origin: ORIGIN,
    rows,
    differences: rows.filter(isDifference).length,
    unsettled: rows.filter(({ repeatsAgree }) => !repeatsAgree).length,
    fitted: Object.fromEntries(
      Object.entries(FITTED).filter(([name]) => rows.some(({ workload }) => workload === name)),
    ),
  }
}

/** Must the two counts be equal, and are they not? */
export function isDifference({ real, ours, repeatsAgree }: FidelityRow): boolean {
  return repeatsAgree && ours !== null && ours !== real
}

/** The runs of the suite, or of a part of it: the worked examples, then the real counts. */
export function fidelityJobs({ kernel, workload }: FidelitySelection = {}): FidelityJob[] {
  const isAsked = (one: FidelityJob): boolean =>
    (workload === undefined || one.workload === workload) &&
    (kernel === undefined || kernel === one.kernel || kernel === `linux-${one.kernel}`)
  const examples = WORKED_EXAMPLES.map((one) => ({
    kernel: one.strategy,
    workload: one.workload,
    run: () => exampleRows(one),
  }))
  const runs = Map.groupBy(realCounts(), (one) => `${one.kernel} ${one.workload}`)
  const real = [...runs.values()].map((rows) => ({
    kernel: rows[0]?.kernel ?? '',
    workload: rows[0]?.workload ?? '',
    run: () => realRows(rows),
  }))
  return [...examples, ...real].filter(isAsked)
}

/** The rows of one worked example. */
function exampleRows(example: WorkedExample): FidelityRow[] {
  const counted = countExample(example)
  return Object.entries(example.expected).map(([key, real]) => ({
    kind: 'example',
    kernel: example.strategy,
    workload: example.workload,
    function: key,
    real,
    ours: counted[key] ?? 0,
    repeatsAgree: true,
  }))
}

/** Counters and events of an example's process (of its last CPU). */
function countExample({ scenario, cpu }: WorkedExample): Record<string, number> {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  bindMachine(machine)
  return { ...collectEvents(machine), ...collectCpuCounters(machine, cpu) }
}

/** The rows of one workload under one kernel. */
function realRows(counts: readonly RealCount[]): FidelityRow[] {
  const [first] = counts
  const scenario = first && workloadScenario(first.workload, first.kernel)
  assert(scenario !== undefined, 'a workload of no scenario', { first })
  const counted = countCalls(scenario)
  return counts.map((real) => {
    const ours = kernelFunction(real.function, real.kernel)?.ours
    return {
      kind: 'real',
      kernel: real.kernel,
      workload: real.workload,
      function: real.function,
      real: real.hits,
      ours: ours === undefined ? null : evaluate(ours, counted),
      repeatsAgree: real.repeatsAgree,
    }
  })
}

/** What the scenario's teardown calls and counts. */
export function countCalls(scenario: Scenario): Counted {
  const report = runVirtual(scenario, { functions: true, verify: false, arrivalJitterNs: 0 })
  assert(
    report.outcome.kind === 'completed',
    'the workload does not come to its end',
    report.outcome,
  )
  return countedOf(report)
}

function countedOf({ counters, events, virtual }: RunReport): Counted {
  const functions = virtual?.functions ?? []
  return {
    counts: { ...counters, ...events },
    calls: new Map(functions.map((one) => [one.function, one.calls])),
  }
}
