/**
 * The threads of a sweep: a piscina pool, in which each point is one task.
 *
 * A thread that dies is replaced, and its point is tried once more, in another. Invariant: after `close` no thread is
 * left.
 */
import type { SweepPointError } from '@mmgather/core'

import { inlineFurther } from '../jit-flags.ts'
import type { SweepAnswer, SweepTask, SweepThreadData } from './sweep-api.ts'

export interface SweepPool {
  /** What comes of a point; rejects only if the pool is closed meanwhile. */
  run(task: SweepTask): Promise<SweepAnswer>
  /** Ends the threads, whatever they do. */
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
  const { Piscina } = await import('piscina')
  inlineFurther()
  const module = data.strategyFiles.length === 0 ? 'sweep-worker' : 'user-sweep-worker'
  const filename = entry ?? new URL(import.meta.resolve(`@mmgather/workers/${module}`))
  const pool = new Piscina({
    filename: filename.href,
    name: 'runPoint',
    minThreads: threads,
    maxThreads: threads,
    workerData: data,
  })
  const waiting = new Set<(why: unknown) => void>()
  // Of threads that die without a point. A pool whose threads do not even start makes no more of them, and keeps the
  // points that it was given.
  pool.on('error', (error) => {
    if (pool.threads.length === 0) for (const reject of waiting) reject(error)
  })
  let isClosed = false
  // what goes wrong in a point is part of the answer, so this rejects if the thread is gone
  const attempt = async (task: SweepTask): Promise<SweepAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<SweepAnswer>()
    waiting.add(reject)
    pool.run(task).then(resolve, reject)
    try {
      return await promise
    } finally {
      waiting.delete(reject)
    }
  }
  return {
    run: async (task) => {
      try {
        return await attempt(task)
      } catch (error) {
        if (isClosed) throw error
      }
      try {
        return await attempt(task)
      } catch (error) {
        if (isClosed) throw error
        return lostAnswer(error)
      }
    },
    close: async () => {
      isClosed = true
      await pool.destroy()
    },
  }
}

function lostAnswer(cause: unknown): SweepAnswer {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error: SweepPointError = { kind: 'lost', message: `two threads died of it: ${why}` }
  return { error: error.kind, text: JSON.stringify({ error }) }
}
