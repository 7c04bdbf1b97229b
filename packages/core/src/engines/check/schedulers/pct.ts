/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, 2010): CPUs have random priorities, the
 * highest that can go on does, and at d - 1 random steps the one that runs falls below all others.
 *
 * A bug that needs d orders between steps is met by one such schedule with a chance of at least 1 / (n k^(d - 1)), for n
 * CPUs and executions of at most k steps. k is what the longest execution so far had, at least `stepsGuess`: where an
 * execution turns out longer, the chance that is stated is computed from the longest.
 */

import { Prng } from '../../../lib/prng.ts'
import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'

export class Pct implements Scheduler {
  readonly name: string
  /** Steps of the longest execution. */
  steps: number
  readonly #depth: number
  readonly #seed: number
  readonly #end: number
  readonly #stepsGuess: number
  #sample: number
  #priorities: Int32Array
  #changes: number[] = []
  #lowest = 0

  /** Samples `first` up to `end`, for bugs of depth `depth`. */
  constructor(
    { cpus, stepsGuess }: { cpus: number; stepsGuess: number },
    { seed, depth, first, end }: { seed: number; depth: number; first: number; end: number },
  ) {
    this.name = `PCT, bound ${depth}, seed ${seed}`
    this.#depth = depth
    this.#seed = seed
    this.#sample = first
    this.#end = end
    this.#stepsGuess = stepsGuess
    this.steps = stepsGuess
    this.#priorities = new Int32Array(cpus)
  }

  next(): boolean {
    if (this.#sample >= this.#end) return false
    const prng = new Prng(Math.imul(this.#seed, 0x85ebca6b) ^ this.#sample++)
    const order = Int32Array.from(this.#priorities, (_, i) => i + 1)
    prng.shuffle(order)
    this.#priorities = order
    this.#changes = Array.from({ length: this.#depth - 1 }, () => prng.below(this.#stepsGuess))
    this.#lowest = 0
    return true
  }

  left(): number {
    return this.#end - this.#sample
  }

  pick({ trace }: Execution, enabled: number): number {
    const best = this.#highest(enabled)
    if (!this.#changes.includes(trace.length)) return best
    this.#priorities[best] = --this.#lowest
    return this.#highest(enabled)
  }

  #highest(enabled: number): number {
    let best = -1
    for (let rest = enabled; rest !== 0; rest &= rest - 1) {
      const cpu = 31 - Math.clz32(rest & -rest)
      if (best < 0 || (this.#priorities[cpu] as number) > (this.#priorities[best] as number))
        best = cpu
    }
    return best
  }

  ended({ trace }: Execution): void {
    if (trace.length > this.steps) this.steps = trace.length
  }
}

/** The chance that `samples` PCT schedules miss a bug of this depth is at most this. */
export function missChance(samples: number, cpus: number, steps: number, depth: number): number {
  const hit = 1 / (cpus * steps ** (depth - 1))
  return Math.exp(samples * Math.log1p(-hit))
}
