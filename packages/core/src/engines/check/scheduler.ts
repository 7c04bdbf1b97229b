/**
 * Who decides which CPU goes on: the interface of the strategies of exploration in `schedulers/`.
 *
 * The engine asks before every step, and tells when an execution is over. Invariant: a scheduler that is asked the same
 * gives the same, so that a check can be repeated.
 */

import type { Execution } from './execution.ts'

/** An answer of `pick`: this execution is not worth going on with. */
export const ABANDON = -1

export interface Scheduler {
  /** For verdicts and messages. */
  readonly name: string
  /** It picks and is told of steps in the check text: SCHEDULER_DPOR. Absent: here. */
  readonly runsAs?: number
  /** Prepares the next execution; false: there is none. */
  next(): boolean
  /**
   * How many steps of the execution before, fewer than it has, the next one begins with: they are not made again, and nobody
   * is asked for them. Absent: none.
   */
  keeps?(): number
  /** The CPU that makes the next step: one of the bits of `enabled`; or ABANDON. */
  pick(execution: Execution, enabled: number): number
  /** A step was made. */
  stepped?(execution: Execution): void
  /** The execution is at its end, whatever that is. */
  ended?(execution: Execution): void
  /** Words turned out to matter that were not looked at: forget what was explored. */
  restart?(): void
  /** Branches that are known and not explored. */
  left?(): number
}
