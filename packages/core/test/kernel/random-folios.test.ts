/**
 * Partial unmaps, remapped and unaligned folios, holes, swap entries and mixed orders, under every strategy: every PTE of
 * the range is processed once, every reference dropped once, every folio freed once. What must happen is told from the
 * scenario; that nothing else happened, by verify.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  createMachine,
  findStrategy,
  parseScenario,
  populate,
  runOneCpu,
  STRATEGIES,
  verify,
} from '../../src/index.ts'
import type { Scenario, ScenarioInput, Strategy } from '../../src/index.ts'
import { lruAddDrain } from '../../src/mm/folio-batch.ts'
import { expectedOf, randomFolios } from '../support/random-folios.ts'
import { reportingFile, scenarioIn } from '../support/scenario-file.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)
const RUNS = Number(process.env['FC_RUNS'] ?? 150)

/** Tears the scenario down under the strategy, and holds what was done against what must be. */
function tearDown(scenario: Scenario, strategy: Strategy): void {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  expect(verify(machine, census)).toEqual([])
  runOneCpu(machine, strategy)
  expect(verify(machine, census)).toEqual([])
  bindMachine(machine)
  const { ptesCleared, mapcountAtomics } = collectCounters(machine)
  // folios in a CPU's batch are freed by whoever drains it: here and now
  for (let cpu = 0; cpu < scenario.machine.cpus; cpu++) {
    bindLiveCpu({ cpu: cpuAddress(cpu) })
    lruAddDrain(cpuAddress(cpu))
  }
  expect(verify(machine, census)).toEqual([])
  const { foliosFreed, pagesFreed } = collectCounters(machine)
  expect({ ptesCleared, foliosFreed, pagesFreed }).toEqual(expectedOf(scenario))
  // a page loses its rmap once for each PTE
  const perPage = strategy.noPageMapcount === 0
  expect(mapcountAtomics).toBe(perPage ? ptesCleared : mapcountAtomics)
}

/** Is the property true of random contents under this strategy, as it is or under another's name? */
function check(strategy: Strategy, id: string, runs: number) {
  const property = fc.property(randomFolios(strategy.largeAnonOrderMin), (input: ScenarioInput) => {
    const scenario = parseScenario({ ...input, strategy: id })
    reportingFile(scenario, id, () => {
      tearDown(scenario, strategy)
    })
  })
  return fc.check(property, { seed: SEED, numRuns: runs })
}

test.each(STRATEGIES.map(({ strategy }) => strategy.id))(
  '%s: each PTE, reference and folio once',
  { timeout: 240_000 },
  (id) => {
    const strategy = findStrategy(id) as Strategy
    const { errorInstance } = check(strategy, id, RUNS)
    expect(errorInstance).toBeNull()
  },
)

describe('a strategy that loses the last slot of four or more', () => {
  const linux65 = findStrategy('linux-6.5') as Strategy
  const loses: Strategy = {
    ...linux65,
    freeSlotsAndSwapCache(cpu, slots, nr) {
      linux65.freeSlotsAndSwapCache(cpu, slots, nr > 3 ? nr - 1 : nr)
    },
  }

  test('is found, and shrunk to a scenario file that runs', { timeout: 240_000 }, () => {
    const { failed, errorInstance } = check(loses, 'linux-6.5', 300)
    expect(failed).toBe(true)
    const scenario = scenarioIn(String(errorInstance))
    expect(() => {
      tearDown(scenario, loses)
    }).toThrow('to deeply equal')
    tearDown(scenario, linux65)
    const runs = scenario.processes.flatMap(({ vmas }) => vmas.flatMap((vma) => vma.runs ?? []))
    const pages = runs.reduce((sum, run) => sum + run.pages, 0)
    // random contents map hundreds of pages
    expect(pages).toBeLessThanOrEqual(40)
  })
})
