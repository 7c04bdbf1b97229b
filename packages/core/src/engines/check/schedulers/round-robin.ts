/**
 * Round robin: one execution, in which the CPUs take turns of so many steps.
 */

import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'

export class RoundRobin implements Scheduler {
  readonly name: string
  readonly #turn: number
  #isDone = false

  /** @param turn - steps that a CPU makes before the next one's turn. */
  constructor(turn: number) {
    this.#turn = turn
    this.name = `round robin, turns of ${turn}`
  }

  next(): boolean {
    if (this.#isDone) return false
    this.#isDone = true
    return true
  }

  pick(execution: Execution, enabled: number): number {
    const { trace, cpus } = execution
    const last = trace.length === 0 ? cpus - 1 : (trace.cpus[trace.length - 1] as number)
    let made = 0
    for (let i = trace.length - 1; i >= 0 && trace.cpus[i] === last; i--) made++
    if (trace.length > 0 && made % this.#turn !== 0 && (enabled & (1 << last)) !== 0) return last
    for (let n = 1; n <= cpus; n++) {
      const cpu = (last + n) % cpus
      if ((enabled & (1 << cpu)) !== 0) return cpu
    }
    return last
  }
}
