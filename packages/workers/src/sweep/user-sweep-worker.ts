/**
 * Entry of a thread of a sweep's pool when points have strategies from users' files, found by
 * `import.meta.resolve('@mmgather/workers/user-sweep-worker')`.
 *
 * Unlike sweep-worker.ts this imports core when it is built, and does not hold it: the files import @mmgather/core, and must get the very
 * modules that the thread runs.
 */
import { workerData } from 'node:worker_threads'

import { importDerivedStrategy } from '../strategy-file/strategy-file.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { PointRunner } from './point-runner.ts'
import type { SweepAnswers, SweepTask, SweepThreadData } from './sweep-api.ts'

const runner = new PointRunner(workerData as SweepThreadData, (file) =>
  importDerivedStrategy(file, 'conditional'),
)

/** What piscina calls for each of its tasks. */
export const runPoints: (tasks: readonly SweepTask[]) => Promise<SweepAnswers> = oneAtATime(
  (tasks) => runner.runAll(tasks),
)
