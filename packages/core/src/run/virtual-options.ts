/**
 * The options of `runVirtual`: their meaning, their defaults, their bounds.
 */

import { assert } from '../lib/assert.ts'
import type { Census } from '../machine/census.ts'
import type { Machine } from '../machine/machine.ts'
import type { VirtualKernel } from '../engines/virtual/compiled-loop.ts'
import type { MachineProfile } from '../engines/virtual/profile.ts'
import { findProfile } from '../engines/virtual/profiles.ts'
import type { Strategy } from '../generated/conditional/mm/strategy.ts'
import { TRACE_BYTES_MIN, type TraceOptions } from '../trace/start-trace.ts'
import type { Timeline } from '../trace/timeline.ts'
import type { TraceSummary } from '../trace/trace-recorder.ts'

/** The profile that runs take unless they are given one. */
export const DEFAULT_PROFILE = 'skylake-104'

const RUNS_MAX = 1_000_000
const JITTER_NS_MAX = 1_000_000_000
/** An hour of virtual time, and more events than any machine gets through in a day. */
const TIME_MAX_NS = 3_600_000_000_000
const EVENTS_MAX = 10_000_000_000

export interface RunVirtualOptions {
  /** What operations cost; default: the profile `skylake-104`. */
  profile?: MachineProfile
  /** How many seeds: run i has the scenario's seed + i. Default 1. */
  runs?: number
  /** Check every invariant of the machine after each run; default true. */
  verify?: boolean
  /** CPUs start within so many nanoseconds of each other, by the seed; default 1,000. */
  arrivalJitterNs?: number
  /** Account virtual time to functions and call stacks; slower. Default false. */
  functions?: boolean
  /** The machine to run on, made for this scenario by createMachine, in any thread; default: a new one. */
  machine?: Machine
  /**
   * The kernel text compiled for virtual time: runs several times faster than JavaScript, with the same report. Left alone
   * if it is of another strategy than the scenario's, and where `functions`, `trace`, `onTimeline` or `strategy` ask for JavaScript.
   */
  kernel?: VirtualKernel
  /** Write a trace of the run, of which there can be one only then; slower, the report is the same. */
  trace?: TraceOptions
  /** Called when the trace is written, before its machine is checked. */
  onTraced?: (summary: TraceSummary) => void
  /** Called with what a report draws of the run, of which there can be one only then; not together with `trace`. */
  onTimeline?: (timeline: Timeline) => void
  /** A strategy in its derived form (with `functions`, `trace` or `onTimeline`: the profiled one) in place of the scenario's. */
  strategy?: Strategy
  /** For the report: the file that `strategy` comes from. */
  strategyFile?: string
  /**
   * The run is given up when the clock of a CPU passes this; default an hour. With more than 512 CPUs of a profile beyond
   * 4,500 MHz an hour is more cycles than the event queue counts: then that is the bound.
   */
  timeMaxNs?: number
  /** The run is given up after so many events; default 10,000,000,000. */
  eventsMax?: number
  /** Looked at now and then: `aborted` ends the run. (An AbortSignal, or words that another thread sets.) */
  signal?: { readonly aborted: boolean }
  /** Called before each run with the part that is done. */
  onProgress?: (fraction: number) => void
  /** Called before each run with its machine, at whose words another thread may look while the run goes on. */
  onPopulated?: (machine: Machine, census: Census, run: number) => void
  /** Called after each run, before its machine is checked: from onPopulated to here the host simulates, and no more. */
  onSimulated?: (run: number) => void
  /** Report the figures of each run as well, as `samples`; default false. */
  samples?: boolean
  /** For the report: the command that does the same again. */
  reproduce?: string
}

/** Options without a default. */
type Optional =
  | 'trace'
  | 'onTraced'
  | 'onTimeline'
  | 'machine'
  | 'kernel'
  | 'strategy'
  | 'strategyFile'
  | 'signal'
  | 'onProgress'
  | 'onPopulated'
  | 'onSimulated'

/** Options with every default filled in. */
export type ResolvedVirtualOptions = Required<Omit<RunVirtualOptions, Optional>> &
  Pick<RunVirtualOptions, Optional>

/** Does a tracer hear of the run? */
export function isTraced(options: Pick<RunVirtualOptions, 'trace' | 'onTimeline'>): boolean {
  return options.trace !== undefined || options.onTimeline !== undefined
}

/** Throws RangeError for a value that is out of bounds. */
export function resolveVirtualOptions(options: RunVirtualOptions): ResolvedVirtualOptions {
  const profile = options.profile ?? findProfile(DEFAULT_PROFILE)
  assert(profile !== undefined, 'the default profile does not ship', { name: DEFAULT_PROFILE })
  const resolved = {
    verify: true,
    functions: false,
    samples: false,
    reproduce: '',
    ...options,
    profile,
    runs: options.runs ?? 1,
    arrivalJitterNs: options.arrivalJitterNs ?? 1000,
    timeMaxNs: options.timeMaxNs ?? TIME_MAX_NS,
    eventsMax: options.eventsMax ?? EVENTS_MAX,
  }
  checkInteger('runs', resolved.runs, 1, isTraced(resolved) ? 1 : RUNS_MAX)
  checkInteger('arrivalJitterNs', resolved.arrivalJitterNs, 0, JITTER_NS_MAX)
  checkInteger('timeMaxNs', resolved.timeMaxNs, 1, TIME_MAX_NS)
  checkInteger('eventsMax', resolved.eventsMax, 1, Number.MAX_SAFE_INTEGER)
  const { bytesMax } = resolved.trace ?? {}
  if (bytesMax !== undefined)
    checkInteger('trace.bytesMax', bytesMax, TRACE_BYTES_MIN, Number.MAX_SAFE_INTEGER)
  return resolved
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name}: got ${value}; allowed: an integer from ${min} to ${max}`)
}
