/**
 * The compiled text of a user's strategy for a check that is under way: made when the check has gone on for longer than that
 * takes, and given to its threads, which go on with it.
 *
 * Invariant: what a check comes to does not depend on whether, and when, it comes.
 */

import type { CheckKernel } from '@mmgather/core'

import { loadUserCheckKernel } from '../kernel-code.ts'
import type { StrategyFile } from '../strategy-file/strategy-file.ts'
import type { CheckThread } from './check-thread.ts'

/** Those that were made, for the checks that follow. */
const made = new WeakMap<StrategyFile, CheckKernel>()

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

  /** Gives it to these threads when it is there, unless it was known. */
  give(threads: readonly CheckThread[]): void {
    if (!made.has(this.#file))
      this.#timer = setTimeout(() => void this.#compile(threads), this.#afterMs)
  }

  async #compile(threads: readonly CheckThread[]): Promise<void> {
    const kernel = await loadUserCheckKernel(this.#file)
    if (kernel === undefined) return
    made.set(this.#file, kernel)
    if (!this.#isCancelled) for (const thread of threads) thread.useKernel(kernel)
  }

  /** The check is over. */
  cancel(): void {
    this.#isCancelled = true
    clearTimeout(this.#timer)
  }
}
