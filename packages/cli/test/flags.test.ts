/**
 * Tests that the bounds of the flags are those of the scenario format.
 */
import {
  overrideScenario,
  presetScenario,
  ScenarioError,
  type ScenarioOverrides,
} from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../src/flags.ts'

const FLAGS = [
  'cpus',
  'processes',
  'pages',
  'order',
  'share',
  'lruvecs',
  'swapClusterMax',
  'seed',
] as const satisfies readonly (keyof ScenarioOverrides)[]

/** What the format says about this value of an override by itself: rules across keys are not about it. */
function complaint(key: (typeof FLAGS)[number], value: number): string | undefined {
  try {
    overrideScenario(presetScenario('exit-order0'), { [key]: value })
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const issue = error.issues.find(({ path }) => path === key)
    return issue && `${issue.message}; ${issue.allowed}`
  }
  return undefined
}

describe('bounds', () => {
  test.for(FLAGS)('of %s are those of the scenario format', (key) => {
    const [min, max] = BOUNDS[key]
    const allowed = `an integer from ${min} to ${max}`
    expect(complaint(key, min - 1)).toBe(`is too small; ${allowed}`)
    expect(complaint(key, max + 1)).toBe(`is too large; ${allowed}`)
    expect([complaint(key, min), complaint(key, max)]).toEqual([undefined, undefined])
  })
})
