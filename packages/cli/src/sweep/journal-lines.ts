/**
 * The lines of a file that end in a newline, read a piece at a time.
 */
import { readSync } from 'node:fs'

const CHUNK = 2 ** 20
const NEWLINE = 10

export interface JournalFileLine {
  /** Without its end. */
  text: string
  /** In bytes. */
  at: number
  length: number
}

/** Whole lines, from the beginning of the file. Returns what stands behind the last newline. */
export function* journalLines(fd: number): Generator<JournalFileLine, Buffer> {
  let at = 0
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = Buffer.alloc(CHUNK)
    const read = readSync(fd, chunk, 0, CHUNK, at + rest.length)
    if (read === 0) return rest
    rest = Buffer.concat([rest, chunk.subarray(0, read)])
    let from = 0
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, from)) {
      const length = end - from
      yield { text: rest.toString('utf8', from, end), at: at + from, length }
      from = end + 1
    }
    rest = rest.subarray(from)
    at += from
  }
}
