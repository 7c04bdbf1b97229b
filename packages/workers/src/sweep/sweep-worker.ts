/**
 * Entry of a thread of a sweep's pool, found by `import.meta.resolve('@mmgather/workers/sweep-worker')`: runs one point
 * after the other, as the pool hands them out.
 */
import { workerData } from 'node:worker_threads'

import { oneAtATime } from './one-at-a-time.ts'
import { PointRunner } from './point-runner.ts'
import type { SweepAnswer, SweepTask, SweepThreadData } from './sweep-api.ts'

const runner = new PointRunner(workerData as SweepThreadData)

/** What piscina calls for each task. */
export const runPoint: (task: SweepTask) => Promise<SweepAnswer> = oneAtATime((task) =>
  runner.run(task),
)
