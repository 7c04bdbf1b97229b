/**
 * Work that takes time without touching the machine's words: user time, exceptions, clearing pages, rescheduling.
 */

import { ACCOUNT_DELAY, ACCOUNT_WORK, chargeTo } from './virtual-clock.ts'

export interface WorkCosts {
  readonly condResched: number
  /** Cycles of one unit of each kind of work, by WORK_* constant. */
  readonly kinds: readonly number[]
  readonly mhz: number
}

let costs: WorkCosts = { condResched: 0, kinds: [], mhz: 1000 }

export function bindVirtualWork(workCosts: WorkCosts): void {
  costs = workCosts
}

/** cond_resched() */
export function condResched(): void {
  chargeTo(ACCOUNT_WORK, costs.condResched)
}

/** User time. */
export function delayNs(ns: number): void {
  chargeTo(ACCOUNT_DELAY, Math.floor((ns * costs.mhz) / 1000))
}

/** `n` units of a WORK_* kind. */
export function doWork(work: number, n: number): void {
  chargeTo(ACCOUNT_WORK, (costs.kinds[work] as number) * n)
}
