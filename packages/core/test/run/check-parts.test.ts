/** Parts of a check that give parts of themselves away: together they explore what the whole check explores, once. */
import { expect, test } from 'vitest'

import { resolveCheckOptions } from '../../src/run/check-options.ts'
import {
  CheckSession,
  type CheckTask,
  mergeParts,
  type PartResult,
} from '../../src/run/check-parts.ts'
import { runCheck } from '../../src/run/run-check.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { worldScenario } from '../engines/check/world-scenario.ts'

interface Explored {
  results: PartResult[]
  /** Parts that were given away. */
  given: number
}

/** Explores the whole check in parts, each of which gives away what it can after so many executions. */
function exploreShared(scenario: Scenario, every: number, values: 'observed' | 'plain'): Explored {
  const session = new CheckSession(scenario, resolveCheckOptions({ values }))
  try {
    const { tasks, explored } = session.plan(1)
    const results: PartResult[] = []
    const open: CheckTask[] = [...tasks]
    let given = 0
    for (let task = open.pop(); task !== undefined; task = open.pop()) {
      const result = session.explore(task, explored.marks, {
        every,
        give: (roots) => {
          given += roots.length
          open.push(...roots.map((root) => ({ root })))
        },
        spend: () => false,
      })
      results.push(result)
    }
    return { results, given }
  } finally {
    session.dispose()
  }
}

test.for([
  ['shared-order2', 'range-v1', 'plain'],
  ['shared-order3', 'linux-6.5', 'observed'],
  ['fork-beside-exit', 'linux-6.12', 'observed'],
  ['fork-beside-exit', 'linux-6.12', 'plain'],
  ['reclaim-beside-exit', 'linux-6.18', 'observed'],
  ['two-gathers-and-access', 'linux-6.5', 'plain'],
] as const)('as many executions and results: %s, %s, %s values', ([world, strategy, values]) => {
  const scenario = worldScenario(world, strategy)
  const whole = runCheck(scenario, { values })
  for (const every of [1, 7, 64]) {
    const { results, given } = exploreShared(scenario, every, values)
    const { executions, isComplete } = mergeParts(
      results.map(({ part }) => part),
      0,
    )
    const outcomes = new Set(results.flatMap((result) => [...result.outcomes]))
    expect({ every, executions, isComplete, outcomes: outcomes.size, gives: given > 0 }).toEqual({
      every,
      executions: whole.executions,
      isComplete: true,
      outcomes: whole.outcomes,
      gives: whole.executions > every + 1,
    })
  }
})

test('all parts together end at a bound on executions, and know that something is left', () => {
  const scenario = worldScenario('shared-order3', 'range-v1')
  const session = new CheckSession(scenario, resolveCheckOptions({}))
  const { tasks, explored } = session.plan(1)
  let spent = 0
  const { part } = session.explore(tasks[0] ?? {}, explored.marks, {
    every: 10,
    give: () => undefined,
    spend: () => ++spent >= 25,
  })
  session.dispose()
  expect(part).toMatchObject({ executions: 25, isComplete: false, breaches: [] })
  expect(part.left).toBeGreaterThan(0)
})
