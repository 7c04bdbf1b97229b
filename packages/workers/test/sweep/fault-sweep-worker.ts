/**
 * A thread of a sweep's pool that dies of some points, as their seeds say: 1 once, 2 always, 3 never comes to an end.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

import { PointRunner } from '../../src/sweep/point-runner.ts'
import type { SweepAnswers, SweepTask, SweepThreadData } from '../../src/sweep/sweep-api.ts'

const runner = new PointRunner(workerData as SweepThreadData)

export function runPoints(tasks: readonly SweepTask[]): Promise<SweepAnswers> {
  for (const task of tasks) fail(task)
  return runner.runAll(tasks)
}

function fail({ scenario: { seed } }: SweepTask): void {
  const marker = process.env['MMGATHER_TEST_MARKER'] ?? ''
  if (seed === 2) process.exit(3)
  if (seed === 1 && !existsSync(marker)) {
    writeFileSync(marker, '')
    process.exit(4)
  }
  if (seed === 3) for (;;);
}
