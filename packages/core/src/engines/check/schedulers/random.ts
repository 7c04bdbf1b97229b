/**
 * Seeded random schedules: at each step any CPU that can go on, all with the same chance.
 *
 * Execution n follows from the seed and n alone, so that samples can be shared out among threads.
 */

import { Prng } from '../../../lib/prng.ts'
import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'

export class RandomWalk implements Scheduler {
  readonly name: string
  readonly #seed: number
  readonly #end: number
  #sample: number
  #prng = new Prng(0)

  /** Samples `first` up to `end`. */
  constructor(seed: number, first: number, end: number) {
    this.name = `random, seed ${seed}`
    this.#seed = seed
    this.#sample = first
    this.#end = end
  }

  next(): boolean {
    if (this.#sample >= this.#end) return false
    this.#prng = new Prng(Math.imul(this.#seed, 0x9e3779b1) ^ this.#sample++)
    return true
  }

  left(): number {
    return this.#end - this.#sample
  }

  pick(_: Execution, enabled: number): number {
    let n = 0
    for (let rest = enabled; rest !== 0; rest &= rest - 1) n++
    let rest = enabled
    for (let skip = this.#prng.below(n); skip > 0; skip--) rest &= rest - 1
    return 31 - Math.clz32(rest & -rest)
  }
}
