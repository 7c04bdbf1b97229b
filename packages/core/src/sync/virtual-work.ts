/**
 * Work that takes time without touching the machine's words: user time, exceptions, clearing pages, rescheduling. Virtual
 * text (docs/wasm.md).
 */

import type { ArraySource } from './array-source.ts'
import { ACCOUNT_DELAY, ACCOUNT_WORK, chargeTo, type Cycles } from './virtual-clock.ts'
import { COND_RESCHED, MHZ } from './virtual-costs.ts'

/** Cycles of one unit of each kind of work, by WORK_* constant. */
let workCosts: Int32Array = new Int32Array(0)

export function bindVirtualWork(costs: readonly number[], arrays: ArraySource): void {
  workCosts = arrays.int32('workCosts', costs.length)
  if (workCosts.length > 0) workCosts.set(costs)
}

/** cond_resched() */
export function condResched(): void {
  chargeTo(ACCOUNT_WORK, COND_RESCHED)
}

/** User time. */
export function delayNs(ns: number): void {
  const long: Cycles = ns
  chargeTo(ACCOUNT_DELAY, Math.floor((long * MHZ) / 1000))
}

/** `n` units of a WORK_* kind. */
export function doWork(work: number, n: number): void {
  const cycles: Cycles = workCosts[work] as number
  chargeTo(ACCOUNT_WORK, cycles * n)
}
