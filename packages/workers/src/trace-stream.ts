/**
 * The file of a trace, as the thread that makes the trace writes it: once that fails, nothing more is written, and the run
 * goes on without.
 */

import { writeSync } from 'node:fs'

export class TraceStream {
  readonly #fd: number
  #errorCode: string | undefined

  /** @param fd - open for writing; it is not closed. */
  constructor(fd: number) {
    this.#fd = fd
  }

  /** Why it could not be written on; empty: it could. */
  get failure(): { errorCode?: string } {
    return this.#errorCode === undefined ? {} : { errorCode: this.#errorCode }
  }

  readonly write = (bytes: Uint8Array): void => {
    if (this.#errorCode !== undefined) return
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    } catch (error) {
      this.#errorCode = (error as NodeJS.ErrnoException).code ?? 'EIO'
    }
  }
}
