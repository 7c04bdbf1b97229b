/**
 * Random scenarios on every strategy: every invariant of verify holds before and after; every mapping is removed once;
 * the strategies free the same folios and leave the same pages mapped.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  parseScenario,
  STRATEGIES,
  ScenarioError,
} from '../../src/index.ts'
import type { Scenario, ScenarioInput } from '../../src/index.ts'
import { lruAddDrain } from '../../src/mm/folio-batch.ts'
import { randomScenario, randomWorkload } from '../support/random-scenario.ts'
import { type Ran, runScenario } from '../support/run.ts'
import { reportingFile } from '../support/scenario-file.ts'

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

/** Folios that wait in a CPU's batch are freed later, by whoever drains it: here and now. */
function drainAll({ scenario, machine }: Ran): void {
  bindMachine(machine)
  for (let i = 0; i < scenario.machine.cpus; i++) {
    bindLiveCpu({ cpu: cpuAddress(i) })
    lruAddDrain(cpuAddress(i))
  }
}

/** Runs the scenario under a strategy: its counters, and what was freed in the end. */
function resultOf(scenario: Scenario, strategy: string) {
  const ran = runScenario({ ...scenario, strategy })
  drainAll(ran)
  const { ptesCleared, foliosFreed, pagesFreed } = collectCounters(ran.machine)
  return { counters: ran.counters, freed: { ptesCleared, foliosFreed, pagesFreed } }
}

/** Runs the scenario under every strategy; what they free and leave mapped must be the same. */
function sameUnderAll(scenario: Scenario): void {
  const first = reportingFile(scenario, 'linux-6.5', () => resultOf(scenario, 'linux-6.5'))
  for (const { strategy } of STRATEGIES) {
    reportingFile(scenario, strategy.id, () => {
      const { counters, freed } = resultOf(scenario, strategy.id)
      expect(freed).toEqual(first.freed)
      const perPage = strategy.noPageMapcount === 0
      const atomics = perPage ? first.counters.mapcountAtomics : counters.mapcountAtomics
      expect(counters.mapcountAtomics).toBe(atomics)
      // runs take two slots
      const slots = strategy.batchPtes === 0 ? counters.gatherRecords : counters.gatherSlots
      expect(counters.gatherSlots).toBe(slots)
      expect(counters.gatherRecords).toBeLessThanOrEqual(slots)
    })
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
