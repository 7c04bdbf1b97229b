/**
 * Random scenarios on every strategy: every invariant of verify holds before and after; every mapping is removed once;
 * the strategies free the same folios and leave the same pages mapped.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  parseScenario,
  scenarioToInput,
  scenarioToText,
  STRATEGIES,
  ScenarioError,
} from '../../src/index.ts'
import type { Scenario, ScenarioInput } from '../../src/index.ts'
import { randomScenario, randomWorkload } from '../support/random-scenario.ts'
import { runScenario } from '../support/run.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261122)
const RUNS = Number(process.env['FC_RUNS'] ?? 60)

function tryParse(input: ScenarioInput): Scenario | undefined {
  try {
    return parseScenario(input)
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

/** Runs the scenario under every strategy; what they free and leave mapped must be the same. */
function sameUnderAll(scenario: Scenario): void {
  const results = STRATEGIES.map(({ strategy }) => {
    try {
      return runScenario({ ...scenario, strategy: strategy.id })
    } catch (error) {
      const text = scenarioToText(scenarioToInput({ ...scenario, strategy: strategy.id }))
      throw new Error(`${strategy.id}: ${String(error)}\nscenario, for mmgather run:\n${text}`, {
        cause: error,
      })
    }
  })
  const first = results[0]?.counters
  for (const { counters } of results) {
    expect(counters.ptesCleared).toBe(first?.ptesCleared)
    expect(counters.mapcountAtomics).toBe(first?.mapcountAtomics)
    expect(counters.foliosFreed).toBe(first?.foliosFreed)
    expect(counters.pagesFreed).toBe(first?.pagesFreed)
    expect(counters.gatherSlots).toBe(counters.gatherRecords)
  }
}

test.each([
  ['scenarios', randomScenario],
  ['workloads', randomWorkload],
])(
  'random %s: invariants hold and all strategies free the same',
  { timeout: 240_000 },
  (_what, inputs) => {
    let ran = 0
    fc.assert(
      fc.property(inputs, (input) => {
        const scenario = tryParse(input)
        fc.pre(scenario !== undefined)
        ran++
        sameUnderAll(scenario)
      }),
      { seed: SEED, numRuns: RUNS },
    )
    expect(ran).toBeGreaterThan(RUNS / 3)
  },
)
