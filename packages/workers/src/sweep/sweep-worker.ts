/**
 * Entry of a thread of a sweep's pool, found by `import.meta.resolve('@mmgather/workers/sweep-worker')`: runs points
 * one after the other, as the pool hands them out.
 */
import { workerData } from 'node:worker_threads'

import { oneAtATime } from './one-at-a-time.ts'
import { PointRunner } from './point-runner.ts'
import type { SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'

const runner = new PointRunner(workerData as SweepThreadData)

/** What piscina calls for each of its tasks. */
export const runPoints: (tasks: readonly SweepTask[]) => Promise<SweepAnswers> = oneAtATime(
  (tasks) => runner.runAll(tasks),
)
