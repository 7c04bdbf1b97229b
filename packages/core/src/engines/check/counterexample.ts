/**
 * An execution told step by step: what each CPU does to which object, in which function, and which rule breaks.
 *
 * Made by running a schedule again with everything watched. Invariant: the same schedule in the same world gives the same
 * counterexample.
 */

import { LOCK_CLASS_KEYS } from '../../machine/counters.ts'
import { pageFolio, pfnToPage } from '../../machine/page.ts'
import { PTE_PRESENT } from '../../machine/layout.ts'
import { MEMMAP, PT_BASE } from '../../machine/globals.ts'
import { ptePfn } from '../../machine/pgtable.ts'
import { forgetMarks, takeNewMarks } from '../../sync/check-marks.ts'
import type { Execution } from './execution.ts'
import { explore } from './explore.ts'
import { breachOf } from './minimise.ts'
import { nameOfPage, nameOfWord } from './names.ts'
import { READ } from '../../sync/check-kinds.ts'
import { FLUSH_TLB_MM_RANGE, SPIN_LOCK, SPIN_UNLOCK, USER_ACCESS } from '../../sync/check-ops.ts'
import { type Operation, OPERATIONS } from './operations.ts'
import type { Scheduler } from './scheduler.ts'
import { Replay } from './schedulers/replay.ts'
import { SharedWords } from './shared-words.ts'
import type { PlainWatcher } from '../../sync/check-watch.ts'
import type { World } from './world.ts'

/** Deeper than any call of kernel text. */
const STACK_FRAMES = 64
/** V8 takes from here how many frames a stack has. */
const STACKS: ErrorConstructor & { stackTraceLimit?: number | undefined } = Error

/** One step of one CPU. */
export interface CounterexampleStep {
  readonly cpu: number
  /** The kernel function that the CPU is in, and its callers, innermost first. */
  readonly functions: readonly string[]
  /** The operation, as the text names it. */
  readonly operation: string
  /** What it does, in words: `folio A page 3 _mapcount 0 -> -1`. */
  readonly what: string
  /** What the plain text behind it does that is worth telling. */
  readonly notes: readonly string[]
  /** Another CPU touches what it touches. */
  readonly isShared: boolean
}

export interface Counterexample {
  readonly rule: string
  readonly message: string
  readonly cpus: number
  readonly contextSwitches: number
  readonly steps: readonly CounterexampleStep[]
}

/** Collects what plain text does. */
class Notes implements PlainWatcher {
  notes: string[] = []

  store(_cpu: number, address: number, old: number, value: number): void {
    if (address < PT_BASE || address >= MEMMAP) return
    if ((old & PTE_PRESENT) === 0 || (value & PTE_PRESENT) !== 0) return
    const page = pfnToPage(ptePfn(old))
    const head = pageFolio(page)
    this.notes.push(`clears the entry of ${nameOfPage(head)}${placeIn(page, head)}`)
  }

  freed(_cpu: number, page: number): void {
    this.notes.push(`frees ${nameOfPage(page)}`)
  }
}

function placeIn(page: number, head: number): string {
  return page === head ? '' : ` page ${(page - head) / 6}`
}

/** Notes what each CPU is about to do, before and after each step. */
class Recorder implements Scheduler {
  readonly name = 'replay'
  readonly steps: Omit<CounterexampleStep, 'isShared'>[] = []
  readonly #inner: Scheduler
  readonly #notes: Notes
  #next:
    | { cpu: number; at: string; what: (execution: Execution, step: number) => string }
    | undefined

  constructor(inner: Scheduler, notes: Notes) {
    this.#inner = inner
    this.#notes = notes
  }

  next(): boolean {
    return this.#inner.next()
  }

  pick(execution: Execution, enabled: number): number {
    const cpu = this.#inner.pick(execution, enabled)
    const { op, a, b, c } = execution.pendingOf(cpu)
    const at = execution.stackOf(cpu)
    this.#notes.notes = []
    const { name } = OPERATIONS[op] as Operation
    const what = (run: Execution, step: number): string =>
      describe(run, step, { op, name, a, b, c })
    this.#next = { cpu, at, what }
    return cpu
  }

  stepped(execution: Execution): void {
    const next = this.#next
    const step = execution.trace.length - 1
    if (next === undefined || step < this.steps.length) return
    const { name } = OPERATIONS[execution.trace.ops[step] as number] as Operation
    this.steps.push({
      cpu: next.cpu,
      functions: functionsOf(next.at),
      operation: name,
      what: next.what(execution, step),
      notes: this.#notes.notes,
    })
  }
}

interface Announced {
  readonly op: unknown
  readonly name: string
  readonly a: number
  readonly b: number
  readonly c: number
}

function describe({ trace }: Execution, step: number, { op, name, a, b, c }: Announced): string {
  if (op === FLUSH_TLB_MM_RANGE) return `flushes the TLBs of ${nameOfMm(a)}, pages ${b} to ${c - 1}`
  const result = trace.results[step] as number
  if (op === USER_ACCESS)
    return `${c !== 0 ? 'writes' : 'reads'} page ${b} of ${nameOfMm(a)}${result === 0 ? ': faults' : ''}`
  const first = trace.starts[step] as number
  const word = nameOfWord(trace.addresses[first] as number)
  if (op === SPIN_LOCK) return `takes ${word}${classOf(word, b)}`
  if (op === SPIN_UNLOCK) return `releases ${word}${classOf(word, b)}`
  const before = trace.before[first] as number
  if (name === 'spinTrylock') return `${before === 0 ? 'takes' : 'cannot take'} ${word}`
  if (trace.kinds[first] === READ) return `reads ${word}: ${before}`
  const operand = trace.operands[first] as number
  if (name === 'setBit' || name === 'testAndSetBit') return `${word} |= ${operand}`
  if (name === 'clearBit' || name === 'testAndClearBit') return `${word} &= ~${operand}`
  return `${word} ${before} -> ${before + operand}`
}

function nameOfMm(mm: number): string {
  return nameOfWord(mm).replace(/ word 0$/, '')
}

function classOf(word: string, lockClass: number): string {
  return word.includes('lock') || word.includes('ptl')
    ? ''
    : ` (${LOCK_CLASS_KEYS[lockClass]} lock)`
}

/** The functions of kernel text in a stack, innermost first. */
function functionsOf(stack: string): string[] {
  return stack.split('\n').flatMap((line) => {
    const { 1: name } =
      /^\s*at (?:\w+\.)*(\w+) (?:\[as \w+\] )?\(.*\/(?:mm|kernel)\/[\w/.-]+:\d+:\d+\)$/.exec(
        line,
      ) ?? []
    return name === undefined ? [] : [name]
  })
}

/** What depends on what is learnt from this schedule alone, so that it is told the same wherever it was found. */
function learnMarks(world: World, schedule: readonly number[]): void {
  forgetMarks()
  do {
    explore(world.execution, new Replay(schedule), { executionsMax: 1, stop: () => true })
  } while (takeNewMarks())
}

/**
 * Runs a schedule again and tells it; a schedule that breaks no rule is told as well, with an empty rule. Throws
 * ScheduleError if it does not fit the world.
 */
export function tell(world: World, schedule: readonly number[]): Counterexample {
  const notes = new Notes()
  const recorder = new Recorder(new Replay(schedule), notes)
  const shared = new SharedWords(world.words)
  const isShared: boolean[] = []
  let isEndless = false
  let breach: ReturnType<typeof breachOf>
  learnMarks(world, schedule)
  const { stackTraceLimit } = STACKS
  STACKS.stackTraceLimit = STACK_FRAMES
  world.execution.keepsStacks = true
  const stop = world.watchAlso(notes)
  try {
    explore(world.execution, recorder, {
      executionsMax: 1,
      inspect: world.inspectAlways,
      stop: (ended) => {
        isEndless = ended.kind === 'steps'
        breach = breachOf(world, ended)
        shared.learn(world.execution)
        for (let i = 0; i < world.execution.trace.length; i++)
          isShared.push(shared.ofStep(world.execution, i))
        return true
      },
    })
  } finally {
    stop()
    world.execution.keepsStacks = false
    STACKS.stackTraceLimit = stackTraceLimit
    world.execution.undo()
  }
  const message = breach?.message ?? (isEndless ? 'the bound on steps was reached' : '')
  const steps = recorder.steps.map((step, i) => ({ ...step, isShared: isShared[i] === true }))
  return {
    rule: breach?.rule ?? '',
    message,
    cpus: world.cpus,
    contextSwitches: steps.reduce(
      (n, { cpu }, i) => (i > 0 && cpu !== steps[i - 1]?.cpu ? n + 1 : n),
      0,
    ),
    steps,
  }
}
