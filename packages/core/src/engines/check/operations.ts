/**
 * What each synchronising operation does to the words that it names, as far as its order against others
 * can matter.
 *
 * An operation is stated by what it observes. A decrement that asks only whether it reached its floor observes nothing
 * while it does not: two such decrements give the same in either order. Kinds whose order never matters, or only if a
 * threshold is crossed, are told apart here; `dependency.ts` decides. With `plain`, an atomic observes the value that it
 * returns, and its order against every other access matters.
 */

import { assert } from '../../lib/assert.ts'
import { COMPOUND_MAPPED } from '../../machine/layout.ts'
import { type Op, operationNames } from '../../sync/check-ops.ts'

/** A look at a word. */
export const READ = 0
/** Anything that is to be ordered against every other access of the word. */
export const WRITE = 1
/** An addition whose result nobody looks at, to a word that nobody looks at. */
export const ADD = 2
/** An addition that asks whether the result is negative. */
export const ADD_NEGATIVE = 3
/** An addition that asks whether the result is zero. */
export const ADD_ZERO = 4
/** An addition that asks whether the result is negative, zero, below COMPOUND_MAPPED, or beyond. */
export const ADD_CLASS = 5
/** An addition whose result nobody looks at, to a word that somebody looks at. */
export const ADD_SEEN = 6
/** Bits are set or cleared, and nobody looks at them. */
export const SET_BITS = 7
export const CLEAR_BITS = 8
/** A bit is changed and asked for. */
export const TEST_BITS = 9
export const LOCK = 10
export const UNLOCK = 11
/** A lock that was tried and taken. One that was not is a look. */
export const TRYLOCK = 12

export type Kind = number

/** What the engine needs to know of an operation. */
export interface Operation {
  readonly name: string
  readonly kind: Kind
  /** The operand that is the address. */
  readonly address: 0 | 1
  /** An addition adds or subtracts; 1 for bits, whose operand is kept as it is. */
  readonly sign: 1 | -1
  /** An addition of one, not of an operand. */
  readonly isByOne: boolean
  /** It is a full barrier: an atomic that returns a value and is not relaxed. */
  readonly orders: boolean
}

type Unnamed = Omit<Operation, 'name'>

function add(kind: Kind, sign: 1 | -1, orders: boolean): Unnamed {
  return { kind, address: 1, sign, isByOne: false, orders }
}

function addOne(kind: Kind, sign: 1 | -1): Unnamed {
  return { kind, address: 0, sign, isByOne: true, orders: true }
}

function other(kind: Kind, address: 0 | 1, orders: boolean): Unnamed {
  return { kind, address, sign: 1, isByOne: false, orders }
}

const BY_NAME: Readonly<Record<string, Unnamed>> = {
  atomicAdd: add(ADD, 1, false),
  atomicSub: add(ADD, -1, false),
  atomicAddNegative: add(ADD_NEGATIVE, 1, true),
  atomicSubAndTest: add(ADD_ZERO, -1, true),
  atomicDecAndTest: addOne(ADD_ZERO, -1),
  atomicIncAndTest: addOne(ADD_ZERO, 1),
  atomicSubReturnRelaxed: add(ADD_CLASS, -1, false),
  atomicAddReturnRelaxed: add(ADD_CLASS, 1, false),
  atomicFetchAddRelaxed: other(WRITE, 1, false),
  testAndSetBit: other(TEST_BITS, 1, true),
  testAndClearBit: other(TEST_BITS, 1, true),
  setBit: other(SET_BITS, 1, false),
  clearBit: other(CLEAR_BITS, 1, false),
  atomicIncNotZero: addOne(ADD_ZERO, 1),
  readOnce: other(READ, 0, false),
  spinLock: other(LOCK, 0, true),
  spinTrylock: other(TRYLOCK, 0, true),
  spinUnlock: other(UNLOCK, 0, true),
  flushTlbMmRange: other(WRITE, 0, false),
  userAccess: other(READ, 0, false),
}

/** By Op. */
export const OPERATIONS: readonly Operation[] = operationNames().map((name) => {
  const known = BY_NAME[name]
  assert(known !== undefined, 'an operation that the checker does not know', { name })
  return { name, ...known }
})

function opOf(name: string): Op {
  return operationNames().indexOf(name)
}

export const SPIN_LOCK: Op = opOf('spinLock')
export const SPIN_TRYLOCK: Op = opOf('spinTrylock')
export const SPIN_UNLOCK: Op = opOf('spinUnlock')
export const READ_ONCE: Op = opOf('readOnce')
export const INC_NOT_ZERO: Op = opOf('atomicIncNotZero')
export const CLEAR_BIT: Op = opOf('clearBit')
export const TEST_AND_SET: Op = opOf('testAndSetBit')
export const TEST_AND_CLEAR: Op = opOf('testAndClearBit')
export const USER_ACCESS: Op = opOf('userAccess')
export const FLUSH_TLB: Op = opOf('flushTlbMmRange')

/** Which of the parts between the thresholds that an addition of this kind asks about a value lies in. */
export function classOf(kind: Kind, value: number): number {
  if (kind === ADD_NEGATIVE) return value < 0 ? 0 : 1
  if (kind === ADD_ZERO) return value < 0 ? 0 : value === 0 ? 1 : 2
  if (value < COMPOUND_MAPPED) return value < 0 ? 0 : value === 0 ? 1 : 2
  return 3
}
