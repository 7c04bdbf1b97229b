/**
 * Runs the programs of all CPUs in the order that a scheduler decides, from the state that the machine is in; then puts the
 * machine back.
 *
 * A program is kernel text as it stands, called as any function. Before each synchronising operation the scheduler decides
 * who goes on: the same CPU, and its text does so at once, or another, and it leaves its text by an exception. A CPU that
 * stopped goes on by repeating its text up to there (see sync/check-log.ts). A step is an operation and the plain text
 * behind it. A CPU that is about to take a lock that is held cannot be picked.
 *
 * Executions that begin alike share their beginning: the machine, the clocks of race detection and the watchers are put back
 * to the first step that differs, and only CPUs that make steps from there on repeat. Invariant: all state that an execution changes is
 * in the machine's words, the clocks, the logs of the CPUs, and the `state` of watchers.
 */

import { assert } from '../../lib/assert.ts'
import { CPU_STRIDE } from '../../machine/globals.ts'
import { bindAnnouncing } from '../../sync/check-driver.ts'
import { FUEL, LostProgressError, TooLongError, WildAccessError } from '../../sync/check-fail.ts'
import { allowTold, enterLog, logPlace, NOT_STOPPED } from '../../sync/check-log.ts'
import { forgetMarkedAccesses, markedLoads, markedStores } from '../../sync/check-marks.ts'
import { checkAddress } from '../../sync/check-memory.ts'
import type { Op } from '../../sync/check-ops.ts'
import { forgetRace } from '../../sync/check-races.ts'
import {
  checkState,
  HAS_RACE,
  NR_MARKED_LOADS,
  NR_MARKED_STORES,
  OWN_END,
  OWN_FROM,
} from '../../sync/check-state.ts'
import { allowChanges } from '../../sync/check-undo.ts'
import { bindLiveCpu, KernelBugError } from '../../sync/live-cpu.ts'
import { bindCheckArrays, type CheckArrays, unbindCheckArrays } from './arrays.ts'
import {
  FLUSH_TLB,
  type Operation,
  OPERATIONS,
  READ,
  SPIN_LOCK,
  USER_ACCESS,
  WRITE,
} from './operations.ts'
import { isBlocked, type Pending, Performer } from './perform.ts'
import { RuleError, throwRace } from './rule-error.ts'
import { Savepoints, type Stopped } from './savepoints.ts'
import { ABANDON, type Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'
import type { Hardware, Watcher } from './watcher.ts'

/** At most so many CPUs. */
export const CHECK_CPUS_MAX = 8

/** What a CPU runs. */
export type Program = () => void

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

/** Thrown through kernel text: the CPU stops here. */
const STOP: unique symbol = Symbol('stop')
/** No CPU: the execution is at its end. */
const NOBODY = -1

export class Execution {
  readonly trace: Trace
  readonly cpus: number
  readonly arrays: CheckArrays
  /** CPUs whose programs are at their end. */
  done = 0
  /** The CPU that makes a step. */
  self = 0
  /** Is the stack of each announcement kept? */
  keepsStacks = false
  readonly #stepsMax: number
  readonly #programs: readonly Program[]
  readonly #performer: Performer
  readonly #stopped: Stopped[]
  readonly #stacks: string[]
  readonly #blocks: { cpu: number }[]
  readonly #savepoints: Savepoints
  #scheduler: Scheduler | undefined
  #isStarting = false
  #next = NOBODY
  #end: End = COMPLETED
  /** Of the operation of the step. */
  #result = 0

  constructor(options: ExecutionOptions) {
    const { programs, words, stepsMax, plainValues = false, hardware } = options
    assert(programs.length <= CHECK_CPUS_MAX, 'too many CPUs for the checker', {
      cpus: programs.length,
    })
    const { watchers: rules = [] } = options
    const watchers = hardware === undefined ? rules : [...rules, hardware]
    this.arrays = bindCheckArrays({ words, cpus: programs.length, stepsMax })
    this.#stepsMax = stepsMax
    this.#programs = programs
    this.cpus = programs.length
    this.trace = new Trace(stepsMax)
    this.#performer = new Performer({ trace: this.trace, watchers, hardware, plainValues })
    this.#stopped = programs.map(() => ({ op: 0, a: 0, b: 0, c: 0, place: NOT_STOPPED }))
    this.#stacks = programs.map(() => '')
    this.#blocks = programs.map((_, i) => ({ cpu: options.blocks[i] ?? 0 }))
    this.#savepoints = new Savepoints(stepsMax, watchers)
    bindAnnouncing({ announced: this.#announced, resumed: this.#resumed })
  }

  /** One execution; the machine is left as it ended, until `undo` or the next one. */
  run(scheduler: Scheduler): End {
    const kept = scheduler === this.#scheduler ? (scheduler.keeps?.() ?? 0) : 0
    forgetRace()
    forgetMarkedAccesses()
    try {
      if (kept > 0) this.#goBack(kept)
      else this.#start(scheduler)
      for (let cpu = this.#choose(); cpu !== NOBODY; ) cpu = this.#goOn(cpu)
      return this.#end
    } catch (error) {
      const end = endOf(error)
      if (end === undefined) throw error
      // the step that broke a rule is one
      if (this.trace.begun > this.trace.length) this.trace.end(0)
      scheduler.stepped?.(this)
      return end
    }
  }

  /** Puts the machine back to where the execution began. */
  undo(): void {
    this.#savepoints.restoreStart()
    this.trace.cut(0)
    this.done = 0
    this.#scheduler = undefined
  }

  /** Puts the machine back; from here on kernel text runs as it does without a check. */
  dispose(): void {
    this.undo()
    unbindCheckArrays()
    bindAnnouncing()
  }

  /** CPUs that can make a step, by bit. */
  enabled(): number {
    let mask = 0
    for (let i = 0; i < this.cpus; i++)
      if ((this.done & (1 << i)) === 0 && !isBlocked(this.#stopped[i] as Pending)) mask |= 1 << i
    return mask
  }

  /** Does every CPU that is not done wait for a lock? */
  isStuck(): boolean {
    return this.done !== (1 << this.cpus) - 1 && this.enabled() === 0
  }

  /** The operation that a CPU will perform next. */
  pendingOf(cpu: number): Pending {
    return this.#stopped[cpu] as Pending
  }

  /** The stack of that operation, if stacks are kept. */
  stackOf(cpu: number): string {
    return this.#stacks[cpu] as string
  }

  /** The lock that a CPU that cannot go on waits for. */
  lockOf(cpu: number): number {
    const { op, a, b } = this.pendingOf(cpu)
    return op === SPIN_LOCK ? a : b
  }

  /** Every CPU runs up to its first operation. */
  #start(scheduler: Scheduler): void {
    this.undo()
    this.#scheduler = scheduler
    this.#isStarting = true
    for (let i = 0; i < this.cpus; i++) this.#runText(i, NOT_STOPPED)
    this.#isStarting = false
    forgetMarkedAccesses()
  }

  /** The first `kept` steps of the last execution are those of this one. */
  #goBack(kept: number): void {
    const { trace } = this
    assert(kept < trace.length, 'more steps are kept than were made', { kept })
    for (let i = trace.length - 1; i >= kept; i--)
      this.#savepoints.restoreStopped(i, this.#stopped[trace.cpus[i] as number] as Stopped)
    this.done = this.#savepoints.restore(kept)
    trace.cut(kept)
  }

  /** A CPU that stopped goes on; returns the one that is to go on when it stops again. */
  #goOn(cpu: number): number {
    if (!this.#runText(cpu, (this.#stopped[cpu] as Stopped).place)) return this.#next
    this.#endStep()
    return this.#choose()
  }

  /** Runs a program from where it stopped; true: to its end. */
  #runText(cpu: number, place: number): boolean {
    this.self = cpu
    bindLiveCpu(this.#blocks[cpu] as { cpu: number })
    const own = (this.#blocks[cpu] as { cpu: number }).cpu
    checkState[OWN_FROM] = own
    checkState[OWN_END] = own + CPU_STRIDE
    enterLog(cpu, place)
    refuel()
    try {
      ;(this.#programs[cpu] as Program)()
    } catch (error) {
      if (error === STOP) return false
      throw error
    }
    this.done |= 1 << cpu
    return true
  }

  readonly #announced = (op: Op, a: number, b: number, c: number): number => {
    const cpu = this.self
    const { address } = OPERATIONS[op] as Operation
    if (op !== FLUSH_TLB && op !== USER_ACCESS) checkAddress(address === 0 ? a : b)
    const stopped = this.#stopped[cpu] as Stopped
    stopped.op = op
    stopped.a = a
    stopped.b = b
    stopped.c = c
    stopped.place = logPlace()
    if (this.keepsStacks) this.#stacks[cpu] = new Error('announced').stack ?? ''
    if (this.#isStarting) throw STOP
    this.#endStep()
    this.#next = this.#choose()
    if (this.#next !== cpu) throw STOP
    return this.#beginStep(cpu)
  }

  readonly #resumed = (op: Op): number => {
    const stopped = this.#stopped[this.self] as Stopped
    assert(stopped.op === op, 'a CPU that repeats has come to another operation', { op })
    return this.#beginStep(this.self)
  }

  /** Who makes the next step; NOBODY: the execution is at its end. */
  #choose(): number {
    const enabled = this.enabled()
    if (this.done === (1 << this.cpus) - 1) this.#end = COMPLETED
    else if (enabled === 0) this.#end = DEADLOCK
    else if (this.trace.length >= this.#stepsMax) this.#end = STEPS
    else {
      const cpu = (this.#scheduler as Scheduler).pick(this, enabled)
      if (cpu !== ABANDON) return cpu
      this.#end = ABANDONED
    }
    return NOBODY
  }

  /** Performs what the CPU is about to do; returns the result. */
  #beginStep(cpu: number): number {
    const stopped = this.#stopped[cpu] as Stopped
    const { trace } = this
    this.#savepoints.save(trace.length, stopped, this.done)
    refuel()
    trace.begin(cpu, stopped.op)
    this.#result = this.#performer.perform(cpu, stopped)
    return this.#result
  }

  #endStep(): void {
    if (checkState[HAS_RACE] !== 0) throwRace()
    if (checkState[NR_MARKED_STORES] !== 0 || checkState[NR_MARKED_LOADS] !== 0) this.#notePlain()
    this.trace.end(this.#result)
    this.#scheduler?.stepped?.(this)
  }

  /** Plain accesses of the step that its order against others can matter to. */
  #notePlain(): void {
    const [stores = 0, loads = 0] = [checkState[NR_MARKED_STORES], checkState[NR_MARKED_LOADS]]
    for (let i = 0; i < stores; i++) this.trace.access(markedStores[i] as number, WRITE, 0, 0)
    for (let i = 0; i < loads; i++) this.trace.access(markedLoads[i] as number, READ, 0, 0)
    forgetMarkedAccesses()
  }
}

/** There is progress: so many plain accesses may follow. */
function refuel(): void {
  allowTold(FUEL)
  allowChanges(FUEL)
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
  if (error instanceof TooLongError) return STEPS
  return undefined
}
