/**
 * The operations by which CPUs synchronise, by number, and how atomics are performed: as sync/live.ts says, once for all
 * engines. Check text (docs/wasm.md).
 */

import {
  atomicAdd,
  atomicAddNegative,
  atomicAddReturnRelaxed,
  atomicDecAndTest,
  atomicFetchAddRelaxed,
  atomicIncAndTest,
  atomicIncNotZero,
  atomicSub,
  atomicSubAndTest,
  atomicSubReturnRelaxed,
  clearBit,
  setBit,
  testAndClearBit,
  testAndSetBit,
} from './live.ts'

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

const NAMES: Readonly<Record<Op, string>> = {
  [ATOMIC_ADD]: 'atomicAdd',
  [ATOMIC_SUB]: 'atomicSub',
  [ATOMIC_ADD_NEGATIVE]: 'atomicAddNegative',
  [ATOMIC_SUB_AND_TEST]: 'atomicSubAndTest',
  [ATOMIC_SUB_RETURN_RELAXED]: 'atomicSubReturnRelaxed',
  [ATOMIC_ADD_RETURN_RELAXED]: 'atomicAddReturnRelaxed',
  [ATOMIC_FETCH_ADD_RELAXED]: 'atomicFetchAddRelaxed',
  [TEST_AND_SET_BIT]: 'testAndSetBit',
  [TEST_AND_CLEAR_BIT]: 'testAndClearBit',
  [SET_BIT]: 'setBit',
  [CLEAR_BIT]: 'clearBit',
  [SPIN_LOCK]: 'spinLock',
  [SPIN_TRYLOCK]: 'spinTrylock',
  [SPIN_UNLOCK]: 'spinUnlock',
  [ATOMIC_DEC_AND_TEST]: 'atomicDecAndTest',
  [ATOMIC_INC_AND_TEST]: 'atomicIncAndTest',
  [ATOMIC_INC_NOT_ZERO]: 'atomicIncNotZero',
  [READ_ONCE]: 'readOnce',
  [FLUSH_TLB_MM_RANGE]: 'flushTlbMmRange',
  [USER_ACCESS]: 'userAccess',
}

/** The names of all operations, by Op. */
export function operationNames(): string[] {
  return Object.values(NAMES)
}

/** Performs an atomic; returns its result (1 for true, 0 for false and for nothing). */
export function performAtomicOp(op: number, a: number, b: number): number {
  if (op === ATOMIC_SUB_AND_TEST) return atomicSubAndTest(a, b) ? 1 : 0
  if (op === ATOMIC_DEC_AND_TEST) return atomicDecAndTest(a) ? 1 : 0
  if (op === ATOMIC_ADD_NEGATIVE) return atomicAddNegative(a, b) ? 1 : 0
  if (op === TEST_AND_CLEAR_BIT) return testAndClearBit(a, b) ? 1 : 0
  if (op === TEST_AND_SET_BIT) return testAndSetBit(a, b) ? 1 : 0
  if (op === ATOMIC_SUB_RETURN_RELAXED) return atomicSubReturnRelaxed(a, b)
  if (op === ATOMIC_ADD_RETURN_RELAXED) return atomicAddReturnRelaxed(a, b)
  if (op === ATOMIC_FETCH_ADD_RELAXED) return atomicFetchAddRelaxed(a, b)
  if (op === ATOMIC_INC_AND_TEST) return atomicIncAndTest(a) ? 1 : 0
  if (op === ATOMIC_INC_NOT_ZERO) return atomicIncNotZero(a) ? 1 : 0
  if (op === ATOMIC_ADD) atomicAdd(a, b)
  else if (op === ATOMIC_SUB) atomicSub(a, b)
  else if (op === SET_BIT) setBit(a, b)
  else if (op === CLEAR_BIT) clearBit(a, b)
  return 0
}
