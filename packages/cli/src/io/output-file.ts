/**
 * A file that results go to: opened before the work, so that a path that cannot be written costs nothing, and filled
 * after it.
 *
 * Invariant: until `write` or `start` the file's old content is untouched; after a failure nothing half-written is left in it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { UsageError } from '../errors.ts'
import { systemErrorWords } from './system-error.ts'

const CHUNK = 2 ** 16

export interface OutputFile {
  /** Replaces the content. @throws UsageError if that fails; the file is then closed and empty or gone. */
  write(parts: Iterable<string>): void
  /** Empties the file for somebody else who writes to its descriptor. @throws UsageError if that fails. */
  start(): number
  /** Closes a file that was started, with what is in it. @throws UsageError if that fails. */
  finish(): void
  /** Closes the file as it was, or (one that was started) empty or gone. Nothing happens to one that was written. */
  discard(): void
}

/** A file that is read or written in the same run. */
export interface TakenFile {
  path: string | undefined
  /** What it is, as `the scenario file`. */
  is: string
}

/**
 * @param flag that named the file, for errors.
 * @param taken files of the same run that must not be overwritten.
 * @throws UsageError if the file cannot be written.
 */
export function openOutputFile(
  flag: string,
  path: string,
  taken: readonly TakenFile[] = [],
): OutputFile {
  const fail = (problem: string): UsageError =>
    new UsageError({
      field: `${flag} ${path}`,
      problem,
      allowed: 'the path of a file that can be written',
    })
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      const words = systemErrorWords(error)
      throw words === undefined ? error : fail(words)
    }
  }
  const existed = existsSync(path)
  const fd = attempt(() => openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666))
  const isRegular = fstatSync(fd).isFile()
  const other = isRegular ? taken.find((file) => isSameFile(fd, file)) : undefined
  if (other !== undefined) {
    closeSync(fd)
    throw fail(`is ${other.is} itself`)
  }
  let isOpen = true
  const discard = (): void => {
    if (!isOpen) return
    isOpen = false
    closeSync(fd)
    if (!existed && isRegular) unlinkSync(path)
  }
  const orNothing = <T>(work: () => T): T => {
    try {
      return attempt(work)
    } catch (error) {
      if (existed && isRegular) ftruncateSync(fd)
      discard()
      throw error
    }
  }
  const close = (): void => {
    isOpen = false
    closeSync(fd)
  }
  let isStarted = false
  return {
    discard: () => {
      if (isOpen && isStarted && isRegular) ftruncateSync(fd)
      discard()
    },
    start: () => {
      isStarted = true
      if (isRegular) orNothing(() => ftruncateSync(fd))
      return fd
    },
    finish: () => {
      if (isRegular) orNothing(() => fsyncSync(fd))
      close()
    },
    write: (parts) => {
      orNothing(() => fill(fd, isRegular, parts))
      close()
    },
  }
}

/** Is the open file that other one? */
export function isSameFile(fd: number, { path }: TakenFile): boolean {
  if (path === undefined) return false
  const own = fstatSync(fd)
  const other = statSync(path, { throwIfNoEntry: false })
  return other !== undefined && other.ino === own.ino && other.dev === own.dev
}

function fill(fd: number, isRegular: boolean, parts: Iterable<string>): void {
  if (isRegular) ftruncateSync(fd)
  let pending = ''
  for (const part of parts) {
    pending += part
    if (pending.length >= CHUNK) {
      writeFileSync(fd, pending)
      pending = ''
    }
  }
  writeFileSync(fd, pending)
  // Some file systems find out only here that there is no space.
  if (isRegular) fsyncSync(fd)
}
