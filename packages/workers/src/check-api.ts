/**
 * What the main thread and the threads of a check say to each other: plain data, and a few shared words.
 */

import type {
  CheckOptions,
  CheckPlan,
  CheckReport,
  CheckTask,
  ExploredPart,
  PartResult,
  Scenario,
} from '@mmgather/core'

import type { StrategyFile } from './strategy-file/strategy-file.ts'
import type { ThrownError } from './virtual-errors.ts'

/** Set: the check is to be given up. */
export const CHECK_STOP = 0
/** Parts from this number on are not needed any more. */
export const CHECK_PARTS_END = 1
export const CHECK_WORDS = 2

/** Options that can be told to a thread. */
export type CheckThreadOptions = Omit<CheckOptions, 'strategy' | 'signal' | 'clockMs'>

/** `workerData` of a thread. */
export interface CheckThreadData {
  scenario: Scenario
  options: CheckThreadOptions
  /** CHECK_WORDS shared words. */
  words: Int32Array
  userStrategy?: StrategyFile
}

export type CheckRequest =
  | { kind: 'plan'; wanted: number; marks?: Uint8Array | undefined }
  | { kind: 'explore'; part: number; task: CheckTask; marks?: Uint8Array | undefined }
  | { kind: 'report'; part: ExploredPart; outcomes: number }

export type CheckAnswer =
  | { kind: 'plan'; plan: CheckPlan }
  | { kind: 'explored'; part: number; result: PartResult }
  | { kind: 'report'; report: CheckReport }
  | { kind: 'threw'; error: ThrownError }
