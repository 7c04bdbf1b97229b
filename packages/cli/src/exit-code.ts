/**
 * The exit codes of the command, and which one the outcome of a run has.
 *
 * Owns the numbers; they are part of the public interface, README.md lists them.
 */
import type { RunOutcome } from '@mmgather/core'

export const EXIT_DONE = 0
/** Wrong flags, input that cannot be used, output that cannot be written. */
export const EXIT_USAGE = 2
export const EXIT_VIOLATED = 3
/** 4 (deadlock) and 5 (bounds exhausted) belong to engines that can tell; live has neither. */
export const EXIT_INTERNAL = 70
export const EXIT_INTERRUPTED = 130

export function exitCodeOf(outcome: RunOutcome): number {
  switch (outcome.kind) {
    case 'completed':
      return EXIT_DONE
    case 'violated':
      return EXIT_VIOLATED
    case 'interrupted':
      return EXIT_INTERRUPTED
    case 'failed':
      return EXIT_INTERNAL
  }
}
