/**
 * What the main thread and the thread of the virtual engine say to each other: plain data, and a few shared words.
 *
 * While a run goes on, the thread reads nothing but VIRTUAL_STOP: it is busy from its start to its report.
 */

import type {
  RunReport,
  RunVirtualOptions,
  Scenario,
  SharedMemory,
  Timeline,
  TraceFormat,
  TraceSummary,
  VirtualKernel,
} from '@mmgather/core'

import type { StrategyFile } from './strategy-file/strategy-file.ts'
import type { ThrownError } from './virtual-errors.ts'

/** Set: the run is to be given up. */
export const VIRTUAL_STOP = 0
/** Runs that have begun. */
export const VIRTUAL_RUNS_BEGUN = 1
/** Pages that the processes of a run map. */
export const VIRTUAL_MAPPED_PAGES = 2
export const VIRTUAL_WORDS = 3

/** Options that can be told to a thread. */
export type VirtualThreadOptions = Omit<
  RunVirtualOptions,
  | 'machine'
  | 'kernel'
  | 'strategy'
  | 'signal'
  | 'onProgress'
  | 'onPopulated'
  | 'onSimulated'
  | 'trace'
  | 'onTraced'
  | 'onTimeline'
>

/** A file that the thread writes a trace to. */
export interface TraceFile {
  /** Descriptor, open for writing; the thread does not close it. */
  fd: number
  format: TraceFormat
  /** As `bytesMax` of core's TraceOptions. */
  bytesMax?: number
}

/** What became of a trace. */
export interface TraceResult extends TraceSummary {
  /** The system's code (ENOSPC) for why it could not be written on: the rest is missing. */
  errorCode?: string
}

/** `workerData` of the thread. */
export interface VirtualThreadData {
  scenario: Scenario
  options: VirtualThreadOptions
  /** Where a trace of the run goes. */
  traceFile?: TraceFile
  /** Is what a report draws of the run wanted? */
  timeline?: boolean
  /** The machine to run on, made for the scenario. */
  memory: SharedMemory
  /** VIRTUAL_WORDS shared words. */
  words: Int32Array
  /** The compiled text to run, if there is one. */
  kernel?: VirtualKernel
}

/** `workerData` of the thread when the strategy does not ship. */
export interface UserVirtualThreadData extends VirtualThreadData {
  userStrategy: StrategyFile
}

export type VirtualMessage =
  /** `hostMs`: what the simulation of each run took of the host. */
  | {
      kind: 'report'
      report: RunReport
      hostMs: readonly number[]
      trace?: TraceResult
      timeline?: Timeline
    }
  | { kind: 'threw'; error: ThrownError }
