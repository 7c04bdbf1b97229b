/**
 * Plain depth-first search: every order of the steps of all CPUs, without reduction, or those with at most so many context
 * switches before a step that could have been another CPU's (preemptions).
 *
 * With a bound, CPUs change only before steps that touch a word of several CPUs (`isShared`): a change at any other place
 * is the same as one at the next such step. Prefers to go on with the CPU of the last step.
 */

import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'

export interface PreemptionBound {
  /** Preemptions of one execution at most. */
  readonly preemptionsMax: number
  /** Does the operation that a CPU has announced touch what another CPU touches? */
  readonly isShared: (execution: Execution, cpu: number) => boolean
}

export class Exhaustive implements Scheduler {
  readonly name: string
  readonly #bound: PreemptionBound | undefined
  readonly #chosen: number[] = []
  /** By node: CPUs still to be tried. */
  readonly #open: number[] = []
  /** By node: preemptions up to it, its own step included. */
  readonly #preemptions: number[] = []
  #replay = 0
  #hasBegun = false
  /** Branches that the bound has cut off. */
  cut = 0

  constructor(bound?: PreemptionBound) {
    this.#bound = bound
    this.name =
      bound === undefined ? 'depth-first search' : `at most ${bound.preemptionsMax} preemptions`
  }

  next(): boolean {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      return true
    }
    return this.#replay > 0
  }

  restart(): void {
    this.#hasBegun = false
    this.#replay = 0
    this.#open.length = 0
    this.cut = 0
  }

  left(): number {
    let left = 0
    for (let d = 0; d < this.#replay; d++) {
      for (let rest = this.#open[d] as number; rest !== 0; rest &= rest - 1) left++
    }
    return left + (this.#replay > 0 ? 1 : 0)
  }

  keeps(): number {
    return Math.max(0, this.#replay - 1)
  }

  pick(execution: Execution, enabled: number): number {
    const { trace } = execution
    const d = trace.length
    if (d < this.#replay) return this.#chosen[d] as number
    const last = d === 0 ? -1 : (trace.cpus[d - 1] as number)
    const spent = d === 0 ? 0 : (this.#preemptions[d - 1] as number)
    const canGoOn = last >= 0 && (enabled & (1 << last)) !== 0
    const cpu = canGoOn ? last : lowest(enabled)
    this.#chosen[d] = cpu
    this.#preemptions[d] = spent
    this.#open[d] = this.#others(execution, enabled & ~(1 << cpu), canGoOn ? last : -1, spent)
    return cpu
  }

  /** The CPUs that are to be tried at this node besides the one that goes first. */
  #others(execution: Execution, others: number, last: number, spent: number): number {
    if (this.#bound === undefined || last < 0) return others
    if (!this.#bound.isShared(execution, last)) return 0
    if (spent < this.#bound.preemptionsMax) return others
    for (let rest = others; rest !== 0; rest &= rest - 1) this.cut++
    return 0
  }

  ended({ trace }: Execution): void {
    this.#replay = 0
    for (let d = trace.length - 1; d >= 0; d--) {
      const open = this.#open[d] as number
      if (open === 0) continue
      const cpu = lowest(open)
      const last = d === 0 ? -1 : (trace.cpus[d - 1] as number)
      this.#open[d] = open & ~(1 << cpu)
      // it is one only if the CPU of the last step could have gone on: then that was tried first
      const preempts = last >= 0 && this.#chosen[d] === last
      this.#chosen[d] = cpu
      if (preempts) this.#preemptions[d] = (this.#preemptions[d] as number) + 1
      this.#replay = d + 1
      return
    }
  }
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}
