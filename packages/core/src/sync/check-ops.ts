/**
 * The operations by which CPUs synchronise, by number: what a check tells of them, and how each is performed at once.
 */

import * as live from './live.ts'

/** Index of an operation among `operationNames`. */
export type Op = number

export const ATOMIC_ADD = 0
export const ATOMIC_SUB = 1
export const ATOMIC_ADD_NEGATIVE = 2
export const ATOMIC_SUB_AND_TEST = 3
export const ATOMIC_SUB_RETURN_RELAXED = 4
export const ATOMIC_ADD_RETURN_RELAXED = 5
export const ATOMIC_FETCH_ADD_RELAXED = 6
export const TEST_AND_SET_BIT = 7
export const TEST_AND_CLEAR_BIT = 8
export const SET_BIT = 9
export const CLEAR_BIT = 10
export const SPIN_LOCK = 11
export const SPIN_TRYLOCK = 12
export const SPIN_UNLOCK = 13
export const ATOMIC_DEC_AND_TEST = 14
export const ATOMIC_INC_AND_TEST = 15
export const ATOMIC_INC_NOT_ZERO = 16
export const READ_ONCE = 17
export const FLUSH_TLB_MM_RANGE = 18
export const USER_ACCESS = 19

type Perform = (a: number, b: number, c: number) => number | boolean | void

/** What an operation does is said once, in sync/live.ts. */
const OPERATIONS: readonly (readonly [name: string, perform: Perform])[] = [
  ['atomicAdd', live.atomicAdd],
  ['atomicSub', live.atomicSub],
  ['atomicAddNegative', live.atomicAddNegative],
  ['atomicSubAndTest', live.atomicSubAndTest],
  ['atomicSubReturnRelaxed', live.atomicSubReturnRelaxed],
  ['atomicAddReturnRelaxed', live.atomicAddReturnRelaxed],
  ['atomicFetchAddRelaxed', live.atomicFetchAddRelaxed],
  ['testAndSetBit', live.testAndSetBit],
  ['testAndClearBit', live.testAndClearBit],
  ['setBit', live.setBit],
  ['clearBit', live.clearBit],
  ['spinLock', live.spinLock],
  ['spinTrylock', live.spinTrylock],
  ['spinUnlock', live.spinUnlock],
  ['atomicDecAndTest', live.atomicDecAndTest],
  ['atomicIncAndTest', live.atomicIncAndTest],
  ['atomicIncNotZero', live.atomicIncNotZero],
  ['readOnce', live.readOnce],
  ['flushTlbMmRange', (mm, start, end) => live.flushTlbMmRange(mm, start, end, 0)],
  ['userAccess', live.userAccess],
]

/** The names of all operations, by Op. */
export function operationNames(): string[] {
  return OPERATIONS.map(([name]) => name)
}

/** Performs an operation at once; returns its result (1 for true, 0 for false and for nothing). */
export function performWith(op: Op, a: number, b: number, c: number): number {
  return Number(OPERATIONS[op]?.[1](a, b, c) ?? 0)
}
