/**
 * Reads the text of a scenario or a profile from a file or from stdin, with an end to what it takes in.
 */
import { createReadStream } from 'node:fs'
import process from 'node:process'
import { UsageError } from '../errors.ts'
import { systemErrorWords } from './system-error.ts'

/** JavaScript strings end at 512 MiB. */
const MIB_MAX = 400

/** What an error offers in place of a file that cannot be read. */
export interface WayOut {
  allowed: string
  hint: string
}

const SCENARIO: WayOut = {
  allowed: 'a scenario file, or the name of a preset',
  hint: 'see mmgather scenarios',
}

/** The text of a file; `-` is stdin. */
export async function readText(path: string, wayOut: WayOut = SCENARIO): Promise<string> {
  const stream = path === '-' ? process.stdin : createReadStream(path)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MIB_MAX * 2 ** 20)
        throw unreadable(path, `is larger than ${MIB_MAX} MiB`, wayOut)
      chunks.push(chunk)
    }
  } catch (error) {
    const words = systemErrorWords(error)
    throw words === undefined ? error : unreadable(path, words, wayOut)
  }
  return decode(path, Buffer.concat(chunks, length), wayOut)
}

function decode(path: string, bytes: Buffer, wayOut: WayOut): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(path, 'is not text in UTF-8', wayOut)
  }
}

function unreadable(path: string, problem: string, wayOut: WayOut): UsageError {
  return new UsageError({ field: path === '-' ? 'stdin' : path, problem, ...wayOut })
}
