/**
 * What a synchronising operation does in a check: it changes the machine, is noted in the trace by what it observes, orders
 * its CPU against others, and is told to the rules.
 *
 * An operation is stated by what it observes (check-kinds.ts). With plain values an atomic observes the value that it returns,
 * and its order against every other access matters. Check text (docs/wasm.md).
 */

import { FOLIO_MM_SLOTS, LARGE_MAPCOUNT, MEMMAP, NR_PFNS } from '../machine/globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_MM_IDS_LOCK,
  MM_IDS,
  MM_SLOTS_WORDS,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import type { ArraySource } from './array-source.ts'
import {
  ADD,
  ADD_CLASS,
  ADD_SEEN,
  CLEAR_BITS,
  isAddition,
  LOCK,
  READ,
  SET_BITS,
  UNLOCK,
  WRITE,
} from './check-kinds.ts'
import { addedTo, changedByAtomic, lookedAt, markWord } from './check-marks.ts'
import {
  ATOMIC_INC_NOT_ZERO,
  CLEAR_BIT,
  FLUSH_TLB_MM_RANGE,
  performAtomicOp,
  READ_ONCE,
  SPIN_LOCK,
  SPIN_TRYLOCK,
  SPIN_UNLOCK,
  TEST_AND_CLEAR_BIT,
  TEST_AND_SET_BIT,
  USER_ACCESS,
} from './check-ops.ts'
import { acquire, atomicAccess, release } from './check-races.ts'
import { checkState, HAS_RULES, HAS_PLAIN_VALUES, isRacing } from './check-state.ts'
import { noteAccess } from './check-trace.ts'
import { noteChange } from './check-undo.ts'
import { ruleAdded, ruleFlushed, ruleLocked, ruleUnlocked } from './check-rules.ts'
import { performHardware, tellCleared } from './check-watch.ts'

/** Columns of `operations`: the kind, the operand that is the address, 1 or -1 for what is added, by one?, a full barrier? */
export const OP_KIND = 0
export const OP_ADDRESS = 1
export const OP_SIGN = 2
export const OP_IS_BY_ONE = 3
export const OP_ORDERS = 4
export const OP_COLUMNS = 8

/** By operation. */
let operations: Int32Array = new Int32Array(0)

/** @param table - what is known of each operation, OP_COLUMNS numbers. */
export function bindOperations(table: readonly number[], arrays: ArraySource): void {
  operations = arrays.int32('operations', table.length)
  if (operations.length > 0) operations.set(table)
}

function columnOf(op: number, column: number): number {
  return operations[op * OP_COLUMNS + column] as number
}

/** The word that an operation is about. */
export function addressOf(op: number, a: number, b: number): number {
  return columnOf(op, OP_ADDRESS) === 0 ? a : b
}

/** Is this bit the lock of a folio's MM slots (v6.15 and later)? An atomic by its primitive, a lock by its use. */
function isBitLock(mask: number, address: number): boolean {
  if (mask !== FOLIO_MM_IDS_LOCK || LARGE_MAPCOUNT !== 2 || address < FOLIO_MM_SLOTS) return false
  const word = address - FOLIO_MM_SLOTS
  return word < ((NR_PFNS + 1) >> 1) * MM_SLOTS_WORDS && word % MM_SLOTS_WORDS === MM_IDS
}

/** Must the CPU that is about to do this wait for a lock? */
export function isBlocked(op: number, a: number, b: number): boolean {
  if (op === SPIN_LOCK) return mem[a] !== 0
  return op === TEST_AND_SET_BIT && isBitLock(a, b) && ((mem[b] as number) & a) !== 0
}

/** Performs an operation; returns its result. */
export function perform(cpu: number, op: number, a: number, b: number, c: number): number {
  if (op === USER_ACCESS) return performHardware(cpu, op, a, b, c)
  if (op === FLUSH_TLB_MM_RANGE) {
    performHardware(cpu, op, a, b, c)
    if (checkState[HAS_RULES] !== 0) ruleFlushed(cpu, a, b, c)
    return 0
  }
  const address = addressOf(op, a, b)
  if (op === READ_ONCE) return performRead(address)
  if (op === SPIN_LOCK || op === SPIN_TRYLOCK || op === SPIN_UNLOCK)
    return performLock(cpu, op, address, b)
  if ((op === TEST_AND_SET_BIT || op === CLEAR_BIT) && isBitLock(a, b))
    return performBitLock(op, a, b)
  return performAtomic(cpu, op, a, b, address)
}

function performRead(address: number): number {
  markWord(address)
  lookedAt(address)
  const value = mem[address] as number
  noteAccess(address, READ, 0, value)
  return value
}

function performLock(cpu: number, op: number, address: number, lockClass: number): number {
  const before = mem[address] as number
  const isTaken = op === SPIN_TRYLOCK && before !== 0
  noteAccess(address, isTaken ? READ : columnOf(op, OP_KIND), 0, before)
  if (op === SPIN_UNLOCK) {
    if (isRacing()) release(address)
    mem[address] = 0
    noteChange(address, before)
    if (checkState[HAS_RULES] !== 0) ruleUnlocked(cpu, address, lockClass)
    return 0
  }
  if (before !== 0) return 0
  if (isRacing()) acquire(address)
  mem[address] = 1
  noteChange(address, before)
  if (checkState[HAS_RULES] !== 0) ruleLocked(cpu, address, lockClass)
  return 1
}

/** bit_spin_lock and bit_spin_unlock of _mm_ids: CPUs wait for it as for any lock. */
function performBitLock(op: number, mask: number, address: number): number {
  const isLock = op === TEST_AND_SET_BIT
  const before = mem[address] as number
  noteAccess(address, isLock ? LOCK : UNLOCK, 0, before)
  if (isRacing()) {
    if (isLock) acquire(address)
    else release(address)
  }
  const result = performAtomicOp(op, mask, address)
  noteChange(address, before)
  return result
}

/** Performs an atomic and notes what it accesses. */
function performAtomic(cpu: number, op: number, a: number, b: number, address: number): number {
  const kind = columnOf(op, OP_KIND)
  const orders = columnOf(op, OP_ORDERS) !== 0
  const before = mem[address] as number
  const result = performAtomicOp(op, a, b)
  noteChange(address, before)
  if (mem[address] === before && kind >= SET_BITS) {
    // bits that are as they were asked to be, as if they had been looked at
    noteAccess(address, READ, 0, before)
    lookedAt(address)
    if (isRacing()) atomicAccess(address, orders)
    return result
  }
  if (op === ATOMIC_INC_NOT_ZERO && result === 0) {
    // it has only looked
    markWord(address)
    lookedAt(address)
    noteAccess(address, READ, 0, before)
    return result
  }
  if (isRacing()) atomicAccess(address, orders)
  if (!isCheckedCount(address)) changedByAtomic(address)
  const sign = columnOf(op, OP_SIGN)
  const n = columnOf(op, OP_IS_BY_ONE) !== 0 ? sign : Math.imul(sign, a)
  noteAccess(address, seenKind(kind, address, n), n, before)
  if (isAddition(kind)) {
    if (checkState[HAS_RULES] !== 0) ruleAdded(cpu, address, before, n)
  } else if (op === TEST_AND_CLEAR_BIT && result !== 0) tellCleared(cpu, address, before, a)
  return result
}

/** A _mapcount: plain text only asserts that it is not below its floor, which a rule watches at every atomic. */
function isCheckedCount(address: number): boolean {
  return address >= MEMMAP && (address - MEMMAP) % PAGE_WORDS === PAGE_MAPCOUNT
}

function seenKind(kind: number, address: number, n: number): number {
  if (kind === ADD) return addedTo(address) ? ADD_SEEN : ADD
  lookedAt(address)
  // who takes off a PMD mapping looks at the whole value
  if (kind === ADD_CLASS && (n >= COMPOUND_MAPPED || n <= -COMPOUND_MAPPED)) return WRITE
  if (checkState[HAS_PLAIN_VALUES] === 0 || kind === SET_BITS || kind === CLEAR_BITS) return kind
  return WRITE
}
