/**
 * @mmgather/workers: the live engine, a worker thread per CPU.
 */
export type { KernelCode } from './kernel-code.ts'
export { LIVE_CPUS_MAX, type RunLiveOptions } from './options.ts'
export type { LiveProgress } from './progress.ts'
export { runLive } from './run-live.ts'
