/**
 * runCheckInThreads: core's runCheck on worker threads, so that the caller's stays responsive and several explore at once.
 *
 * One thread explores as `runCheck` does. Several take parts of the check in turn. Classes of executions, outcomes and verdict
 * are those of one thread; of a broken rule the counterexample is the shortest that a search of its own finds. With the option
 * allRules one thread takes the same parts as several. Invariant: all threads have ended when the promise settles.
 */

import {
  type CheckPlan,
  type CheckReport,
  type CheckTask,
  mergeParts,
  type PartResult,
  type Scenario,
} from '@mmgather/core'
import { Worker } from 'node:worker_threads'

import {
  CHECK_PARTS_END,
  CHECK_STOP,
  CHECK_WORDS,
  type CheckAnswer,
  type CheckRequest,
  type CheckThreadData,
  type CheckThreadOptions,
} from './check-api.ts'
import type { StrategyFile } from './strategy-file/strategy-file.ts'
import { revivedError, VirtualThreadError } from './virtual-errors.ts'

/** Parts for each thread, at least. */
const PARTS_PER_JOB = 24
const JOBS_MAX = 64
const NO_END = 0x7fffffff

export interface RunCheckInThreadsOptions extends CheckThreadOptions {
  /** Threads; default 1. */
  jobs?: number
  /** A user's strategy in place of the scenario's, from `loadStrategyFile`. */
  strategyFile?: StrategyFile
  /** Stops the check; the report says how far it came. */
  signal?: AbortSignal
  /** Called with the number of parts that are done, now and then. */
  onProgress?: (fraction: number) => void
}

/**
 * Checks the scenario. Rejects with what `runCheck` throws (LimitsError, ScenarioError, RangeError), and with
 * VirtualThreadError if a thread is lost.
 */
export async function runCheckInThreads(
  given: Scenario,
  options: RunCheckInThreadsOptions = {},
): Promise<CheckReport> {
  const { jobs = 1, strategyFile, signal, onProgress, ...rest } = options
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > JOBS_MAX)
    throw new RangeError(`jobs: got ${jobs}; allowed: an integer from 1 to ${JOBS_MAX}`)
  const scenario = strategyFile === undefined ? given : { ...given, strategy: strategyFile.id }
  const words = new Int32Array(new SharedArrayBuffer(CHECK_WORDS * Int32Array.BYTES_PER_ELEMENT))
  words[CHECK_PARTS_END] = NO_END
  const data: CheckThreadData = {
    scenario,
    options: rest,
    words,
    ...(strategyFile && { userStrategy: strategyFile }),
  }
  const threads = Array.from({ length: jobs }, () => new CheckThread(data))
  const stop = (): void => void Atomics.store(words, CHECK_STOP, 1)
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop)
  try {
    const told = onProgress ?? (() => undefined)
    return await new SharedCheck(threads, words, told, rest).run()
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(threads.map((thread) => thread.end()))
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
    { allRules = false, executionsMax = Infinity }: CheckThreadOptions,
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
      marks = plan.explored.marks
      const results = await this.#explore(plan, marks)
      const news = results.find((result) => result?.marks !== undefined)?.marks
      if (news === undefined || isWhole) return this.#report(first, plan, results)
      marks = joined(marks, news)
    }
  }

  /** Hands out the parts, the first ones first; what they have come to, by part. */
  async #explore(
    { tasks }: CheckPlan,
    marks: Uint8Array | undefined,
  ): Promise<(PartResult | undefined)[]> {
    const results: (PartResult | undefined)[] = tasks.map(() => undefined)
    let next = 0
    const work = async (thread: CheckThread): Promise<void> => {
      while (next < Math.min(tasks.length, this.#words[CHECK_PARTS_END] as number)) {
        const part = next++
        const result = await thread.explore(part, tasks[part] as CheckTask, marks)
        results[part] = result
        if (this.#isLast(result))
          this.#words[CHECK_PARTS_END] = Math.min(this.#words[CHECK_PARTS_END] as number, part + 1)
        this.#onProgress(next / tasks.length)
      }
    }
    await Promise.all(this.#threads.map(work))
    return results
  }

  /** Are the parts behind this one not needed any more? */
  #isLast({ part }: PartResult): boolean {
    this.#executions += part.executions
    if (this.#allRules) return this.#executions >= this.#executionsMax || isCutShort(part)
    return part.breaches.length > 0 || isCutShort(part)
  }

  #report(
    first: CheckThread,
    { tasks, explored }: CheckPlan,
    results: readonly (PartResult | undefined)[],
  ): Promise<CheckReport> {
    const outcomes = new Set<number>(explored.outcomes)
    for (const result of results) for (const hash of result?.outcomes ?? []) outcomes.add(hash)
    const end = Math.min(tasks.length, this.#words[CHECK_PARTS_END] as number)
    const parts = results
      .slice(0, end)
      .flatMap((result) => (result === undefined ? [] : [result.part]))
    return first.report(
      mergeParts([explored.part, ...parts], tasks.length - parts.length, this.#allRules),
      outcomes.size,
    )
  }
}

function isCutShort({ hasEndless, interrupted }: PartResult['part']): boolean {
  return hasEndless || interrupted
}

function joined(a: Uint8Array | undefined, b: Uint8Array): Uint8Array {
  return a === undefined ? b : a.map((each, i) => each | (b[i] ?? 0))
}

class CheckThread {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  #settle: { resolve: (answer: CheckAnswer) => void; reject: (error: Error) => void } | undefined

  constructor(workerData: CheckThreadData) {
    this.#worker = new Worker(new URL(import.meta.resolve('@mmgather/workers/check-worker')), {
      name: 'mmgather check',
      workerData,
    })
    this.#worker.on('message', (answer: CheckAnswer) => this.#settle?.resolve(answer))
    this.#worker.on('error', (error) => this.#settle?.reject(lost(String(error))))
    this.#exited = new Promise((exited) => {
      this.#worker.on('exit', (code) => {
        this.#settle?.reject(lost(`it ended with exit code ${code}`))
        exited()
      })
    })
  }

  async plan(wanted: number, marks?: Uint8Array): Promise<CheckPlan> {
    const answer = await this.#ask({ kind: 'plan', wanted, marks })
    if (answer.kind !== 'plan') throw lost(`it answered ${answer.kind}`)
    return answer.plan
  }

  async explore(part: number, task: CheckTask, marks?: Uint8Array): Promise<PartResult> {
    const answer = await this.#ask({ kind: 'explore', part, task, marks })
    if (answer.kind !== 'explored') throw lost(`it answered ${answer.kind}`)
    return answer.result
  }

  async report(part: PartResult['part'], outcomes: number): Promise<CheckReport> {
    const answer = await this.#ask({ kind: 'report', part, outcomes })
    if (answer.kind !== 'report') throw lost(`it answered ${answer.kind}`)
    return answer.report
  }

  async #ask(request: CheckRequest): Promise<CheckAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>()
    this.#settle = { resolve, reject }
    this.#worker.postMessage(request, [])
    const answer = await promise
    this.#settle = undefined
    if (answer.kind === 'threw') throw revivedError(answer.error)
    return answer
  }

  /** Resolves when the thread is gone; never rejects. */
  async end(): Promise<void> {
    await this.#worker.terminate()
    await this.#exited
  }
}

function lost(why: string): VirtualThreadError {
  return new VirtualThreadError(why)
}
