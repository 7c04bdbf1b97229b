/**
 * Runs the points of a plan that the journal does not have, on all cores, and appends each as it is finished.
 *
 * Invariants: what is appended for a point depends on the point alone; after an interrupt or a failure to write nothing is
 * appended any more, and no thread is left.
 */
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { entryLine, type SweepPointError } from '@mmgather/core'
import { openSweepPool, type SweepPool } from '@mmgather/workers'
import type { Watch } from '../commands/outputs.ts'
import { countText } from '../report/units.ts'
import { type EarlyPool, poolWith } from './early-pool.ts'
import type { JournalFile } from './journal-file.ts'
import type { Plan } from './plan.ts'
import { missingOf, type PointState } from './states.ts'
import { startPace } from './pace.ts'

/** Of the memory that the system has left. */
const MEMORY_SHARE = 0.75
/** Points at the pool, for each of its threads: one more than it hands out, so that no thread waits for the next. */
const AHEAD = 3

export interface PointsJob {
  plan: Plan
  states: readonly PointState[]
  threads: number
  journal: JournalFile
  early?: EarlyPool | undefined
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
  const pool = await poolWith(threads, early, () => openSweepPool(plan.threadData, threads))
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

class PointsRun {
  readonly outcome: PointsOutcome = { run: 0, errors: new Map(), isInterrupted: false }
  readonly #job: PointsJob
  readonly #todo: readonly number[]
  readonly #watch: Watch
  #next = 0

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
    const pace = startPace(this.#todo.map((i) => this.#job.plan.points[i]?.cost.hostMs ?? 0))
    const lane = async (): Promise<void> => {
      while (this.#next < this.#todo.length && !this.#isStopped()) {
        const index = this.#todo[this.#next++] as number
        await this.#point(index, pool)
        if (this.#isStopped()) return stopped.resolve()
        const { hostMs } = this.#job.plan.points[index]?.cost ?? { hostMs: 0 }
        const { fraction, perSecond, left } = pace.done(hostMs)
        this.#watch.onProgress(
          fraction,
          `${countText(this.outcome.run)} of ${countText(this.#todo.length)} points, ${perSecond}/s, ${left} left`,
        )
      }
    }
    const lanes = Array.from(
      { length: Math.min(this.#job.threads * AHEAD, this.#todo.length) },
      lane,
    )
    await Promise.race([Promise.all(lanes), stopped.promise])
    signal.removeEventListener('abort', stop)
  }

  #isStopped(): boolean {
    return this.#watch.signal.aborted || this.outcome.failure !== undefined
  }

  async #point(index: number, pool: SweepPool): Promise<void> {
    const { plan, journal } = this.#job
    const planned = plan.points[index]
    if (planned === undefined) return
    const point = plan.pointAt(index)
    const text =
      planned.error === undefined
        ? await this.#answer(index, pool)
        : JSON.stringify({ error: planned.error })
    if (text === undefined || this.#isStopped()) return
    try {
      journal.append(entryLine(planned.key, point, text))
    } catch (error) {
      this.outcome.failure = error
      return
    }
    this.outcome.run++
    if (text.startsWith('{"error"'))
      this.outcome.errors.set(index, (JSON.parse(text) as { error: SweepPointError }).error)
  }

  /** Undefined: the pool was closed. */
  async #answer(index: number, pool: SweepPool): Promise<string | undefined> {
    try {
      return (await pool.run(this.#job.plan.taskAt(index))).text
    } catch (error) {
      if (this.#isStopped()) return undefined
      throw error
    }
  }
}
