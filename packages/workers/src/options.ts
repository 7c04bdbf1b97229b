/**
 * The options of `runLive`: their meaning, their defaults, their bounds.
 */

import {
  LimitsError,
  SAMPLE_US_MAX,
  SAMPLE_US_MIN,
  SAMPLED_TRACE_FORMATS,
  TRACE_BYTES_MIN,
} from '@mmgather/core'

import { KERNEL_CODES, type KernelCode } from './kernel-code.ts'
import type { LiveProgress } from './progress.ts'
import type { SampledTraceFile, SampledTraceResult } from './sampler/sampler-api.ts'
import type { SamplerLostError } from './sampler/sampler.ts'
import type { StrategyFile } from './strategy-file/strategy-file.ts'

/** CPUs are threads here, and each needs some megabytes and its share of the cores within a second or so. */
export const LIVE_CPUS_MAX = 256
const RUNS_MAX = 1_000_000
/** The longest that a timer takes. */
const MS_MAX = 2 ** 31 - 1

export interface RunLiveOptions {
  /** How often the scenario is torn down, each time built anew; default 1. */
  runs?: number
  /**
   * Teardowns before the first that counts, so that the measured ones run optimised code; default 0, since a run of a
   * few hundred thousand pages warms up by itself. Times of much shorter ones mean little without it.
   */
  warmup?: number
  /** A user's strategy in place of the scenario's, from `loadStrategyFile`. */
  strategyFile?: StrategyFile
  /** Check every invariant of the machine after each run, outside the measured time; default true. */
  verify?: boolean
  /** Bind each CPU thread to a core, where the system allows it and there are enough cores; default true. */
  pin?: boolean
  /** Stops the run under way; the report then has the outcome `interrupted` and the runs that were finished. */
  signal?: AbortSignal
  /** As if `signal` was aborted after so many milliseconds. */
  timeoutMs?: number
  /** Called now and then while the run goes on; what it throws, `runLive` rejects with, after stopping the run. */
  onProgress?: (progress: LiveProgress) => void
  /** Milliseconds between two calls of `onProgress`; default 100. */
  progressIntervalMs?: number
  /** Report the figures of each run as well, as `samples`; default false. */
  samples?: boolean
  /**
   * The form of the kernel text that the threads run: WebAssembly compiled from it, or the JavaScript that it is; default
   * wasm, and js where WebAssembly has no threads. Both do the same to every word of a machine.
   */
  code?: KernelCode
  /** Write a trace of the measured run, the only one, by samples that a thread of its own takes. */
  traceFile?: SampledTraceFile
  /** Called at the end with what became of it; undefined: the run was stopped before it had one. */
  onTraced?: (trace: SampledTraceResult | SamplerLostError | undefined) => void
  /** For the report: the command that does the same again. Default: by the name of the preset or of the scenario. */
  reproduce?: string
}

/** Options with every default filled in. */
export type ResolvedOptions = RunLiveOptions &
  Required<
    Pick<RunLiveOptions, 'runs' | 'warmup' | 'verify' | 'pin' | 'samples' | 'progressIntervalMs'>
  >

/** Throws RangeError for a value that is out of bounds. */
export function resolveOptions(options: RunLiveOptions): ResolvedOptions {
  if (options.code !== undefined && !KERNEL_CODES.includes(options.code))
    throw new RangeError(`code: got ${options.code}; allowed: ${KERNEL_CODES.join(', ')}`)
  const resolved: ResolvedOptions = {
    ...options,
    runs: options.runs ?? 1,
    warmup: options.warmup ?? 0,
    verify: options.verify ?? true,
    pin: options.pin ?? true,
    samples: options.samples ?? false,
    progressIntervalMs: options.progressIntervalMs ?? 100,
  }
  checkInteger('runs', resolved.runs, 1, options.traceFile === undefined ? RUNS_MAX : 1)
  checkInteger('warmup', resolved.warmup, 0, RUNS_MAX)
  checkInteger('progressIntervalMs', resolved.progressIntervalMs, 1, MS_MAX)
  if (options.timeoutMs !== undefined) checkInteger('timeoutMs', options.timeoutMs, 1, MS_MAX)
  if (options.traceFile !== undefined) checkTraceFile(options.traceFile)
  return resolved
}

function checkTraceFile({ format, bytesMax, periodUs }: SampledTraceFile): void {
  if (!SAMPLED_TRACE_FORMATS.includes(format))
    throw new RangeError(
      `traceFile.format: got ${format}; allowed: ${SAMPLED_TRACE_FORMATS.join(', ')} (others need runVirtual)`,
    )
  if (bytesMax !== undefined)
    checkInteger('traceFile.bytesMax', bytesMax, TRACE_BYTES_MIN, Number.MAX_SAFE_INTEGER)
  if (periodUs !== undefined)
    checkInteger('traceFile.periodUs', periodUs, SAMPLE_US_MIN, SAMPLE_US_MAX)
}

/** Throws LimitsError if there are more CPUs than the live engine starts threads for. */
export function checkCpus(cpus: number): void {
  if (cpus <= LIVE_CPUS_MAX) return
  throw new LimitsError({
    field: 'machine.cpus',
    value: `${cpus} CPUs, each a thread of this process`,
    allowed: `at most ${LIVE_CPUS_MAX} with the live engine`,
    hint: 'use fewer CPUs',
  })
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name}: got ${value}; allowed: an integer from ${min} to ${max}`)
}
