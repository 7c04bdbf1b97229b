/**
 * What the main thread and a CPU thread say to each other: the data a thread starts with, and the calls of the control
 * plane.
 *
 * Everything here is plain data that survives structured cloning; a CPU returns what went wrong as an outcome, for an
 * error that crosses a message port loses its class and its fields. Nothing of this is used while CPUs run.
 */

import type { CpuTimes, KernelModule, SharedMemory } from '@mmgather/core'
import type { MessagePort } from 'node:worker_threads'

import type { StrategyFile } from './strategy-file/strategy-file.ts'

/** `workerData` of a CPU thread. */
export interface CpuThreadData {
  /** The thread's end of the control plane. */
  control: MessagePort
  /** The machine to attach to. */
  memory: SharedMemory
  /** Number of the simulated CPU. */
  cpu: number
  /** Strategy id. */
  strategy: string
  /** The strategy's kernel as WebAssembly; absent: the thread runs the JavaScript. */
  kernel?: KernelModule
  /** Looks at a taken lock before a waiter naps between looks; absent: the default of the lock. */
  spinsBeforeWait?: number
  /** Looks at the start barrier before a waiter naps. */
  spinsAtBarrier: number
  /** `process.hrtime.bigint()` from which all CPUs of a set count their times. */
  epoch: bigint
}

/** `workerData` of a CPU thread whose strategy does not ship. */
export interface UserCpuThreadData extends CpuThreadData {
  userStrategy: StrategyFile
}

/** How a run ended on one CPU; `stack` is that of the error by which it left. */
export type CpuOutcome =
  | ({ kind: 'done' } & CpuTimes)
  /** It left because the run was given up. */
  | { kind: 'aborted'; stack: string }
  /** An assertion of the kernel text failed. */
  | { kind: 'bug'; message: string; stack: string }
  /** Any other error: a bug of mmgather or of a strategy. */
  | { kind: 'threw'; message: string; stack: string }

/** The calls that a CPU thread answers. */
export interface CpuApi {
  /** The thread is attached to the machine; its id in the operating system, 0 where there is no telling. */
  up(): number
  /** Arrives at the start barrier, runs all of the CPU's processes. Answers once it is done or has left. */
  run(): CpuOutcome
}
