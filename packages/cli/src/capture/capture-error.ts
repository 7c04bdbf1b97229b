/**
 * The one error that a capture reports to its caller: what was asked for cannot be captured, and why.
 *
 * Invariant: every instance names the field it is about, the value it had, what would be allowed and what the user can
 * do, so that the command line can print it without adding anything.
 */

export interface CaptureErrorDetails {
  /** The option or the file that the error is about: `pid`, `cgroup`, `maxPages`, `/proc/12/smaps`. */
  field: string
  value: string | number
  /** What is wrong, as a clause: `no such process`. */
  problem: string
  allowed: string
  wayOut: string
  /** True if another process of the same cgroup may still be captured: this one is gone, has no memory or may not be read. */
  skippable?: boolean
}

export class CaptureError extends Error {
  override readonly name = 'CaptureError'
  readonly field: string
  readonly value: string | number
  readonly allowed: string
  readonly wayOut: string
  readonly skippable: boolean

  constructor(details: CaptureErrorDetails) {
    const { field, value, problem, allowed, wayOut } = details
    super(`${field} ${value}: ${problem}; allowed: ${allowed}; ${wayOut}`)
    this.field = field
    this.value = value
    this.allowed = allowed
    this.wayOut = wayOut
    this.skippable = details.skippable ?? false
  }
}

export function goneError(pid: number): CaptureError {
  return new CaptureError({
    field: 'pid',
    value: pid,
    problem: 'no such process, or it ended while it was read',
    allowed: 'the id of a running process that you may see (hidepid hides those of other users)',
    wayOut: 'check it with `ps`, or stop the process (SIGSTOP) for as long as the capture takes',
    skippable: true,
  })
}

export function deniedError(pid: number, file: string): CaptureError {
  return new CaptureError({
    field: 'pid',
    value: pid,
    problem: `permission to read ${file} denied`,
    allowed: 'a process of your own user that you may trace (see ptrace_scope), or any as root',
    wayOut: 'run the capture as root, or as the user who owns the process',
    skippable: true,
  })
}
