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
import {
  ADD,
  ADD_CLASS,
  ADD_NEGATIVE,
  ADD_ZERO,
  CLEAR_BITS,
  type Kind,
  LOCK,
  READ,
  SET_BITS,
  TEST_BITS,
  TRYLOCK,
  UNLOCK,
  WRITE,
} from '../../sync/check-kinds.ts'
import { operationNames } from '../../sync/check-ops.ts'
import {
  OP_ADDRESS,
  OP_COLUMNS,
  OP_IS_BY_ONE,
  OP_KIND,
  OP_ORDERS,
  OP_SIGN,
} from '../../sync/check-perform.ts'

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

/** The same for the check text, OP_COLUMNS numbers each. */
export const OPERATION_TABLE: readonly number[] = OPERATIONS.flatMap((each) => {
  const row = Array.from({ length: OP_COLUMNS }, () => 0)
  row[OP_KIND] = each.kind
  row[OP_ADDRESS] = each.address
  row[OP_SIGN] = each.sign
  row[OP_IS_BY_ONE] = Number(each.isByOne)
  row[OP_ORDERS] = Number(each.orders)
  return row
})
