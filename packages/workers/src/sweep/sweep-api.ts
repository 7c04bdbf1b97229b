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

/** `workerData` of the threads: what many points share. */
export interface SweepThreadData {
  profiles: readonly MachineProfile[]
  strategyFiles: readonly StrategyFile[]
  options: SweepOptions
}

/** One point, to be run. */
export interface SweepTask {
  /** With every value of the point, its seed included. */
  scenario: Scenario
  /** Number of its profile. */
  profile: number
  /** Number of its strategy file; absent: the scenario's strategy ships. */
  strategyFile?: number
  arrivalJitterNs: number
  /** The compiled text of the strategy, which the pool adds. */
  kernel?: VirtualKernel
}

/** What came of a point. */
export interface SweepAnswer {
  /** Of the error; absent: there are figures. */
  error?: SweepPointError['kind']
  /** `{"result":...}` or `{"error":...}`, as JSON. */
  text: string
}
