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
  /** Acquisitions, and contentions, of a lock that another CPU had last (virtual engine only). */
  acqBounces?: number
  conBounces?: number
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
  /** CPUs wait for each other and nothing will wake them: a line for each that waits (virtual engine). */
  | { kind: 'deadlock'; waits: string[] }
  /** A bound of the run was reached (virtual engine). */
  | { kind: 'bounds'; message: string }

export interface CpuReport {
  cpu: number
  processes: number
  counters: Record<CounterKey, number>
}

/** The figures of one finished run by itself. */
export interface RunSample {
  teardownNs: number
  /** As `time.perPage`. */
  perPageNs: number | null
  counters: Record<CounterKey, number>
  locks: Record<LockClassKey, { acquisitions: number; contended: number; waitNs: number }>
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

/** Where the time of one virtual CPU went, in nanoseconds of all runs; the parts add up to `totalNs`. */
export interface CpuTimeStack {
  cpu: number
  /** From the start of its programs to its end of them. */
  totalNs: number
  /** Executing kernel text, lines that it had included. */
  runningNs: number
  /** Waiting for cache lines. */
  transferNs: number
  /** TLB flushes: local ones, sending IPIs and waiting for their acknowledgement, handling those of others. */
  ipiNs: number
  /** Exceptions, system calls, clearing and copying pages, interrupts on and off, rescheduling. */
  workNs: number
  /** User time. */
  delayNs: number
  /** Waiting for locks, by class. */
  waitNs: Record<LockClassKey, number>
}

/** Virtual time in one function, waits included, over all CPUs. */
export interface FunctionTime {
  function: string
  calls: number
  /** In it and in what it called; a recursive call counts once. */
  inclusiveNs: number
  exclusiveNs: number
}

/** A CPU that waited for locks that another held when it came. */
export interface LockWait {
  waiter: number
  holder: number
  ns: number
}

/** What only virtual time can tell. Sums over all runs. */
export interface VirtualReport {
  /** Name of the machine profile, and the clock in whose cycles costs are counted. */
  profile: string
  mhz: number
  /** CPUs start within so many nanoseconds of each other, by the seed. */
  arrivalJitterNs: number
  /** Times that a virtual CPU was given the host's thread. */
  events: number
  cpuTime: CpuTimeStack[]
  /** Who waited for whom, longest first. */
  lockWaits: LockWait[]
  /** Cache lines fetched from other CPUs, by how far those are. */
  lineTransfers: { smt: number; cluster: number; socket: number; remote: number }
  interrupts: {
    ipisSent: number
    ipisHandled: number
    /** Time with interrupts off: all CPUs together, and the longest stretch. */
    offNsTotal: number
    offNsMax: number
  }
  /** By function, most exclusive time first; only if asked for. */
  functions?: FunctionTime[]
  /** Call stacks in collapsed form, `a;b;c cycles`, for flame graphs; only if asked for. */
  stacks?: string[]
}

export interface RunReport {
  schema: typeof RUN_REPORT_SCHEMA
  /** Version of mmgather. */
  version: string
  scenario: Scenario
  strategy: string
  /** The file of a strategy that does not ship, as it was named. */
  strategyFile?: string
  engine: 'live' | 'virtual'
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
  /** Each finished run, in their order (virtual run i has the seed + i); only if asked for. */
  samples?: RunSample[]
  memory: { bufferBytes: number; simulatedPages: number; bytesPerPage: number }
  environment: RunEnvironment
  /** What only virtual time can tell; absent in live reports. */
  virtual?: VirtualReport
  /** Things that a reader of the figures must know, in words. */
  warnings: string[]
  /** The command that does the same again. */
  reproduce: string
}
