/**
 * Runs the points of a plan that the journal does not have, on all cores, and appends each as it is finished.
 *
 * Invariants: what is appended for a point depends on the point alone; what a thread has answered is appended before the
 * thread is given more; after an interrupt or a failure to write nothing is appended any more, and no thread is left.
 */
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { entryLine, type SweepPoint, type SweepPointError } from '@mmgather/core'
import { openSweepPool, type SweepPool, type SweepTask } from '@mmgather/workers'
import type { Watch } from '../commands/outputs.ts'
import { countText } from '../report/units.ts'
import { Batches } from './batches.ts'
import { type EarlyThreads, poolWith } from './early-pool.ts'
import type { JournalFile } from './journal-file.ts'
import type { Plan } from './plan.ts'
import { missingOf, type PointState } from './states.ts'
import { startPace } from './pace.ts'

/** Of the memory that the system has left. */
const MEMORY_SHARE = 0.75
/** Batches at the pool, for each of its threads: the one that it runs and the next, so that it never waits for one. */
const AHEAD = 2

export interface PointsJob {
  plan: Plan
  states: readonly PointState[]
  threads: number
  journal: JournalFile
  early?: EarlyThreads | undefined
}

export interface PointsOutcome {
  /** Points that were run and written. */
  run: number
  /** By number of the point; those of this time. */
  errors: Map<number, SweepPointError>
  isInterrupted: boolean
  /** Why nothing more could be written. */
  failure?: unknown
}

/** Threads for these points: no more than cores, points, or machines that fit the memory. */
export function threadsFor(
  plan: Plan,
  indices: readonly number[],
  jobs: number | undefined,
): number {
  const largest = indices.reduce((max, i) => Math.max(max, plan.points[i]?.cost.bytes ?? 0), 1)
  const fit = Math.floor((process.availableMemory() * MEMORY_SHARE) / largest)
  const wanted = jobs ?? Math.min(availableParallelism(), fit)
  return Math.max(1, Math.min(wanted, indices.length))
}

export async function runPoints(job: PointsJob, watch: Watch): Promise<PointsOutcome> {
  const { plan, states, threads, early } = job
  const todo = largestFirst(plan, missingOf(states))
  const run = new PointsRun(job, todo, watch)
  if (todo.length === 0) return run.outcome
  const hasStrategyFiles = plan.threadData.strategyFiles.length > 0
  const pool = await poolWith({ threads, points: todo.length, hasStrategyFiles }, early, (opened) =>
    openSweepPool(plan.threadData, opened),
  )
  try {
    await run.all(pool)
  } finally {
    await pool.close()
  }
  return run.outcome
}

/** So that no thread begins a long point when the others have nothing left to do. */
function largestFirst({ points }: Plan, indices: readonly number[]): number[] {
  const cost = (i: number): number => points[i]?.cost.hostMs ?? 0
  return indices.toSorted((a, b) => cost(b) - cost(a))
}

/** A point of a batch; it has a task, or why it cannot be run. */
interface DealtPoint {
  index: number
  key: string
  point: SweepPoint
  task?: SweepTask
  /** As the journal has it. */
  refused?: string
}

interface FinishedPoint {
  index: number
  /** Of the thread. */
  text: string
  /** Of the journal. */
  line: string
}

class PointsRun {
  readonly outcome: PointsOutcome = { run: 0, errors: new Map(), isInterrupted: false }
  readonly #job: PointsJob
  readonly #todo: readonly number[]
  readonly #watch: Watch

  constructor(job: PointsJob, todo: readonly number[], watch: Watch) {
    this.#job = job
    this.#todo = todo
    this.#watch = watch
  }

  /** Resolves when nothing more is to be done; the pool may be busy with what is no longer wanted. */
  async all(pool: SweepPool): Promise<void> {
    const { signal } = this.#watch
    const stopped = Promise.withResolvers<void>()
    const stop = (): void => {
      this.outcome.isInterrupted = this.outcome.failure === undefined
      stopped.resolve()
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    const { threads } = this.#job
    const costOf = (i: number): number => this.#job.plan.points[i]?.cost.hostMs ?? 0
    const pace = startPace(this.#todo.map(costOf))
    const batches = new Batches(this.#todo, costOf, threads)
    const lane = async (): Promise<void> => {
      for (let batch = batches.next(); batch.length > 0; batch = batches.next()) {
        const points = batch.map((index) => this.#dealt(index))
        const { texts, ms } = await this.#outcomes(points, pool)
        if (!this.#isStopped()) this.#keep(points, texts)
        if (this.#isStopped()) return stopped.resolve()
        const cost = batches.took(batch, texts.length, ms)
        const { fraction, perSecond, left } = pace.done(texts.length, cost)
        this.#watch.onProgress(
          fraction,
          `${countText(this.outcome.run)} of ${countText(this.#todo.length)} points, ${perSecond}/s, ${left} left`,
        )
      }
    }
    const lanes = Array.from({ length: Math.min(threads * AHEAD, this.#todo.length) }, lane)
    await Promise.race([Promise.all(lanes), stopped.promise])
    signal.removeEventListener('abort', stop)
  }

  #isStopped(): boolean {
    return this.#watch.signal.aborted || this.outcome.failure !== undefined
  }

  /** All that is made of a point's combination, which the plan keeps for the last one only. */
  #dealt(index: number): DealtPoint {
    const { plan } = this.#job
    const error = plan.points[index]?.error
    const dealt = { index, key: plan.keyOf(index), point: plan.pointAt(index) }
    return error === undefined
      ? { ...dealt, task: plan.taskAt(index) }
      : { ...dealt, refused: JSON.stringify({ error }) }
  }

  /** What comes of the first points of a batch, at least one; of none, if the pool was closed. */
  async #outcomes(
    batch: readonly DealtPoint[],
    pool: SweepPool,
  ): Promise<{ texts: string[]; ms?: number }> {
    // those that cannot be run cost nothing, so that they come after all others
    const tasks = batch.flatMap(({ task }) => task ?? [])
    const refused = batch.flatMap((each) => each.refused ?? [])
    if (tasks.length === 0) return { texts: refused }
    try {
      const { answers, ms } = await pool.run(tasks)
      const texts = answers.map(({ text }) => text)
      if (texts.length === tasks.length) texts.push(...refused)
      return { texts, ...(ms !== undefined && { ms }) }
    } catch (error) {
      if (this.#isStopped()) return { texts: [] }
      throw error
    }
  }

  /** Appends the first points of a batch; on a full disk those of them that fit. */
  #keep(batch: readonly DealtPoint[], texts: readonly string[]): void {
    const finished = texts.map((text, i): FinishedPoint => {
      const { index, key, point } = batch[i] as DealtPoint
      return { index, text, line: entryLine(key, point, text) }
    })
    if (!this.#append(finished)) finished.every((point) => this.#append([point]))
  }

  /** False: it cannot, which the outcome tells. */
  #append(finished: readonly FinishedPoint[]): boolean {
    try {
      this.#job.journal.append(finished.map(({ line }) => line).join(''))
    } catch (error) {
      this.outcome.failure = error
      return false
    }
    this.outcome.run += finished.length
    for (const { index, text } of finished)
      if (text.startsWith('{"error"'))
        this.outcome.errors.set(index, (JSON.parse(text) as { error: SweepPointError }).error)
    return true
  }
}
