/**
 * Small concurrent programs on a few words, made of the checker's primitives, and what all their executions leave.
 */
import { Execution, type Program } from '../../../src/engines/check/execution.ts'
import { explore, type Explored } from '../../../src/engines/check/explore.ts'
import type { Scheduler } from '../../../src/engines/check/scheduler.ts'
import { Dpor } from '../../../src/engines/check/schedulers/dpor.ts'
import { Exhaustive } from '../../../src/engines/check/schedulers/exhaustive.ts'
import { bindMemory, mem } from '../../../src/machine/memory.ts'
import { store } from '../../../src/sync/check-memory.ts'
import * as check from '../../../src/sync/check.ts'

/** Words: shared ones from SHARED on, locks from LOCKS on, each CPU's results from RESULTS on. */
export const SHARED = 512
export const LOCKS = 520
export const RESULTS = 544
const RESULTS_OF_CPU = 32
const WORDS = 1024

/** An operation of a litmus program; what it returns is kept. */
export type Step =
  | { op: 'add' | 'sub'; word: number; by: number }
  | {
      op: 'addNegative' | 'subAndTest' | 'subReturn' | 'addReturn' | 'fetchAdd'
      word: number
      by: number
    }
  | { op: 'decAndTest' | 'incAndTest' | 'incNotZero' | 'read'; word: number }
  | { op: 'setBit' | 'clearBit' | 'testAndSetBit' | 'testAndClearBit'; word: number; mask: number }
  | { op: 'lock' | 'unlock' | 'trylock'; lock: number }

type Perform = (at: number, operand: number) => number | boolean | void

/** How each operation is performed: on its word or lock, with the other operand. */
const PERFORM: Readonly<Record<Step['op'], Perform>> = {
  add: (at, by) => check.atomicAdd(by, at),
  sub: (at, by) => check.atomicSub(by, at),
  addNegative: (at, by) => check.atomicAddNegative(by, at),
  subAndTest: (at, by) => check.atomicSubAndTest(by, at),
  subReturn: (at, by) => check.atomicSubReturnRelaxed(by, at),
  addReturn: (at, by) => check.atomicAddReturnRelaxed(by, at),
  fetchAdd: (at, by) => check.atomicFetchAddRelaxed(by, at),
  decAndTest: (at) => check.atomicDecAndTest(at),
  incAndTest: (at) => check.atomicIncAndTest(at),
  incNotZero: (at) => check.atomicIncNotZero(at),
  read: (at) => check.readOnce(at),
  setBit: (at, mask) => check.setBit(mask, at),
  clearBit: (at, mask) => check.clearBit(mask, at),
  testAndSetBit: (at, mask) => check.testAndSetBit(mask, at),
  testAndClearBit: (at, mask) => check.testAndClearBit(mask, at),
  lock: (at) => check.spinLock(at, 0),
  unlock: (at) => check.spinUnlock(at, 0),
  trylock: (at) => check.spinTrylock(at, 0),
}

function perform(step: Step): number {
  const at = 'lock' in step ? LOCKS + step.lock : SHARED + step.word
  const operand = 'by' in step ? step.by : 'mask' in step ? step.mask : 0
  return Number(PERFORM[step.op](at, operand) ?? 0)
}

/** What its program can tell of a result: of the class-observing additions, the class. */
function observed(step: Step, result: number): number {
  if (step.op !== 'subReturn' && step.op !== 'addReturn') return result
  return result < 0 ? -1 : result === 0 ? 0 : 1
}

function run(steps: readonly Step[], results: number): void {
  let taken = true
  for (const [i, step] of steps.entries()) {
    if (step.op === 'unlock' && !taken) continue
    const result = perform(step)
    if (step.op === 'trylock') taken = result !== 0
    if (step.op === 'lock') taken = true
    store(results + i, observed(step, result) + 100)
  }
}

export function programsOf(cpus: readonly (readonly Step[])[]): Program[] {
  return cpus.map((steps, cpu) => () => run(steps, RESULTS + cpu * RESULTS_OF_CPU))
}

export interface Outcomes extends Explored {
  /** Every final state, with how it ended. */
  outcomes: Set<string>
}

export interface LitmusOptions {
  initial?: readonly number[]
  plainValues?: boolean
  executionsMax?: number
}

/** Explores with a scheduler and collects the outcomes. */
export function outcomesWith(
  programs: readonly Program[],
  scheduler: () => Scheduler,
  { initial = [], plainValues = false, executionsMax = 1e6 }: LitmusOptions = {},
): Outcomes {
  bindMemory(new Int32Array(WORDS))
  initial.forEach((value, i) => (mem[SHARED + i] = value))
  const stepsMax = 200
  const blocks = programs.map(() => 0)
  const execution = new Execution({ words: WORDS, programs, blocks, stepsMax, plainValues })
  const outcomes = new Set<string>()
  const explored = explore(execution, scheduler(), {
    executionsMax,
    stop: (end) => {
      if (end.kind !== 'abandoned') outcomes.add(`${end.kind} ${mem.subarray(SHARED).join()}`)
      return false
    },
  })
  execution.dispose()
  return { ...explored, outcomes }
}

export function withDpor(
  cpus: readonly (readonly Step[])[],
  options: LitmusOptions = {},
): Outcomes {
  const programs = programsOf(cpus)
  return outcomesWith(programs, () => new Dpor(programs.length), options)
}

export function withoutReduction(
  cpus: readonly (readonly Step[])[],
  options: LitmusOptions = {},
): Outcomes {
  return outcomesWith(programsOf(cpus), () => new Exhaustive(), options)
}
