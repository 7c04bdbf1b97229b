/**
 * The compiled text of a user's strategy for a check that is under way: made when the check has gone on for longer than that
 * takes, and given to its threads, which go on with it.
 *
 * Invariant: what a check comes to does not depend on whether, and when, it comes.
 */

import type { CheckKernel } from '@mmgather/core'

import { compileUserCheckKernel } from '../kernel-code.ts'
import type { StrategyFile } from '../strategy-file/strategy-file.ts'
import type { CheckThread } from './check-thread.ts'

/** For the checks that follow: those that were made; undefined: it cannot be. */
const made = new WeakMap<StrategyFile, CheckKernel | undefined>()

export class LaterKernel {
  readonly #file: StrategyFile
  readonly #afterMs: number
  #timer: NodeJS.Timeout | undefined
  #isCancelled = false

  constructor(file: StrategyFile, afterMs: number) {
    this.#file = file
    this.#afterMs = afterMs
  }

  /** For threads that open the check. */
  get known(): { userKernel?: CheckKernel } {
    const userKernel = made.get(this.#file)
    return userKernel === undefined ? {} : { userKernel }
  }

  /** Gives it to these threads when it is there, unless that is known already. */
  give(threads: readonly CheckThread[]): void {
    if (!made.has(this.#file))
      this.#timer = setTimeout(() => void this.#compile(threads), this.#afterMs)
  }

  async #compile(threads: readonly CheckThread[]): Promise<void> {
    const kernel = await compileUserCheckKernel(this.#file)
    made.set(this.#file, kernel)
    if (kernel !== undefined && !this.#isCancelled)
      for (const thread of threads) thread.useKernel(kernel)
  }

  /** The check is over. */
  cancel(): void {
    this.#isCancelled = true
    clearTimeout(this.#timer)
  }
}
