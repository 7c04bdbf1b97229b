/**
 * The machine's state before a run: built for the first, for all others put back from a copy.
 *
 * What is built leaves arrays to V8's garbage collector, 12 bytes for each page, and its marking threads then run while CPU
 * threads do, on their cores. A copy leaves nothing, and is put back in less than a fiftieth of the time. Invariant: the
 * same words either way. Machines beyond COPY_BYTES_MAX are built each time.
 */

import type { Census, Machine } from '@mmgather/core'

/** Largest machine that is kept twice: 9 million simulated pages. */
const COPY_BYTES_MAX = 1 << 28

export class StateBefore {
  readonly #machine: Machine
  readonly #populate: () => Census
  readonly #isCopied: boolean
  #copy: { words: Int32Array; census: Census } | undefined

  /** @param runs - how many there will be: one needs no copy. */
  constructor(
    machine: Machine,
    populate: () => Census,
    runs: number,
    copyBytesMax: number = COPY_BYTES_MAX,
  ) {
    this.#machine = machine
    this.#populate = populate
    this.#isCopied = runs > 1 && machine.words.byteLength <= copyBytesMax
  }

  /** Brings the machine there, on which no CPU may be working; throws what populating throws. */
  restore(): Census {
    const { words } = this.#machine
    if (this.#copy !== undefined) {
      words.set(this.#copy.words)
      return this.#copy.census
    }
    const census = this.#populate()
    if (this.#isCopied) this.#copy = { words: words.slice(), census }
    return census
  }
}
