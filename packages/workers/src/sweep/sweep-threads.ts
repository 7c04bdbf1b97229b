/**
 * The threads of a sweep, a piscina pool, without anything that they run: a command starts them before it loads the model,
 * and they load theirs meanwhile. So this imports nothing of core but types.
 */
import type { Piscina } from 'piscina'

import { inlineFurther } from '../jit-flags.ts'
import type { SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'

/** Tasks that a thread is given: the one that it runs, and the next. */
export const TASKS_PER_THREAD = 2
/**
 * Of each thread's heap. What a point leaves is garbage at once; with V8's 48 MiB the memory of a sweep grows for tens of
 * thousands of points before it is found, with this it stays, and takes no longer.
 */
const YOUNG_MIB = 12

/**
 * Starts so many threads; whoever does ends them.
 * @param entry - module of the threads, in place of the one that runs points.
 */
export async function startSweepThreads(
  data: SweepThreadData,
  count: number,
  tasksPerThread: number = TASKS_PER_THREAD,
  entry?: URL,
): Promise<SweepThreads> {
  // most users of this package never have such threads
  const piscina = await import('piscina')
  inlineFurther()
  const module = data.strategyFiles.length === 0 ? 'sweep-worker' : 'user-sweep-worker'
  const filename = entry ?? new URL(import.meta.resolve(`@mmgather/workers/${module}`))
  return new SweepThreads(
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
}

/** A piscina pool that rejects the tasks of threads that do not even start. */
export class SweepThreads {
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
