/**
 * Reading files of one process below procfs, and what their failures mean.
 *
 * Invariant: no system error leaves this file; each becomes a CaptureError about the process it happened to.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureError, deniedError, goneError } from './capture-error.ts'

/** A whole text file of a process. `missing` is returned, if given, where the kernel does not have such a file. */
export function readProcText(
  procRoot: string,
  pid: number,
  file: string,
  missing?: string,
): string {
  const path = join(procRoot, String(pid), file)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (missing !== undefined && errorCode(error) === 'ENOENT') return missing
    throw procError(error, procRoot, pid, file)
  }
}

/** Opens a file of a process, hands it to `use` and closes it, whatever happens. */
export function withProcFile<T>(
  procRoot: string,
  pid: number,
  file: string,
  use: (fd: number) => T,
): T {
  let fd: number
  try {
    fd = openSync(join(procRoot, String(pid), file), 'r')
  } catch (error) {
    throw procError(error, procRoot, pid, file)
  }
  try {
    return use(fd)
  } catch (error) {
    throw error instanceof CaptureError ? error : procError(error, procRoot, pid, file)
  } finally {
    closeSync(fd)
  }
}

/** Reads as many bytes as the file has at this place, up to `bytes`: procfs may return less than was asked for. */
export function readFully(fd: number, buffer: Uint8Array, bytes: number, position: number): number {
  let done = 0
  while (done < bytes) {
    const got = readSync(fd, buffer, done, bytes - done, position + done)
    if (got === 0) break
    done += got
  }
  return done
}

export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return String(error.code)
}

function procError(error: unknown, procRoot: string, pid: number, file: string): CaptureError {
  const code = errorCode(error)
  if (code === 'EACCES' || code === 'EPERM') return deniedError(pid, file)
  if (code === 'ESRCH') return goneError(pid)
  if (code === 'ENOENT') {
    if (!existsSync(join(procRoot, String(pid)))) return goneError(pid)
    return new CaptureError({
      field: 'pid',
      value: pid,
      problem: `this kernel has no /proc/${pid}/${file}`,
      allowed: 'a kernel built with CONFIG_PROC_PAGE_MONITOR',
      wayOut: 'capture on a distribution kernel',
    })
  }
  return new CaptureError({
    field: 'pid',
    value: pid,
    problem: `${file} cannot be read (${code === '' ? String(error) : code})`,
    allowed: 'a process whose /proc files can be read',
    wayOut: 'try again, as root if you are not',
  })
}
