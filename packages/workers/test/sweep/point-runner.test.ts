/** Points that a thread is given together: how many of them it answers for. */
import { findProfile, overrideScenario, presetScenario } from '@mmgather/core'
import { expect, test } from 'vitest'

import { PointRunner } from '../../src/sweep/point-runner.ts'
import type { SweepTask } from '../../src/sweep/sweep-api.ts'

function taskOf(pages: number): SweepTask {
  const profile = findProfile('skylake-104')
  if (profile === undefined) throw new Error('the profile does not ship')
  const scenario = overrideScenario(presetScenario('exit-one-order0'), { pages })
  return { scenario, profile, options: { verify: true }, arrivalJitterNs: 1000 }
}

test('behind a point that takes long none is begun', async () => {
  const { answers, ms } = await new PointRunner({ strategyFiles: [] }).runAll([
    taskOf(50_000),
    taskOf(1),
  ])
  expect(answers).toHaveLength(1)
  expect(answers[0]?.error).toBeUndefined()
  expect(ms).toBeGreaterThan(0)
})

test('none at all is answered for at once', async () => {
  const { answers } = await new PointRunner({ strategyFiles: [] }).runAll([])
  expect(answers).toEqual([])
})
