/**
 * What each CPU of an execution was told: the values of its plain loads and the results of its operations, in its order.
 *
 * A CPU stops by leaving its text with an exception, and goes on by running it from the start again: it repeats. Up to the
 * operation at which it stopped it is told from here what it was told before, and nothing is loaded, stored or performed.
 * Kernel text depends on nothing else, so it comes to the same place. Check text (docs/wasm.md). Invariant: the entries of
 * the CPU that runs, up to its next place, are its own up to where it is.
 */

import type { ArraySource } from './array-source.ts'
import { endOfTold } from './check-fail.ts'
import {
  checkState,
  GOING_ON,
  MODE,
  NEXT,
  REPEATING,
  SELF,
  STOPPED_AT,
  TOLD_END,
  TOLD_LIMIT,
} from './check-state.ts'

/** The CPU has not stopped yet. */
export const NOT_STOPPED = -1

/** By CPU, `toldMax` entries each. */
let told: Int32Array = new Int32Array(0)
let toldMax = 0

/** Empty logs for so many CPUs. @param entries - of each CPU at most. */
export function bindLogs(cpus: number, entries: number, arrays: ArraySource): void {
  toldMax = entries
  told = arrays.int32('told', cpus * entries)
}

/** The CPU begins its text; @param stopped - the place in its log where it has stopped. */
export function enterLog(cpu: number, stopped: number): void {
  checkState[SELF] = cpu
  checkState[NEXT] = cpu * toldMax
  checkState[TOLD_END] = (cpu + 1) * toldMax
  checkState[STOPPED_AT] = stopped
  checkState[MODE] = stopped === NOT_STOPPED ? GOING_ON : REPEATING
}

/** The CPU that runs is told at most `more` things from here on. */
export function allowTold(more: number): void {
  checkState[TOLD_LIMIT] = Math.min(
    checkState[TOLD_END] as number,
    (checkState[NEXT] as number) + more,
  )
}

/** Has the CPU that repeats come to the operation at which it stopped? */
export function isWhereItStopped(): boolean {
  return checkState[NEXT] === checkState[STOPPED_AT]
}

/** From here on the CPU goes on. */
export function endRepeat(): void {
  checkState[MODE] = GOING_ON
}

/** What the CPU was told here. */
export function toldBefore(): number {
  const n = checkState[NEXT] as number
  checkState[NEXT] = n + 1
  return told[n] as number
}

/** Keeps what the CPU is told, and gives it back. */
export function keepTold(value: number): number {
  const n = checkState[NEXT] as number
  if (n >= (checkState[TOLD_LIMIT] as number)) endOfTold()
  told[n] = value
  checkState[NEXT] = n + 1
  return value
}
