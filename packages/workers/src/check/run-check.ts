/**
 * runCheckInThreads: core's runCheck on worker threads, so that the caller's stays responsive and several explore at once.
 *
 * One thread explores as `runCheck` does. Several take parts of the check in turn. Classes of executions, outcomes and verdict
 * are those of one thread; of a broken rule the counterexample is the shortest that a search of its own finds. With the option
 * allRules one thread takes the same parts as several. Who checks many scenarios keeps the threads in between, whose code is
 * warm by then. Invariants: what a check comes to does not depend on those before it; when the promise of `runCheckInThreads`, or
 * of `close`, settles, all threads have ended.
 */

import {
  areNews,
  type CheckPlan,
  type CheckReport,
  isStackOverflow,
  mergeParts,
  type PartResult,
  type Scenario,
} from '@mmgather/core'

import { type KernelCode, loadCheckKernel } from '../kernel-code.ts'
import { LaterKernel } from './later-kernel.ts'
import { StrategyFileError } from '../strategy-file/errors.ts'
import type { StrategyFile } from '../strategy-file/strategy-file.ts'
import {
  CHECK_EXECUTIONS,
  CHECK_STOP,
  CHECK_STOP_PART,
  type CheckThreadOptions,
} from './check-api.ts'
import { CheckPartsQueue } from './check-parts-queue.ts'
import { CheckThread } from './check-thread.ts'

/** Of samples, and of all rules: parts for each thread, at least. */
const PARTS_PER_JOB = 24
const JOBS_MAX = 64
/** As runCheck has it. */
const EXECUTIONS_MAX = 1_000_000
const COMPILE_AFTER_MS = 1000

export interface RunCheckInThreadsOptions extends Omit<CheckThreadOptions, 'kernel'> {
  /** Threads; default 1. */
  jobs?: number
  /**
   * What runs: the kernel text compiled (default), or its JavaScript. The report is the same. A user's strategy is compiled
   * when a check of it has gone on for `compileAfterMs`.
   */
  code?: KernelCode
  /** Default: 1000, longer than it takes. */
  compileAfterMs?: number
  /** A user's strategy in place of the scenario's, from `loadStrategyFile`. */
  strategyFile?: StrategyFile
  /** Stops the check; the report says how far it came. */
  signal?: AbortSignal
  /** Called with the number of parts that are done, now and then. */
  onProgress?: (fraction: number) => void
}

export type CheckScenarioOptions = Omit<RunCheckInThreadsOptions, 'jobs'>

/** Threads that check one scenario after the other. */
export interface CheckThreads {
  /**
   * Checks the scenario; one at a time. Rejects with what `runCheck` throws (LimitsError, ScenarioError, RangeError), and
   * with VirtualThreadError if a thread is lost, after which no check succeeds; with StrategyFileError if the file's functions
   * call each other without end.
   */
  check(scenario: Scenario, options?: CheckScenarioOptions): Promise<CheckReport>
  /** Ends the threads. */
  close(): Promise<void>
}

/** Starts so many threads. Throws RangeError. */
export function openCheckThreads(jobs = 1): CheckThreads {
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > JOBS_MAX)
    throw new RangeError(`jobs: got ${jobs}; allowed: an integer from 1 to ${JOBS_MAX}`)
  const threads = Array.from({ length: jobs }, (_, thread) => new CheckThread(thread))
  let isBusy = false
  return {
    check: async (scenario, options = {}) => {
      if (isBusy) throw new Error('these threads are at a check: await its end, or open others')
      isBusy = true
      try {
        return await checkWith(threads, scenario, options)
      } finally {
        isBusy = false
      }
    },
    close: async () => void (await Promise.all(threads.map((thread) => thread.end()))),
  }
}

/**
 * Checks the scenario. Rejects with what `runCheck` throws (LimitsError, ScenarioError, RangeError), and with
 * VirtualThreadError if a thread is lost.
 */
export async function runCheckInThreads(
  scenario: Scenario,
  { jobs, ...options }: RunCheckInThreadsOptions = {},
): Promise<CheckReport> {
  const threads = openCheckThreads(jobs)
  try {
    return await threads.check(scenario, options)
  } finally {
    await threads.close()
  }
}

async function checkWith(
  threads: readonly CheckThread[],
  given: Scenario,
  options: CheckScenarioOptions,
): Promise<CheckReport> {
  const {
    strategyFile,
    signal,
    onProgress,
    code = 'wasm',
    compileAfterMs = COMPILE_AFTER_MS,
    ...others
  } = options
  const scenario = strategyFile === undefined ? given : { ...given, strategy: strategyFile.id }
  const words = new Int32Array(
    new SharedArrayBuffer((CHECK_STOP_PART + threads.length) * Int32Array.BYTES_PER_ELEMENT),
  )
  const compiles = code === 'wasm' && strategyFile === undefined
  const kernel = compiles ? await loadCheckKernel(scenario.strategy) : undefined
  const rest: CheckThreadOptions = { ...others, ...(kernel && { kernel }) }
  const compiling = code === 'wasm' && strategyFile !== undefined
  const later = compiling ? new LaterKernel(strategyFile, compileAfterMs) : undefined
  const user = strategyFile && { userStrategy: strategyFile, ...later?.known }
  for (const thread of threads) thread.open({ scenario, options: rest, words, ...user })
  later?.give(threads)
  const stop = (): void => void Atomics.store(words, CHECK_STOP, 1)
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop)
  try {
    const told = onProgress ?? (() => undefined)
    return await new SharedCheck(threads, words, told, rest).run()
  } catch (error) {
    if (strategyFile === undefined || !isStackOverflow(error)) throw error
    throw new StrategyFileError([`${strategyFile.named}: calls functions too deeply: a recursion`])
  } finally {
    later?.cancel()
    signal?.removeEventListener('abort', stop)
  }
}

/** A check that threads share. */
class SharedCheck {
  readonly #threads: readonly CheckThread[]
  readonly #words: Int32Array
  readonly #onProgress: (fraction: number) => void
  readonly #allRules: boolean
  readonly #executionsMax: number
  #executions = 0

  constructor(
    threads: readonly CheckThread[],
    words: Int32Array,
    onProgress: (fraction: number) => void,
    { allRules = false, executionsMax = EXECUTIONS_MAX }: CheckThreadOptions,
  ) {
    this.#threads = threads
    this.#words = words
    this.#onProgress = onProgress
    this.#allRules = allRules
    this.#executionsMax = executionsMax
  }

  async run(): Promise<CheckReport> {
    const [first] = this.#threads as readonly [CheckThread]
    const isWhole = this.#threads.length === 1 && !this.#allRules
    // some rules hold or break by the order of steps that do not depend on each other: of all rules the same parts are asked
    const jobs = this.#allRules ? 1 : this.#threads.length
    const wanted = isWhole ? 1 : jobs * PARTS_PER_JOB
    let marks: Uint8Array | undefined
    for (;;) {
      const plan = await first.plan(wanted, marks)
      this.#executions = 0
      Atomics.store(this.#words, CHECK_EXECUTIONS, 0)
      marks = plan.explored.marks
      const parts = new CheckPartsQueue(plan.tasks)
      await this.#workAll(parts, marks)
      const results = parts.results()
      const found = results.reduce((known, result) => joined(known, result.marks), marks)
      if (isWhole || marks === undefined || found === undefined || !areNews(marks, found))
        return first.report(...merged(plan, results, parts.known, this.#allRules))
      marks = found
    }
  }

  /** Lets all threads explore. What goes wrong in one ends all: when it is thrown none is at work any more. */
  async #workAll(parts: CheckPartsQueue, marks: Uint8Array | undefined): Promise<void> {
    const works = this.#threads.map(async (thread) => {
      try {
        await this.#work(thread, parts, marks)
      } catch (error) {
        Atomics.store(this.#words, CHECK_STOP, 1)
        parts.close()
        throw error
      }
    })
    const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  /** Lets a thread explore parts until none is left. */
  async #work(
    thread: CheckThread,
    parts: CheckPartsQueue,
    marks: Uint8Array | undefined,
  ): Promise<void> {
    // parts that others find are what is shared
    const isShared = this.#threads.length > 1 && !this.#allRules
    for (let part = await parts.next(); part !== undefined; part = await parts.next()) {
      const giver = part
      const result = await thread.explore(giver, {
        marks,
        ...(isShared && { executionsMax: this.#executionsMax }),
        onGiven: (tasks) => parts.add(giver, tasks),
      })
      if (isShared && Atomics.load(this.#words, CHECK_EXECUTIONS) >= this.#executionsMax)
        parts.close()
      parts.done(giver, result, this.#endsCheck(result))
      for (const each of this.#threads) each.stopUnless((at) => parts.isNeeded(at))
      this.#onProgress(parts.doneFraction)
    }
  }

  /** Are the parts behind this one not needed any more? */
  #endsCheck({ part }: PartResult): boolean {
    this.#executions += part.executions
    if (this.#allRules) return this.#executions >= this.#executionsMax || isCutShort(part)
    return part.breaches.length > 0 || isCutShort(part)
  }
}

/** What all parts together have come to, and how many results they have left. */
function merged(
  { explored }: CheckPlan,
  results: readonly PartResult[],
  known: number,
  allRules: boolean,
): [PartResult['part'], number] {
  const outcomes = new Set<number>(explored.outcomes)
  for (const result of results) for (const hash of result.outcomes) outcomes.add(hash)
  const parts = results.map((result) => result.part)
  return [mergeParts([explored.part, ...parts], known - parts.length, allRules), outcomes.size]
}

function isCutShort({ hasEndless, interrupted }: PartResult['part']): boolean {
  return hasEndless || interrupted
}

function joined(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.map((each, i) => each | (b[i] ?? 0))
}
