/**
 * The pool that runs the points of a sweep, one or several small ones at a time, for handing one over takes as long as a
 * small point.
 *
 * A thread that dies is replaced. The points that it was given are tried once more, each alone in a thread, so that only
 * the one that it died of is lost. Invariant: after `close` no thread is left.
 */
import { findStrategy, type SweepPointError } from '@mmgather/core'

import { loadVirtualKernel } from '../kernel-code.ts'
import type { SweepAnswer, SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'
import { startSweepThreads, type SweepThreads, TASKS_PER_THREAD } from './sweep-threads.ts'

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
 * A pool of so many threads, or of some that were started before.
 * @param threads - each runs one point at a time.
 * @param entry - module of the threads, in place of the one that runs points: for tests and benchmarks.
 */
export async function openSweepPool(
  data: SweepThreadData,
  threads: number | SweepThreads,
  entry?: URL,
): Promise<SweepPool> {
  const together =
    typeof threads === 'number'
      ? await startSweepThreads(data, threads, TASKS_PER_THREAD, entry)
      : threads
  let alone: SweepThreads | undefined
  let isClosed = false
  const runAlone = async (task: SweepTask): Promise<SweepAnswer[]> => {
    try {
      alone ??= await startSweepThreads(data, 1, 1, entry)
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
