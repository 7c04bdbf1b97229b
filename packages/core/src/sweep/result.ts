/**
 * What a journal keeps of a point: the figures of its report that do not grow with the number of CPUs, or why there are
 * none.
 *
 * Invariant: the same point gives the same bytes, so nothing here depends on the host or on the order of runs.
 */
import {
  LOCK_CLASS_KEYS,
  type CounterKey,
  type EventKey,
  type LockClassKey,
  type VmstatKey,
} from '../machine/counters.ts'
import type {
  CpuTimeStack,
  LockStatistics,
  RunOutcome,
  RunReport,
  VirtualReport,
} from '../metrics/run-report.ts'

/** Virtual time of all CPUs together, in nanoseconds; the parts add up to `totalNs`. */
export type TimeStack = Omit<CpuTimeStack, 'cpu'>

/** The figures of a point that ran to its end, those of a RunReport of one run. */
export interface SweepResult {
  /** CPUs, processes and simulated pages of the scenario that ran. */
  cpus: number
  processes: number
  simulatedPages: number
  /** From the first CPU's start to the last one's end. */
  teardownNs: number
  /** CPUs' summed time divided by ptesCleared; null where no PTE was cleared. */
  perPageNs: number | null
  counters: Record<CounterKey, number>
  events: Record<EventKey, number>
  vmstat: Record<VmstatKey, number>
  locks: Record<LockClassKey, LockStatistics>
  timeStack: TimeStack
  profile: string
  mhz: number
  /** Times that a virtual CPU was given the host's thread. */
  hostEvents: number
  lineTransfers: VirtualReport['lineTransfers']
  interrupts: VirtualReport['interrupts']
  warnings: string[]
}

/** Why a point has no figures. */
export interface SweepPointError {
  /**
   * `scenario`, `limits`: no machine can be made for it. `violated`, `deadlock`, `bounds`: as a run ends. `lost`: two
   * threads died of it. `internal`: a bug of mmgather. The last two are run again when the sweep is continued.
   */
  kind: 'scenario' | 'limits' | 'violated' | 'deadlock' | 'bounds' | 'lost' | 'internal'
  message: string
  /** What each CPU waits for, further violations. */
  details?: string[]
}

/** Lines of an error at most. */
const DETAILS_MAX = 20

export type PointOutcome = { result: SweepResult } | { error: SweepPointError }

/** Is it known for good? Else the point is run again. */
export function isFinal(error: SweepPointError | undefined): boolean {
  return error?.kind !== 'lost' && error?.kind !== 'internal'
}

/** @param report - of one virtual run. */
export function pointOutcome(report: RunReport): PointOutcome {
  const { outcome, scenario, time, counters, events, vmstat, locks, virtual, memory, warnings } =
    report
  const error = errorOf(outcome)
  if (error !== undefined) return { error }
  if (virtual === undefined) return { error: internal('the report is not of the virtual engine') }
  const { profile, mhz, lineTransfers, interrupts } = virtual
  const result: SweepResult = {
    cpus: scenario.machine.cpus,
    processes: scenario.processes.reduce((sum, { count }) => sum + count, 0),
    simulatedPages: memory.simulatedPages,
    teardownNs: time.teardown.median,
    perPageNs: time.perPage?.median ?? null,
    counters,
    events,
    vmstat,
    locks,
    timeStack: sumStacks(virtual.cpuTime),
    profile,
    mhz,
    hostEvents: virtual.events,
    lineTransfers,
    interrupts,
    warnings,
  }
  return { result }
}

/** A bug, in the form of a point's error. */
export function internal(message: string): SweepPointError {
  return { kind: 'internal', message }
}

function errorOf(outcome: RunOutcome): SweepPointError | undefined {
  switch (outcome.kind) {
    case 'completed':
      return undefined
    case 'violated': {
      const [first, ...rest] = outcome.violations.map(({ rule, message }) => `${rule}: ${message}`)
      return { kind: 'violated', message: first ?? '', ...detailed(rest) }
    }
    case 'deadlock': {
      const [first, ...rest] = outcome.waits
      return { kind: 'deadlock', message: first ?? '', ...detailed(rest) }
    }
    case 'bounds':
      return { kind: 'bounds', message: outcome.message }
    default:
      return internal(`the run ended as ${outcome.kind}`)
  }
}

function detailed(lines: readonly string[]): { details?: string[] } {
  if (lines.length === 0) return {}
  const more = lines.length - DETAILS_MAX
  const shown = lines.slice(0, DETAILS_MAX)
  return { details: more > 0 ? [...shown, `and ${more} more`] : shown }
}

function sumStacks(stacks: readonly CpuTimeStack[]): TimeStack {
  const sum = (of: (stack: CpuTimeStack) => number): number =>
    stacks.reduce((total, stack) => total + of(stack), 0)
  const waits = LOCK_CLASS_KEYS.map((key) => [key, sum(({ waitNs }) => waitNs[key])])
  return {
    totalNs: sum(({ totalNs }) => totalNs),
    runningNs: sum(({ runningNs }) => runningNs),
    transferNs: sum(({ transferNs }) => transferNs),
    ipiNs: sum(({ ipiNs }) => ipiNs),
    workNs: sum(({ workNs }) => workNs),
    delayNs: sum(({ delayNs }) => delayNs),
    waitNs: Object.fromEntries(waits) as Record<LockClassKey, number>,
  }
}
