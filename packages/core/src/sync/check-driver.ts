/**
 * Who drives a check: compiled text calls these where they are, in JavaScript.
 *
 * The driver is told what a CPU is about to do, and then either performs it or stops the CPU: it throws, and the CPU leaves
 * its text (see check-log.ts for how it goes on).
 */

import type { Op } from './check-ops.ts'

/** Who decides when an announced operation is performed. */
export interface Announcing {
  /**
   * The CPU that runs is about to perform an operation: performs it and returns its result (1 for true, 0 for false and for
   * nothing), or throws to stop the CPU.
   */
  announced(op: Op, a: number, b: number, c: number): number
  /** The CPU has come to the operation at which it stopped: performs it and returns its result. */
  resumed(op: Op): number
}

const NOBODY: Announcing = { announced: () => 0, resumed: () => 0 }
let driver = NOBODY

/** From here on operations are announced to `announcing`. */
export function bindAnnouncing(announcing: Announcing = NOBODY): void {
  driver = announcing
}

export function announced(op: number, a: number, b: number, c: number): number {
  return driver.announced(op, a, b, c)
}

export function resumed(op: number): number {
  return driver.resumed(op)
}
