/**
 * What the main thread and the threads of a check say to each other: plain data, and a few shared words.
 */

import type {
  CheckKernel,
  CheckOptions,
  CheckPlan,
  CheckReport,
  CheckTask,
  ExploredPart,
  PartResult,
  Scenario,
} from '@mmgather/core'

import type { StrategyFile } from '../strategy-file/strategy-file.ts'
import type { ThrownError } from '../virtual-errors.ts'

/** Set: the check is to be given up. */
export const CHECK_STOP = 0
/** Executions that shared parts have made. */
export const CHECK_EXECUTIONS = 1
/** By thread: set, the part that it explores is not needed any more. */
export const CHECK_STOP_PART = 2

/** Options that can be told to a thread. */
export type CheckThreadOptions = Omit<CheckOptions, 'strategy' | 'signal' | 'clockMs'>

/** What a thread is told of a check. */
export interface CheckThreadData {
  scenario: Scenario
  options: CheckThreadOptions
  /** CHECK_STOP_PART shared words, and one for each thread. */
  words: Int32Array
  /** Number of the thread. */
  thread: number
  userStrategy?: StrategyFile
  /** The compiled text of the user's strategy, if it is there already. */
  userKernel?: CheckKernel
}

export type CheckRequest =
  /** Another check begins; no answer. */
  | { kind: 'open'; data: CheckThreadData }
  /** The compiled text of the user's strategy has come, be it while a part is explored; no answer either. */
  | { kind: 'kernel'; kernel: CheckKernel }
  | { kind: 'plan'; wanted: number; marks?: Uint8Array | undefined }
  | {
      kind: 'explore'
      task: CheckTask
      marks?: Uint8Array | undefined
      /** All parts together make so many executions at most; absent: the part gives nothing away. */
      executionsMax?: number | undefined
    }
  | { kind: 'report'; part: ExploredPart; outcomes: number }

export type CheckAnswer =
  | { kind: 'plan'; plan: CheckPlan }
  | { kind: 'explored'; result: PartResult }
  /** Parts of the one that is being explored; the answer to `explore` is yet to come. */
  | { kind: 'gave'; tasks: CheckTask[] }
  | { kind: 'report'; report: CheckReport }
  | { kind: 'threw'; error: ThrownError }
