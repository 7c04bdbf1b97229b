/**
 * One given schedule: the CPU of each step. Behind its end, the lowest CPU that can go on does.
 */

import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'

/** A schedule asks for a CPU that cannot make a step: it is not one of this world. */
export class ScheduleError extends Error {
  constructor(step: number, cpu: number) {
    super(`the schedule does not fit: at step ${step}, CPU ${cpu} cannot go on`)
    this.name = 'ScheduleError'
  }
}

export class Replay implements Scheduler {
  readonly name = 'replay'
  readonly #schedule: readonly number[]
  #isDone = false

  constructor(schedule: readonly number[]) {
    this.#schedule = schedule
  }

  next(): boolean {
    if (this.#isDone) return false
    this.#isDone = true
    return true
  }

  pick({ trace }: Execution, enabled: number): number {
    const cpu = this.#schedule[trace.length] ?? 31 - Math.clz32(enabled & -enabled)
    if ((enabled & (1 << cpu)) === 0) throw new ScheduleError(trace.length, cpu)
    return cpu
  }
}
