/**
 * What the pool of a sweep and its threads say to each other: plain data.
 */
import type {
  MachineProfile,
  Scenario,
  SweepOptions,
  SweepPointError,
  VirtualKernel,
} from '@mmgather/core'

import type { StrategyFile } from '../strategy-file/strategy-file.ts'

/** `workerData` of the threads. */
export interface SweepThreadData {
  strategyFiles: readonly StrategyFile[]
}

/** One point, to be run. */
export interface SweepTask {
  /** With every value of the point, its seed included. */
  scenario: Scenario
  profile: MachineProfile
  options: SweepOptions
  /** Number of its strategy file; absent: the scenario's strategy ships. */
  strategyFile?: number
  arrivalJitterNs: number
  /** The compiled text of the strategy, which the pool adds. */
  kernel?: VirtualKernel
}

/** What came of points that a thread was given together. */
export interface SweepAnswers {
  /** Of the first of them, at least one: the others were not begun, because these took long. */
  answers: SweepAnswer[]
  /** What these took; absent: a thread died, and it is not known. */
  ms?: number
}

/** What came of a point. */
export interface SweepAnswer {
  /** Of the error; absent: there are figures. */
  error?: SweepPointError['kind']
  /** `{"result":...}` or `{"error":...}`, as JSON. */
  text: string
}
