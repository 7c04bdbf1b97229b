/**
 * What ends an execution of a check: compiled text calls these where they are, in JavaScript.
 */

import { CPU_ID } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import {
  CHANGES,
  CHANGES_MAX,
  checkState,
  MODE,
  NEXT,
  OWN_FROM,
  TOLD_END,
  UNTRACKED,
} from './check-state.ts'
import { KernelBugError, reportBug } from './live-cpu.ts'

/** More plain accesses than this between two synchronising operations are an endless loop. */
export const FUEL = 500_000

/** A loop without a synchronising operation does not end. */
export class LostProgressError extends Error {
  constructor() {
    super(`no synchronising operation in ${FUEL} plain accesses: a loop that does not end`)
    this.name = 'LostProgressError'
  }
}

/** Access to a word that no object has: those below the control block, and what lies behind the last one. */
export class WildAccessError extends Error {
  constructor(address: number) {
    super(`word ${address} is part of no object: a NULL or a wild pointer`)
    this.name = 'WildAccessError'
  }
}

/** An execution makes more plain accesses than there is room to keep: it is given up, as one with too many steps is. */
export class TooLongError extends Error {
  constructor() {
    super('an execution makes too many plain accesses')
    this.name = 'TooLongError'
  }
}

/** A CPU is told more than it may be. Throws LostProgressError, TooLongError. */
export function endOfTold(): void {
  if (checkState[NEXT] === checkState[TOLD_END]) throw new TooLongError()
  throw new LostProgressError()
}

/** There are more changes than there may be. Throws LostProgressError, TooLongError. */
export function endOfChanges(): void {
  if (checkState[CHANGES] === checkState[CHANGES_MAX]) throw new TooLongError()
  throw new LostProgressError()
}

/** Throws TooLongError. */
export function endOfShadow(): void {
  throw new TooLongError()
}

/** Throws TooLongError. */
export function endOfEntries(): void {
  throw new TooLongError()
}

/** Throws WildAccessError. */
export function failWild(address: number): void {
  throw new WildAccessError(address)
}

/** A broken assertion: ends the execution, in which no other CPU needs to be told. Throws KernelBugError. */
export function failCheckBug(code: number): void {
  if (checkState[MODE] === UNTRACKED) reportBug(code)
  throw new KernelBugError(code, mem[(checkState[OWN_FROM] as number) + CPU_ID] as number)
}
