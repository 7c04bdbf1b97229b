/**
 * The report of a run: plain, versioned data, the same from every engine; exporters and comparisons read only this.
 *
 * Counts are exact integers. Times are nanoseconds. `counters` are totals over the CPUs of the last run; where runs of
 * the same scenario differ (counts that depend on the order of events), `countersVary` names the keys.
 */

import type { CounterKey, EventKey, LockClassKey, VmstatKey } from '../machine/counters.ts'
import type { Scenario } from '../scenario/scenario.ts'

export const RUN_REPORT_SCHEMA = 'mmgather/run-report@1'

/** Median, smallest and largest of the runs. */
export interface Spread {
  median: number
  min: number
  max: number
}

/** Buckets of a histogram that are not empty: values from `from` (inclusive) to `to` (exclusive), `count` of them. */
export interface HistogramBucket {
  from: number
  to: number
  count: number
}

/** What one lock class saw, summed over CPUs and runs (as /proc/lock_stat has it). */
export interface LockStatistics {
  acquisitions: number
  /** Acquisitions that found the lock taken. */
  contended: number
  /** Rounds spent looking at a taken lock. */
  spins: number
  /** Time waited by the contended acquisitions; absent fields of an empty class are 0. */
  waitNs: { min: number; max: number; total: number; avg: number; histogram: HistogramBucket[] }
  /** Time held, of the sampled acquisitions. */
  holdNs: {
    samples: number
    min: number
    max: number
    total: number
    avg: number
    histogram: HistogramBucket[]
  }
}

/** How the run ended. */
export type RunOutcome =
  | { kind: 'completed' }
  /** Stopped by the user; what was finished is in the report. */
  | { kind: 'interrupted'; runsCompleted: number }
  /** An invariant of the kernel text or of verify does not hold. */
  | { kind: 'violated'; violations: { rule: string; message: string }[] }
  /** A CPU thread died or hung; `cpu` and what it was doing. */
  | { kind: 'failed'; cpu: number; message: string }

export interface CpuReport {
  cpu: number
  processes: number
  counters: Record<CounterKey, number>
}

/** Where and how it ran, as far as it bears on the times. */
export interface RunEnvironment {
  /** The form of the kernel text that ran: WebAssembly compiled from it, or the JavaScript that it is. */
  code: 'wasm' | 'js'
  runtime: string
  platform: string
  cpuModel: string
  /** Cores that this process may use. */
  cores: number
  /** Were the CPU threads pinned, and if not, why. */
  pinned: boolean
  pinnedNote: string
  /** More simulated CPUs than cores: the times measure the scheduler as well. */
  cpusExceedCores: boolean
}

export interface RunReport {
  schema: typeof RUN_REPORT_SCHEMA
  /** Version of mmgather. */
  version: string
  scenario: Scenario
  strategy: string
  engine: 'live'
  seed: number
  runs: number
  outcome: RunOutcome
  counters: Record<CounterKey, number>
  countersVary: CounterKey[]
  /** Further event counts, same rules. */
  events: Record<EventKey, number>
  /** Changes of the vmstat items during the last run. */
  vmstat: Record<VmstatKey, number>
  perCpu: CpuReport[]
  locks: Record<LockClassKey, LockStatistics>
  time: {
    unit: 'ns'
    /** The longest CPU, from the start barrier to its last operation. */
    teardown: Spread
    /** CPUs' summed teardown time divided by ptesCleared; null where no PTE was cleared. */
    perPage: Spread | null
    /** Teardown time of each CPU, median over the runs. */
    perCpu: number[]
    /** Making and populating the machine, all runs; not part of any other time. */
    setup: number
  }
  memory: { bufferBytes: number; simulatedPages: number; bytesPerPage: number }
  environment: RunEnvironment
  /** Things that a reader of the figures must know, in words. */
  warnings: string[]
  /** The command that does the same again. */
  reproduce: string
}
