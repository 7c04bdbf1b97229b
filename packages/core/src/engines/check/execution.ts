/**
 * Runs the programs of all CPUs in the order that a scheduler decides, from the state that the machine is in; then puts the
 * machine back.
 *
 * A program is kernel text as it stands, compiled or not, called as any function. Before each synchronising operation the
 * scheduler decides who goes on: the same CPU, and its text does so at once, or another, and it leaves its text by an
 * exception. A CPU that stopped goes on by repeating its text up to there (see sync/check-log.ts). A step is an operation and
 * the plain text behind it. A CPU that is about to take a lock that is held cannot be picked.
 *
 * Executions that begin alike share their beginning: the machine, the shadow words and the watchers are put back to the first
 * step that differs, and only CPUs that make steps from there on repeat. What happens at a step is in sync/check-step.ts.
 * Invariant: all state that an execution changes is in the machine's words, the shadow words, the logs of the CPUs, the trace,
 * and the `state` of watchers.
 */

import { assert } from '../../lib/assert.ts'
import { CPU_STRIDE } from '../../machine/globals.ts'
import { bindDriver } from '../../sync/check-driver.ts'
import { LostProgressError, TooLongError, WildAccessError } from '../../sync/check-fail.ts'
import { enterLog, NOT_STOPPED } from '../../sync/check-log.ts'
import { forgetMarkedAccesses } from '../../sync/check-marks.ts'
import { type Op, SPIN_LOCK } from '../../sync/check-ops.ts'
import { forgetRace } from '../../sync/check-races.ts'
import {
  checkState,
  DONE,
  ENDED,
  HAS_PLAIN_VALUES,
  IS_STARTING,
  KEEPS_STACKS,
  NEXT_CPU,
  OWN_END,
  OWN_FROM,
  SCHEDULER,
  SCHEDULER_TOLD,
  SELF,
} from '../../sync/check-state.ts'
import {
  chooseCpu,
  enabledCpus,
  ENDED_ABANDONED,
  ENDED_COMPLETED,
  ENDED_DEADLOCK,
  endStep,
  NOBODY,
  pending,
  PENDING_A,
  PENDING_B,
  PENDING_C,
  PENDING_COLUMNS,
  PENDING_OP,
  PENDING_PLACE,
  refuel,
} from '../../sync/check-step.ts'
import { cutTrace, endTraced } from '../../sync/check-trace.ts'
import { bindMachinery } from '../../sync/check-watch.ts'
import { bindLiveCpu, KernelBugError } from '../../sync/live-cpu.ts'
import { bindCheckArrays, type CheckArrays, unbindCheckArrays } from './arrays.ts'
import { RuleError, throwRace } from './rule-error.ts'
import { Savepoints } from './savepoints.ts'
import type { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'
import { type Hardware, machineryOf, type Watcher } from './watcher.ts'

/** At most so many CPUs. */
export const CHECK_CPUS_MAX = 8

/** An operation that a CPU is about to perform. */
export interface Pending {
  readonly op: Op
  readonly a: number
  readonly b: number
  readonly c: number
}

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
  /** Shadow words of the machine's rules. */
  readonly ruleWords?: number
  /** Who keeps something of an execution. */
  readonly watchers?: readonly Watcher[]
  readonly hardware?: Hardware
}

/** Thrown through kernel text: the CPU stops here. */
const STOP: unique symbol = Symbol('stop')

export class Execution {
  readonly trace: Trace
  readonly cpus: number
  readonly arrays: CheckArrays
  readonly #programs: readonly Program[]
  #compiled: readonly Program[] | undefined
  readonly #stacks: string[]
  readonly #blocks: { cpu: number }[]
  readonly #savepoints: Savepoints
  #scheduler: Scheduler | undefined

  constructor(options: ExecutionOptions) {
    const { programs, words, stepsMax, plainValues = false, hardware } = options
    assert(programs.length <= CHECK_CPUS_MAX, 'too many CPUs for the checker', {
      cpus: programs.length,
    })
    const { watchers = [] } = options
    this.cpus = programs.length
    const { ruleWords = 0 } = options
    this.arrays = bindCheckArrays({ words, cpus: this.cpus, rules: ruleWords, stepsMax })
    checkState[HAS_PLAIN_VALUES] = plainValues ? 1 : 0
    this.#programs = programs
    this.trace = new Trace()
    this.#stacks = programs.map(() => '')
    this.#blocks = programs.map((_, i) => ({ cpu: options.blocks[i] ?? 0 }))
    this.#savepoints = new Savepoints(hardware === undefined ? watchers : [...watchers, hardware])
    bindMachinery(hardware && machineryOf(hardware))
    this.#bindDriver()
  }

  /** From the next execution on these run in place of the programs that they are compiled from, unless stacks are kept. */
  runCompiled(programs: readonly Program[]): void {
    this.#compiled = programs
  }

  /** One execution; the machine is left as it ended, until `undo` or the next one. */
  run(scheduler: Scheduler): End {
    const kept = scheduler === this.#scheduler ? (scheduler.keeps?.() ?? 0) : 0
    const isTold = scheduler.stepped === undefined ? 0 : SCHEDULER_TOLD
    checkState[SCHEDULER] = scheduler.runsAs ?? isTold
    forgetRace()
    forgetMarkedAccesses()
    try {
      if (kept > 0) this.#goBack(kept)
      else this.#start(scheduler)
      for (let cpu = chooseCpu(); cpu !== NOBODY; ) cpu = this.#goOn(cpu)
      return this.#ended()
    } catch (error) {
      const end = endOf(error)
      if (end === undefined) throw error
      // the step that broke a rule is one
      if (this.trace.begun > this.trace.length) endTraced(0)
      scheduler.stepped?.(this)
      return end
    }
  }

  /** Puts the machine back to where the execution began. */
  undo(): void {
    this.#savepoints.restoreStart()
    cutTrace(0)
    checkState[DONE] = 0
    this.#scheduler = undefined
  }

  /** Puts the machine back; from here on kernel text runs as it does without a check. */
  dispose(): void {
    this.undo()
    unbindCheckArrays()
    bindDriver()
    bindMachinery(undefined)
  }

  /** CPUs whose programs are at their ends, by bit. */
  get done(): number {
    return checkState[DONE] as number
  }

  /** The CPU that makes a step. */
  get self(): number {
    return checkState[SELF] as number
  }

  /** Is the stack of each announcement kept? */
  get keepsStacks(): boolean {
    return checkState[KEEPS_STACKS] !== 0
  }

  set keepsStacks(isKept: boolean) {
    checkState[KEEPS_STACKS] = isKept ? 1 : 0
  }

  /** CPUs that can make a step, by bit. */
  enabled(): number {
    return enabledCpus()
  }

  /** Does every CPU that is not done wait for a lock? */
  isStuck(): boolean {
    return this.done !== (1 << this.cpus) - 1 && enabledCpus() === 0
  }

  /** The operation that a CPU will perform next. */
  pendingOf(cpu: number): Pending {
    const row = cpu * PENDING_COLUMNS
    return {
      op: pending[row + PENDING_OP] as number,
      a: pending[row + PENDING_A] as number,
      b: pending[row + PENDING_B] as number,
      c: pending[row + PENDING_C] as number,
    }
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

  #bindDriver(): void {
    bindDriver({
      noteStack: (cpu) => {
        this.#stacks[cpu] = new Error('announced').stack ?? ''
      },
      stopCpu: () => {
        throw STOP
      },
      pickCpu: (enabled) => (this.#scheduler as Scheduler).pick(this, enabled),
      tellStepped: () => this.#scheduler?.stepped?.(this),
      throwRace,
      keepStates: () => this.#savepoints.keepStates(),
    })
  }

  /** Every CPU runs up to its first operation. */
  #start(scheduler: Scheduler): void {
    this.undo()
    this.#scheduler = scheduler
    checkState[IS_STARTING] = 1
    for (let i = 0; i < this.cpus; i++) this.#runText(i, NOT_STOPPED)
    checkState[IS_STARTING] = 0
    forgetMarkedAccesses()
  }

  /** The first `kept` steps of the last execution are those of this one. */
  #goBack(kept: number): void {
    const { trace } = this
    assert(kept < trace.length, 'more steps are kept than were made', { kept })
    for (let i = trace.length - 1; i >= kept; i--)
      this.#savepoints.restorePending(i, trace.cpus[i] as number)
    checkState[DONE] = this.#savepoints.restore(kept)
    cutTrace(kept)
  }

  /** A CPU that stopped goes on; returns the one that is to go on when it stops again. */
  #goOn(cpu: number): number {
    const place = pending[cpu * PENDING_COLUMNS + PENDING_PLACE] as number
    if (!this.#runText(cpu, place)) return checkState[NEXT_CPU] as number
    endStep()
    return chooseCpu()
  }

  /** Runs a program from where it stopped; true: to its end. */
  #runText(cpu: number, place: number): boolean {
    const block = this.#blocks[cpu] as { cpu: number }
    bindLiveCpu(block)
    checkState[OWN_FROM] = block.cpu
    checkState[OWN_END] = block.cpu + CPU_STRIDE
    enterLog(cpu, place)
    refuel()
    const programs = this.keepsStacks ? this.#programs : (this.#compiled ?? this.#programs)
    try {
      ;(programs[cpu] as Program)()
    } catch (error) {
      if (error === STOP) return false
      throw error
    }
    checkState[DONE] = (checkState[DONE] as number) | (1 << cpu)
    return true
  }

  #ended(): End {
    const ended = checkState[ENDED]
    if (ended === ENDED_COMPLETED) return COMPLETED
    if (ended === ENDED_DEADLOCK) return DEADLOCK
    return ended === ENDED_ABANDONED ? ABANDONED : STEPS
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
  return error instanceof TooLongError ? STEPS : undefined
}
