/**
 * The file of a journal: read to its last whole line, then only appended to.
 *
 * Invariants: a file that is no journal of this version is not changed; what follows the last newline is cut off before
 * anything is appended; a line that could not be written whole is cut off again. Of the lines only their places are kept.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {
  isJournalStart,
  JournalFormatError,
  type JournalHeader,
  parseJournalLine,
  pointText,
  type SweepPointError,
} from '@mmgather/core'
import { UsageError } from '../errors.ts'
import { systemErrorWords } from '../io/system-error.ts'
import { isSameFile, type TakenFile } from '../io/output-file.ts'
import { journalLines } from './journal-lines.ts'
import { lockJournal } from './journal-lock.ts'

/** A point that is in the journal. */
export interface WrittenPoint {
  key: string
  error?: SweepPointError['kind']
  /** Its line, in bytes, without the end. */
  at: number
  length: number
}

export interface JournalContent {
  /** The last one; undefined: the file is new. */
  header: JournalHeader | undefined
  /** By pointText: the last line of each. */
  points: ReadonlyMap<string, WrittenPoint>
  /** Bytes up to the end of the last whole line, and behind it. */
  wholeBytes: number
  tornBytes: number
}

/** What a journal holds, without changing or locking it. @throws UsageError */
export function readJournalContent(path: string): JournalContent {
  const fd = attempt(path, () => openSync(path, constants.O_RDONLY))
  try {
    return attempt(path, () => scan(fd))
  } finally {
    closeSync(fd)
  }
}

export class JournalFile {
  readonly content: JournalContent
  readonly #path: string
  readonly #fd: number
  readonly #lock: { release(): void }
  readonly #isNew: boolean
  #end: number

  private constructor(
    path: string,
    fd: number,
    isNew: boolean,
    lock: { release(): void },
    content: JournalContent,
  ) {
    this.#path = path
    this.#fd = fd
    this.#isNew = isNew
    this.#lock = lock
    this.content = content
    this.#end = content.wholeBytes
  }

  /**
   * Opens it to be appended to, and makes it if it is not there.
   * @param taken - files that must not be written to.
   * @throws UsageError if that cannot be, another sweep has it, or it is no journal.
   */
  static async open(path: string, taken: readonly TakenFile[]): Promise<JournalFile> {
    const existed = existsSync(path)
    const fd = attempt(path, () => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666))
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) throw refused(path, 'is no regular file')
      const other = taken.find((file) => isSameFile(fd, file))
      if (other !== undefined) throw refused(path, `is ${other.is} itself`)
      const lock = await lockJournal(stat)
      if (lock === undefined)
        throw refused(
          path,
          'another sweep is writing to it',
          'wait for that one, or name another file',
        )
      return new JournalFile(
        path,
        fd,
        !existed,
        lock,
        attempt(path, () => scan(fd)),
      )
    } catch (error) {
      closeSync(fd)
      if (!existed) unlinkSync(path)
      throw error
    }
  }

  /** Cuts off what was being written when the last sweep ended. */
  cut(): void {
    attempt(this.#path, () => ftruncateSync(this.#fd, this.#end))
  }

  /** Appends whole lines. @throws UsageError if it cannot; the file is then as it was. */
  append(lines: string): void {
    const bytes = Buffer.from(lines)
    try {
      let written = 0
      while (written < bytes.length)
        written += writeSync(this.#fd, bytes, written, bytes.length - written, this.#end + written)
      this.#end += bytes.length
    } catch (error) {
      ftruncateSync(this.#fd, this.#end)
      throw asRefused(this.#path, error)
    }
  }

  /** The line of a point that was there when the file was opened. */
  lineOf({ at, length }: WrittenPoint): string {
    const bytes = Buffer.alloc(length)
    readSync(this.#fd, bytes, 0, length, at)
    return bytes.toString()
  }

  /** Closes it; a new one that nothing was written to is gone. @throws UsageError if the system has not kept it all. */
  close(): void {
    try {
      attempt(this.#path, () => fsyncSync(this.#fd))
    } finally {
      closeSync(this.#fd)
      if (this.#isNew && this.#end === 0) unlinkSync(this.#path)
      this.#lock.release()
    }
  }
}

/** Reads all lines. */
function scan(fd: number): JournalContent {
  const points = new Map<string, WrittenPoint>()
  let header: JournalHeader | undefined
  let number = 0
  let wholeBytes = 0
  const lines = journalLines(fd)
  let next = lines.next()
  for (; next.done !== true; next = lines.next()) {
    const { text, at, length } = next.value
    const line = parseJournalLine(text, ++number)
    if ('header' in line) header = line.header
    else {
      const { key, point } = line.entry
      const error = 'error' in line.entry ? { error: line.entry.error.kind } : {}
      points.set(pointText(point), { key, ...error, at, length })
    }
    wholeBytes = at + length + 1
  }
  if (number === 0 && !isJournalStart(next.value.toString()))
    throw new JournalFormatError('is no journal of a sweep')
  return { header, points, wholeBytes, tornBytes: next.value.length }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asRefused(path, error)
  }
}

function asRefused(path: string, error: unknown): unknown {
  if (error instanceof JournalFormatError) return refused(path, error.message)
  const words = systemErrorWords(error)
  return words === undefined ? error : refused(path, words)
}

function refused(path: string, problem: string, hint?: string): UsageError {
  return new UsageError({
    field: `--out ${path}`,
    problem,
    ...(hint ? { hint } : { allowed: 'the path of a journal, or of a file that can be made' }),
  })
}
