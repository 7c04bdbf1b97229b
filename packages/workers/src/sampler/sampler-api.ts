/**
 * What the main thread and the sampler's thread say to each other: plain data, and one shared word.
 */

import type {
  SampledTraceFormat,
  SampledTraceSummary,
  Scenario,
  SharedMemory,
} from '@mmgather/core'

/** The only shared word: what the sampler is to do. */
export const SAMPLER_ORDER = 0
/** Nothing yet, the machine is not populated. */
export const SAMPLER_REST = 0
export const SAMPLER_SAMPLE = 1
/** The run is over: take the last sample, and end. */
export const SAMPLER_END = 2

/** A file that the sampler writes a trace to. */
export interface SampledTraceFile {
  /** Descriptor, open for writing; the thread does not close it. */
  fd: number
  format: SampledTraceFormat
  /** As in core's SampledTraceOptions. */
  bytesMax?: number
  /** As in core's SampledTraceOptions. */
  periodUs?: number
}

/** What became of a sampled trace: of one that is lost, why. */
export type SampledTraceResult = SampledTraceSummary & {
  /** The system's code (ENOSPC) for why it could not be written on: the rest is missing. */
  errorCode?: string
}

/** `workerData` of the thread. */
export interface SamplerThreadData {
  /** The machine that the CPU threads run on. */
  memory: SharedMemory
  scenario: Scenario
  traceFile: SampledTraceFile
  /** `process.hrtime.bigint()` from which the CPU threads count their times. */
  epoch: bigint
  /** One shared word, SAMPLER_ORDER. */
  words: Int32Array
}

export type SamplerMessage =
  /** The first sample is taken; the CPUs may start. */
  { kind: 'sampling' } | { kind: 'ended'; result: SampledTraceResult }
