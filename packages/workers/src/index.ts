/**
 * @mmgather/workers: the live engine, a worker thread per CPU; the virtual engine in a thread of its own; and what this
 * machine costs, measured by two threads; checks, shared out among threads.
 */
export type { KernelCode } from './kernel-code.ts'
export {
  calibrate,
  type CalibrateOptions,
  type Calibration,
  CalibrationStoppedError,
  type Transfer,
} from './calibrate/calibrate.ts'
export type { CpuTopology } from './calibrate/cpu-topology.ts'
export {
  hostProfile,
  keysTakenOver,
  nearestProfile,
  type Platform,
} from './calibrate/host-profile.ts'
export type { Sampled } from './calibrate/sampled.ts'
export { LIVE_CPUS_MAX, type RunLiveOptions } from './options.ts'
export type { LiveProgress } from './progress.ts'
export { check, CheckFailedError, type CheckInTestOptions } from './check/check.ts'
export {
  type CheckScenarioOptions,
  type CheckThreads,
  openCheckThreads,
  runCheckInThreads,
  type RunCheckInThreadsOptions,
} from './check/run-check.ts'
export { runLive } from './run-live.ts'
export {
  runVirtualInThread,
  type RunVirtualInThreadOptions,
  type VirtualProgress,
} from './run-virtual.ts'
export type { SampledTraceFile, SampledTraceResult } from './sampler/sampler-api.ts'
export { SamplerLostError } from './sampler/sampler.ts'
export { StrategyFileError } from './strategy-file/errors.ts'
export {
  type DerivedStrategy,
  disposeStrategyFile,
  importDerivedStrategy,
  importRawStrategy,
  importStrategy,
  loadStrategyFile,
  type StrategyFile,
} from './strategy-file/strategy-file.ts'
export type { TraceFile, TraceResult } from './virtual-api.ts'
export type { SweepAnswer, SweepAnswers, SweepTask, SweepThreadData } from './sweep/sweep-api.ts'
export { openSweepPool, type SweepPool } from './sweep/sweep-pool.ts'
export { VirtualThreadError } from './virtual-errors.ts'
