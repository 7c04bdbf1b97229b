/**
 * The exit codes of the command, and which one the outcome of a run has.
 *
 * Owns the numbers; they are part of the public interface, README.md lists them.
 */
import type { RunOutcome } from '@mmgather/core'

export const EXIT_DONE = 0
/** Wrong flags, input that cannot be used, output that cannot be written. */
export const EXIT_USAGE = 2
/** An invariant was violated, or a count is not what it must be. */
export const EXIT_VIOLATED = 3
/** Only engines that order events can tell these two. */
export const EXIT_DEADLOCK = 4
export const EXIT_BOUNDS = 5
export const EXIT_INTERNAL = 70
export const EXIT_INTERRUPTED = 130

const EXIT_CODES: Record<RunOutcome['kind'], number> = {
  completed: EXIT_DONE,
  violated: EXIT_VIOLATED,
  failed: EXIT_INTERNAL,
  interrupted: EXIT_INTERRUPTED,
  deadlock: EXIT_DEADLOCK,
  bounds: EXIT_BOUNDS,
}

export function exitCodeOf(outcome: RunOutcome): number {
  return exitCodeOfKind(outcome.kind)
}

export function exitCodeOfKind(kind: RunOutcome['kind']): number {
  return EXIT_CODES[kind]
}
