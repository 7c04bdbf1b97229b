/**
 * Which simulated CPU this thread is, what clock it times waits with, and how it stops.
 *
 * Bound once by the engine before kernel text runs; the clock comes from outside because core has none. Invariant:
 * `self` is the address of the per-CPU block that this thread alone writes to.
 */

import { BUG_TEXT } from '../machine/bugs.ts'
import { CONTROL, CPU_ID, CTL_ABORT, CTL_BUG_CODE, CTL_BUG_CPU } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { atomicStore, compareExchange } from './atomic-ops.ts'

let self = 0
/** A clock that stands still. */
const NO_CLOCK = (): number => 0
let clockNs: () => number = NO_CLOCK
let spinsBeforeWait = 2000

/** The run was given up (Ctrl-C, another CPU failed): not an error of this CPU. */
export class AbortError extends Error {
  constructor() {
    super('the run was aborted')
    this.name = 'AbortError'
  }
}

/** A broken assertion of the kernel text. */
export class KernelBugError extends Error {
  readonly code: number
  readonly cpu: number

  constructor(code: number, cpu: number) {
    super(`kernel BUG on CPU ${cpu}: ${BUG_TEXT[code] ?? `code ${code}`}`)
    this.name = 'KernelBugError'
    this.code = code
    this.cpu = cpu
  }
}

export interface LiveCpuOptions {
  /** Address of the per-CPU block. */
  cpu: number
  /** Nanoseconds from any start; default: a clock that stands still (waits then count as 0 ns). */
  clockNs?: () => number
  /** Rounds that a lock waiter spins before it sleeps between looks. */
  spinsBeforeWait?: number
}

export function bindLiveCpu(options: LiveCpuOptions): void {
  self = options.cpu
  clockNs = options.clockNs ?? NO_CLOCK
  spinsBeforeWait = options.spinsBeforeWait ?? 2000
}

export function cpuSelf(): number {
  return self
}

export function nowNs(): number {
  return clockNs()
}

/** Does time pass? */
export function clockRuns(): boolean {
  return clockNs !== NO_CLOCK
}

export function spinLimit(): number {
  return spinsBeforeWait
}

/** Leaves a run that was given up. */
export function abortRun(): never {
  throw new AbortError()
}

/** Records the first bug of the run, tells all CPUs to stop, throws. */
export function reportBug(code: number): never {
  const cpu = self === 0 ? -1 : (mem[self + CPU_ID] as number)
  if (compareExchange(CONTROL + CTL_BUG_CODE, 0, code) === 0)
    atomicStore(CONTROL + CTL_BUG_CPU, cpu + 1)
  atomicStore(CONTROL + CTL_ABORT, 1)
  throw new KernelBugError(code, cpu)
}
