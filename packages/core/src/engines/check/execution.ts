/**
 * Runs the programs of all CPUs once, in the order that a scheduler decides, from the state that the machine is in; then
 * puts the machine back.
 *
 * Programs are generators of the raw form: they announce a synchronising operation, and it is performed when their CPU is
 * picked; the plain text up to the next one follows at once. A CPU that announced `spinLock` of a lock that is held
 * cannot be picked. Invariant: all state that an execution changes is in the machine's words, in what `undo` puts back,
 * and in what a listener clears at `begin`.
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
import {
  addedTo,
  changedByAtomic,
  checkAddress,
  beginExecution,
  lookedAt,
  LostProgressError,
  markedLoads,
  markedStores,
  markWord,
  noteChange,
  refuel,
  trackMemory,
  undoExecution,
  WildAccessError,
} from '../../sync/check-memory.ts'
import {
  acquire,
  atomicAccess,
  beginRaces,
  enterRaces,
  hasRace,
  isRacing,
  release,
} from '../../sync/check-races.ts'
import {
  type Op,
  announcedAt,
  operandA,
  operandB,
  operandC,
  performWith,
  type Steps,
} from '../../sync/check.ts'
import { bindLiveCpu, KernelBugError } from '../../sync/live-cpu.ts'
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
import { RuleError, throwRace } from './rule-error.ts'
import { ABANDON, type Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'
import { type Hardware, type Told, toldOf, type Watcher } from './watcher.ts'

/** At most so many CPUs. */
export const CHECK_CPUS_MAX = 8

/** What a CPU runs. */
export type Program = () => Steps<void>

/** How an execution ended. */
export type End =
  | { readonly kind: 'completed' }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'deadlock' }
  | { readonly kind: 'steps' }
  | { readonly kind: 'broken'; readonly rule: string; readonly message: string }

const COMPLETED: End = { kind: 'completed' }
const ABANDONED: End = { kind: 'abandoned' }
const DEADLOCK: End = { kind: 'deadlock' }
const STEPS: End = { kind: 'steps' }

export interface ExecutionOptions {
  readonly words: number
  readonly programs: readonly Program[]
  /** Addresses of the per-CPU blocks. */
  readonly blocks: readonly number[]
  readonly stepsMax: number
  /** Atomics observe the value that they return. */
  readonly plainValues?: boolean
  readonly watchers?: readonly Watcher[]
  readonly hardware?: Hardware
}

/** An announced operation that a CPU waits to perform. */
class Pending {
  op = 0 as unknown as Op
  a = 0
  b = 0
  c = 0
  /** The stack at its announcement, if that is kept. */
  at = ''
}

export class Execution {
  readonly trace: Trace
  readonly cpus: number
  /** CPUs whose programs are at their end. */
  done = 0
  /** The CPU that makes a step. */
  self = 0
  readonly #options: ExecutionOptions
  readonly #watchers: readonly Watcher[]
  readonly #told: Told
  readonly #generators: Steps<void>[] = []
  readonly #pending: Pending[]
  readonly #stops: { cpu: number }[]
  readonly #plain: boolean

  constructor(options: ExecutionOptions) {
    const { programs, words, stepsMax } = options
    assert(programs.length <= CHECK_CPUS_MAX, 'too many CPUs for the checker', {
      cpus: programs.length,
    })
    this.#options = options
    this.#plain = options.plainValues === true
    this.cpus = programs.length
    this.trace = new Trace(stepsMax)
    this.#pending = programs.map(() => new Pending())
    this.#stops = programs.map((_, i) => ({ cpu: options.blocks[i] ?? 0 }))
    const { watchers = [], hardware } = options
    this.#watchers = hardware === undefined ? watchers : [...watchers, hardware]
    this.#told = toldOf(this.#watchers)
    trackMemory(words)
  }

  /** One execution; the machine is left as it ended, until `undo`. */
  run(scheduler: Scheduler): End {
    beginExecution()
    beginRaces()
    this.trace.clear()
    this.done = 0
    for (const each of this.#watchers) each.begin?.()
    try {
      this.#start()
      return this.#loop(scheduler)
    } catch (error) {
      const end = endOf(error)
      if (end === undefined) throw error
      // the step that broke a rule is one
      if (this.trace.starts[this.trace.length] !== this.trace.entries) this.trace.end(0)
      scheduler.stepped?.(this)
      return end
    }
  }

  /** Puts the machine back to where the execution began. */
  undo(): void {
    undoExecution()
  }

  /** CPUs that can make a step, by bit. */
  enabled(): number {
    let mask = 0
    for (let i = 0; i < this.cpus; i++)
      if ((this.done & (1 << i)) === 0 && !this.#blocks(i)) mask |= 1 << i
    return mask
  }

  /** Does every CPU that is not done wait for a lock? */
  isStuck(): boolean {
    return this.done !== (1 << this.cpus) - 1 && this.enabled() === 0
  }

  /** The operation that a CPU will perform next. */
  pendingOf(cpu: number): { op: Op; a: number; b: number; c: number; at: string } {
    return this.#pending[cpu] as Pending
  }

  /** The lock that a CPU that cannot go on waits for. */
  lockOf(cpu: number): number {
    const { op, a, b } = this.#pending[cpu] as Pending
    return op === SPIN_LOCK ? a : b
  }

  #blocks(cpu: number): boolean {
    const { op, a, b } = this.#pending[cpu] as Pending
    if (op === SPIN_LOCK) return mem[a] !== 0
    return op === TEST_AND_SET && isBitLock(a, b) && ((mem[b] as number) & a) !== 0
  }

  #start(): void {
    for (let i = 0; i < this.cpus; i++) {
      this.#enter(i)
      this.#generators[i] = (this.#options.programs[i] as Program)()
      this.#advance(i, 0)
    }
    markedStores.length = 0
    markedLoads.length = 0
  }

  #loop(scheduler: Scheduler): End {
    const { stepsMax } = this.#options
    const all = (1 << this.cpus) - 1
    while (this.done !== all) {
      const enabled = this.enabled()
      if (enabled === 0) return DEADLOCK
      if (this.trace.length >= stepsMax) return STEPS
      const cpu = scheduler.pick(this, enabled)
      if (cpu === ABANDON) return ABANDONED
      this.#step(cpu)
      scheduler.stepped?.(this)
    }
    return COMPLETED
  }

  #enter(cpu: number): void {
    this.self = cpu
    bindLiveCpu(this.#stops[cpu] as { cpu: number })
    enterRaces(cpu)
  }

  #advance(cpu: number, result: number): void {
    const step = (this.#generators[cpu] as Steps<void>).next(result)
    if (step.done === true) {
      this.done |= 1 << cpu
      return
    }
    const pending = this.#pending[cpu] as Pending
    pending.op = step.value
    pending.a = operandA
    pending.b = operandB
    pending.c = operandC
    pending.at = announcedAt
  }

  #step(cpu: number): void {
    const pending = this.#pending[cpu] as Pending
    const { trace } = this
    if (this.self !== cpu) this.#enter(cpu)
    refuel()
    trace.begin(cpu, pending.op)
    const result = this.#perform(cpu, pending)
    this.#advance(cpu, result)
    if (hasRace) throwRace()
    if (markedStores.length + markedLoads.length > 0) this.#notePlain()
    trace.end(result)
  }

  /** Plain accesses of the step that its order against others can matter to. */
  #notePlain(): void {
    for (const address of markedStores) this.trace.access(address, WRITE, 0, 0)
    for (const address of markedLoads) this.trace.access(address, READ, 0, 0)
    markedStores.length = 0
    markedLoads.length = 0
  }

  #perform(cpu: number, pending: Pending): number {
    const { op, a, b } = pending
    if (op === FLUSH_TLB) {
      this.#options.hardware?.flush(this, cpu, a, b, pending.c)
      for (const told of this.#told.flushed) told(cpu, a, b, pending.c)
      return 0
    }
    if (op === USER_ACCESS) {
      const { hardware } = this.#options
      assert(hardware !== undefined, 'a user access needs a TLB')
      return hardware.access(this, cpu, a, b, pending.c)
    }
    const operation = OPERATIONS[op as unknown as number] as Operation
    const address = operation.address === 0 ? a : b
    checkAddress(address)
    if (op === READ_ONCE) {
      markWord(address)
      lookedAt(address)
      const value = mem[address] as number
      this.trace.access(address, READ, 0, value)
      return value
    }
    if (a === FOLIO_MM_IDS_LOCK && isBitLock(a, b) && (op === TEST_AND_SET || op === CLEAR_BIT))
      return this.#bitLock(op, a, b)
    if (op !== SPIN_LOCK && op !== SPIN_UNLOCK && op !== SPIN_TRYLOCK)
      return this.#atomic(cpu, pending, operation, address)
    const result = this.#lock(operation, op, address, mem[address] as number)
    this.#tellLock(cpu, op, address, b, result)
    return result
  }

  #lock(operation: Operation, op: Op, address: number, before: number): number {
    noteChange(address)
    const isTaken = op === SPIN_TRYLOCK && before !== 0
    this.trace.access(address, isTaken ? READ : operation.kind, 0, before)
    if (op === SPIN_UNLOCK) {
      if (isRacing) release(address)
      mem[address] = 0
      return 0
    }
    if (before !== 0) return 0
    if (isRacing) acquire(address)
    mem[address] = 1
    return 1
  }

  /** bit_spin_lock and bit_spin_unlock of _mm_ids: CPUs wait for it as for any lock. */
  #bitLock(op: Op, mask: number, address: number): number {
    const isLock = op === TEST_AND_SET
    noteChange(address)
    this.trace.access(address, isLock ? LOCK : UNLOCK, 0, mem[address] as number)
    if (isRacing && isLock) acquire(address)
    else if (isRacing) release(address)
    return performWith(op, mask, address)
  }

  #tellLock(cpu: number, op: Op, lock: number, lockClass: number, result: number): void {
    if (op === SPIN_UNLOCK) for (const told of this.#told.unlocked) told(cpu, lock, lockClass)
    else if (result !== 0) for (const told of this.#told.locked) told(cpu, lock, lockClass)
  }

  /** Performs an atomic and notes what it accesses. */
  #atomic(cpu: number, pending: Pending, operation: Operation, address: number): number {
    const { op, a, b } = pending
    const { kind, sign } = operation
    const before = mem[address] as number
    noteChange(address)
    const result = performWith(op, a, b)
    if (mem[address] === before && kind >= SET_BITS) {
      // bits that are as they were asked to be, as if they had been looked at
      this.trace.access(address, READ, 0, before)
      lookedAt(address)
      if (isRacing) atomicAccess(address, operation.orders)
      return result
    }
    if (op === INC_NOT_ZERO && result === 0) {
      // it has only looked
      markWord(address)
      lookedAt(address)
      this.trace.access(address, READ, 0, before)
      return result
    }
    if (isRacing) atomicAccess(address, operation.orders)
    if (!this.#isCheckedCount(address)) changedByAtomic(address)
    const n = operation.isByOne ? sign : Math.imul(sign, a)
    this.trace.access(address, this.#seenKind(kind, address, n), n, before)
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

function endOf(error: unknown): End | undefined {
  if (error instanceof RuleError)
    return { kind: 'broken', rule: error.rule, message: error.message }
  if (error instanceof KernelBugError)
    return { kind: 'broken', rule: 'bug-on', message: error.message }
  if (error instanceof WildAccessError)
    return { kind: 'broken', rule: 'wild-access', message: error.message }
  if (error instanceof LostProgressError)
    return { kind: 'broken', rule: 'lost-progress', message: error.message }
  return undefined
}
