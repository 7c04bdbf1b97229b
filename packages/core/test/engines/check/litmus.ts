/**
 * Small concurrent programs on a few words, made of the primitives of the raw form, and what all their executions leave.
 */
import { Execution, type Program } from '../../../src/engines/check/execution.ts'
import { explore, type Explored } from '../../../src/engines/check/explore.ts'
import type { Scheduler } from '../../../src/engines/check/scheduler.ts'
import { Dpor } from '../../../src/engines/check/schedulers/dpor.ts'
import { Exhaustive } from '../../../src/engines/check/schedulers/exhaustive.ts'
import { bindMemory, mem } from '../../../src/machine/memory.ts'
import { untrackMemory, store } from '../../../src/sync/check-memory.ts'
import * as check from '../../../src/sync/check.ts'
import type { Op, Steps } from '../../../src/sync/check.ts'

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

function announce(step: Step): Op {
  switch (step.op) {
    case 'add':
      return check.atomicAdd(step.by, SHARED + step.word)
    case 'sub':
      return check.atomicSub(step.by, SHARED + step.word)
    case 'addNegative':
      return check.atomicAddNegative(step.by, SHARED + step.word)
    case 'subAndTest':
      return check.atomicSubAndTest(step.by, SHARED + step.word)
    case 'subReturn':
      return check.atomicSubReturnRelaxed(step.by, SHARED + step.word)
    case 'addReturn':
      return check.atomicAddReturnRelaxed(step.by, SHARED + step.word)
    case 'fetchAdd':
      return check.atomicFetchAddRelaxed(step.by, SHARED + step.word)
    case 'decAndTest':
      return check.atomicDecAndTest(SHARED + step.word)
    case 'incAndTest':
      return check.atomicIncAndTest(SHARED + step.word)
    case 'incNotZero':
      return check.atomicIncNotZero(SHARED + step.word)
    case 'read':
      return check.readOnce(SHARED + step.word)
    case 'setBit':
      return check.setBit(step.mask, SHARED + step.word)
    case 'clearBit':
      return check.clearBit(step.mask, SHARED + step.word)
    case 'testAndSetBit':
      return check.testAndSetBit(step.mask, SHARED + step.word)
    case 'testAndClearBit':
      return check.testAndClearBit(step.mask, SHARED + step.word)
    case 'lock':
      return check.spinLock(LOCKS + step.lock, 0)
    case 'unlock':
      return check.spinUnlock(LOCKS + step.lock, 0)
    case 'trylock':
      return check.spinTrylock(LOCKS + step.lock, 0)
  }
}

/** What its program can tell of a result: of the class-observing additions, the class. */
function observed(step: Step, result: number): number {
  if (step.op !== 'subReturn' && step.op !== 'addReturn') return result
  return result < 0 ? -1 : result === 0 ? 0 : 1
}

function* run(steps: readonly Step[], results: number): Steps<void> {
  let taken = true
  for (const [i, step] of steps.entries()) {
    if (step.op === 'unlock' && !taken) continue
    const result: number = yield announce(step)
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
  scheduler: (words: number, stepsMax: number) => Scheduler,
  { initial = [], plainValues = false, executionsMax = 1e6 }: LimitsOf<LitmusOptions> = {},
): Outcomes {
  bindMemory(new Int32Array(WORDS))
  initial.forEach((value, i) => (mem[SHARED + i] = value))
  const stepsMax = 200
  const blocks = programs.map(() => 0)
  const execution = new Execution({ words: WORDS, programs, blocks, stepsMax, plainValues })
  const outcomes = new Set<string>()
  const explored = explore(execution, scheduler(WORDS, stepsMax), {
    executionsMax,
    stop: (end) => {
      if (end.kind !== 'abandoned') outcomes.add(`${end.kind} ${mem.subarray(SHARED).join()}`)
      return false
    },
  })
  untrackMemory()
  return { ...explored, outcomes }
}

type LimitsOf<T> = T

export function withDpor(
  cpus: readonly (readonly Step[])[],
  options: LitmusOptions = {},
): Outcomes {
  const programs = programsOf(cpus)
  return outcomesWith(
    programs,
    (words, stepsMax) => new Dpor(words, programs.length, stepsMax),
    options,
  )
}

export function withoutReduction(
  cpus: readonly (readonly Step[])[],
  options: LitmusOptions = {},
): Outcomes {
  return outcomesWith(programsOf(cpus), () => new Exhaustive(), options)
}
