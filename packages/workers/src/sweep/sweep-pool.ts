/**
 * The threads of a sweep: a piscina pool. One of its tasks is one point or several small ones, for handing one over takes
 * as long as a small point.
 *
 * A thread that dies is replaced. The points that it was given are tried once more, each alone in a thread, so that only
 * the one that it died of is lost. Invariant: after `close` no thread is left.
 */
import { findStrategy, type SweepPointError } from '@mmgather/core'
import type { Piscina } from 'piscina'

import { inlineFurther } from '../jit-flags.ts'
import { loadVirtualKernel } from '../kernel-code.ts'
import type { SweepAnswer, SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'

/** Tasks that a thread of the pool is given: the one that it runs, and the next. */
const TASKS_PER_THREAD = 2
/**
 * Of each thread's heap. What a point leaves is garbage at once; with V8's 48 MiB the memory of a sweep grows for tens of
 * thousands of points before it is found, with this it stays, and takes no longer.
 */
const YOUNG_MIB = 12

export interface SweepPool {
  /**
   * What comes of points that are run one after the other by one thread. It answers for the first ones only, at least one,
   * if those take long. Rejects only if the pool is closed meanwhile.
   */
  run(tasks: readonly SweepTask[]): Promise<SweepAnswers>
  /** Ends the threads, whatever they do; once is enough. */
  close(): Promise<void>
}

/**
 * A pool of so many threads.
 * @param threads - each runs one point at a time.
 * @param entry - module of the threads, in place of the one that runs points: for tests and benchmarks.
 */
export async function openSweepPool(
  data: SweepThreadData,
  threads: number,
  entry?: URL,
): Promise<SweepPool> {
  // most users of this package never have a pool
  const piscina = await import('piscina')
  inlineFurther()
  const module = data.strategyFiles.length === 0 ? 'sweep-worker' : 'user-sweep-worker'
  const filename = entry ?? new URL(import.meta.resolve(`@mmgather/workers/${module}`))
  const open = (count: number, tasksPerThread: number): Threads =>
    new Threads(
      new piscina.Piscina({
        filename: filename.href,
        name: 'runPoints',
        minThreads: count,
        maxThreads: count,
        concurrentTasksPerWorker: tasksPerThread,
        workerData: data,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
      }),
    )
  const together = open(threads, TASKS_PER_THREAD)
  let alone: Threads | undefined
  let isClosed = false
  const runAlone = async (task: SweepTask): Promise<SweepAnswer[]> => {
    try {
      alone ??= open(1, 1)
      return (await alone.run([task])).answers
    } catch (error) {
      if (isClosed) throw error
      return [lostAnswer(error)]
    }
  }
  return {
    run: async (given) => {
      const tasks = await Promise.all(given.map(withKernel))
      try {
        return await together.run(tasks)
      } catch (error) {
        if (isClosed) throw error
      }
      const answers: SweepAnswer[] = []
      for (const task of tasks) answers.push(...(await runAlone(task)))
      return { answers }
    },
    close: async () => {
      if (isClosed) return
      isClosed = true
      await Promise.all([together.close(), alone?.close()])
    },
  }
}

/** A piscina pool that rejects the tasks of threads that do not even start. */
class Threads {
  readonly #pool: Piscina<readonly SweepTask[], SweepAnswers>
  readonly #waiting = new Set<(why: unknown) => void>()

  constructor(pool: Piscina<readonly SweepTask[], SweepAnswers>) {
    this.#pool = pool
    // of threads that die without a task: after some of these piscina makes no more, and keeps the tasks that it has
    pool.on('error', (error) => {
      if (pool.threads.length === 0) for (const reject of this.#waiting) reject(error)
    })
  }

  /** What goes wrong in a point is part of the answer, so this rejects if the thread is gone. */
  async run(tasks: readonly SweepTask[]): Promise<SweepAnswers> {
    const { promise, resolve, reject } = Promise.withResolvers<SweepAnswers>()
    this.#waiting.add(reject)
    this.#pool.run(tasks).then(resolve, reject)
    try {
      return await promise
    } finally {
      this.#waiting.delete(reject)
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}

/** The compiled text goes with the task, once for all its points: threads share its machine code. */
async function withKernel(task: SweepTask): Promise<SweepTask> {
  // of an unknown strategy the point itself tells
  if (task.strategyFile !== undefined || !findStrategy(task.scenario.strategy)) return task
  const kernel = await loadVirtualKernel(task.scenario.strategy)
  return kernel === undefined ? task : { ...task, kernel }
}

function lostAnswer(cause: unknown): SweepAnswer {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error: SweepPointError = { kind: 'lost', message: `two threads died of it: ${why}` }
  return { error: error.kind, text: JSON.stringify({ error }) }
}
