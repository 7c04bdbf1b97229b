/**
 * The pool of a sweep, opened before its points are planned: its threads take about as long to start.
 *
 * Invariant: whoever opened it closes it, whether points were run in it or not.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { countPoints } from '@mmgather/core'
import { openSweepPool, type SweepPool } from '@mmgather/workers'
import type { LoadedSweep } from './load-sweep.ts'
import { threadDataOf } from './plan.ts'

export interface EarlyPool {
  pool: SweepPool
  threads: number
}

/** Undefined: there is a journal, and perhaps little that it does not have. */
export async function openEarly(
  sweep: LoadedSweep,
  journal: string,
  jobs: number | undefined,
): Promise<EarlyPool | undefined> {
  if (existsSync(journal)) return undefined
  const threads = Math.min(jobs ?? availableParallelism(), countPoints(sweep.axes, sweep.seeds))
  return { threads, pool: await openSweepPool(threadDataOf(sweep), threads) }
}

/** That one if it has so many threads, else another, for which it makes room: memory may not allow as many as there are cores. */
export async function poolWith(
  threads: number,
  early: EarlyPool | undefined,
  open: () => Promise<SweepPool>,
): Promise<SweepPool> {
  if (early?.threads === threads) return early.pool
  await early?.pool.close()
  return open()
}
