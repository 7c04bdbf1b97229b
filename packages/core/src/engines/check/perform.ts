/**
 * What a synchronising operation does in a check: it changes the machine, is noted in the trace by what it observes, orders
 * its CPU against others, and is told to the watchers.
 */

import { assert } from '../../lib/assert.ts'
import { MEMMAP } from '../../machine/globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_MM_IDS_LOCK,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
} from '../../machine/layout.ts'
import { mem } from '../../machine/memory.ts'
import { addedTo, changedByAtomic, lookedAt, markWord } from '../../sync/check-marks.ts'
import { type Op, performWith } from '../../sync/check-ops.ts'
import { acquire, atomicAccess, release } from '../../sync/check-races.ts'
import { isRacing } from '../../sync/check-state.ts'
import { noteChange } from '../../sync/check-undo.ts'
import { isBitLock } from './bit-lock.ts'
import { isAddition } from './dependency.ts'
import {
  ADD,
  ADD_CLASS,
  ADD_SEEN,
  CLEAR_BITS,
  CLEAR_BIT,
  FLUSH_TLB,
  INC_NOT_ZERO,
  LOCK,
  type Kind,
  type Operation,
  OPERATIONS,
  READ,
  READ_ONCE,
  SET_BITS,
  SPIN_LOCK,
  SPIN_TRYLOCK,
  SPIN_UNLOCK,
  TEST_AND_CLEAR,
  TEST_AND_SET,
  UNLOCK,
  USER_ACCESS,
  WRITE,
} from './operations.ts'
import type { Trace } from './trace.ts'
import { type Hardware, type Told, toldOf, type Watcher } from './watcher.ts'

/** An operation that a CPU is about to perform. */
export interface Pending {
  op: Op
  a: number
  b: number
  c: number
}

/** Must the CPU that is about to do this wait for a lock? */
export function isBlocked({ op, a, b }: Pending): boolean {
  if (op === SPIN_LOCK) return mem[a] !== 0
  return op === TEST_AND_SET && isBitLock(a, b) && ((mem[b] as number) & a) !== 0
}

export interface PerformerOptions {
  readonly trace: Trace
  readonly watchers: readonly Watcher[]
  readonly hardware: Hardware | undefined
  /** Atomics observe the value that they return. */
  readonly plainValues: boolean
}

export class Performer {
  readonly #trace: Trace
  readonly #told: Told
  readonly #hardware: Hardware | undefined
  readonly #plain: boolean

  constructor({ trace, watchers, hardware, plainValues }: PerformerOptions) {
    this.#trace = trace
    this.#told = toldOf(watchers)
    this.#hardware = hardware
    this.#plain = plainValues
  }

  /** The operation that a CPU has announced; returns its result. */
  perform(cpu: number, { op, a, b, c }: Pending): number {
    if (op === FLUSH_TLB) {
      this.#hardware?.flush(this.#trace, cpu, a, b, c)
      for (const told of this.#told.flushed) told(cpu, a, b, c, this.#trace)
      return 0
    }
    if (op === USER_ACCESS) {
      assert(this.#hardware !== undefined, 'a user access needs a TLB')
      return this.#hardware.access(this.#trace, cpu, a, b, c)
    }
    const operation = OPERATIONS[op] as Operation
    const address = operation.address === 0 ? a : b
    if (op === READ_ONCE) {
      markWord(address)
      lookedAt(address)
      const value = mem[address] as number
      this.#trace.access(address, READ, 0, value)
      return value
    }
    if (a === FOLIO_MM_IDS_LOCK && isBitLock(a, b) && (op === TEST_AND_SET || op === CLEAR_BIT))
      return this.#bitLock(op, a, b)
    if (op !== SPIN_LOCK && op !== SPIN_UNLOCK && op !== SPIN_TRYLOCK)
      return this.#atomic(cpu, op, a, b, address)
    const result = this.#lock(operation, op, address, mem[address] as number)
    this.#tellLock(cpu, op, address, b, result)
    return result
  }

  #lock(operation: Operation, op: Op, address: number, before: number): number {
    const isTaken = op === SPIN_TRYLOCK && before !== 0
    this.#trace.access(address, isTaken ? READ : operation.kind, 0, before)
    if (op === SPIN_UNLOCK) {
      if (isRacing()) release(address)
      mem[address] = 0
      noteChange(address, before)
      return 0
    }
    if (before !== 0) return 0
    if (isRacing()) acquire(address)
    mem[address] = 1
    noteChange(address, before)
    return 1
  }

  /** bit_spin_lock and bit_spin_unlock of _mm_ids: CPUs wait for it as for any lock. */
  #bitLock(op: Op, mask: number, address: number): number {
    const isLock = op === TEST_AND_SET
    const before = mem[address] as number
    this.#trace.access(address, isLock ? LOCK : UNLOCK, 0, before)
    if (isRacing() && isLock) acquire(address)
    else if (isRacing()) release(address)
    const result = performWith(op, mask, address, 0)
    noteChange(address, before)
    return result
  }

  #tellLock(cpu: number, op: Op, lock: number, lockClass: number, result: number): void {
    if (op === SPIN_UNLOCK) for (const told of this.#told.unlocked) told(cpu, lock, lockClass)
    else if (result !== 0) for (const told of this.#told.locked) told(cpu, lock, lockClass)
  }

  /** Performs an atomic and notes what it accesses. */
  #atomic(cpu: number, op: Op, a: number, b: number, address: number): number {
    const operation = OPERATIONS[op] as Operation
    const { kind, sign } = operation
    const before = mem[address] as number
    const result = performWith(op, a, b, 0)
    noteChange(address, before)
    if (mem[address] === before && kind >= SET_BITS) {
      // bits that are as they were asked to be, as if they had been looked at
      this.#trace.access(address, READ, 0, before)
      lookedAt(address)
      if (isRacing()) atomicAccess(address, operation.orders)
      return result
    }
    if (op === INC_NOT_ZERO && result === 0) {
      // it has only looked
      markWord(address)
      lookedAt(address)
      this.#trace.access(address, READ, 0, before)
      return result
    }
    if (isRacing()) atomicAccess(address, operation.orders)
    if (!this.#isCheckedCount(address)) changedByAtomic(address)
    const n = operation.isByOne ? sign : Math.imul(sign, a)
    this.#trace.access(address, this.#seenKind(kind, address, n), n, before)
    if (isAddition(kind)) for (const told of this.#told.added) told(cpu, address, before, n)
    else if (op === TEST_AND_CLEAR && result !== 0)
      for (const told of this.#told.cleared) told(cpu, address, before, a)
    return result
  }

  /** A _mapcount: plain text only asserts that it is not below its floor, which a rule watches at every atomic. */
  #isCheckedCount(address: number): boolean {
    return address >= MEMMAP && (address - MEMMAP) % PAGE_WORDS === PAGE_MAPCOUNT
  }

  #seenKind(kind: Kind, address: number, n: number): Kind {
    if (kind === ADD) return addedTo(address) ? ADD_SEEN : ADD
    lookedAt(address)
    // who takes off a PMD mapping looks at the whole value
    if (kind === ADD_CLASS && Math.abs(n) >= COMPOUND_MAPPED) return WRITE
    return this.#plain && kind !== SET_BITS && kind !== CLEAR_BITS ? WRITE : kind
  }
}
