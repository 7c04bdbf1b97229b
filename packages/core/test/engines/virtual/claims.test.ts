/**
 * Marking the lines that one CPU alone works on decides nothing but how often CPUs take turns.
 */
import { expect, test } from 'vitest'

import { createMachine, populate } from '../../../src/engines/boot.ts'
import type { CounterKey } from '../../../src/machine/counters.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { countersOf, expectSound, runTimed } from './support.ts'

/** Counts that no order of CPUs decides, as long as they share no folios. */
const ORDERLESS: readonly CounterKey[] = [
  'ptesCleared',
  'rmapCalls',
  'mapcountAtomics',
  'refcountAtomics',
  'gatherSlots',
  'foliosFreed',
  'pagesFreed',
]

function run(scenario: Scenario, claims: boolean) {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  const { clocks, events } = runTimed(machine, scenario, { claims })
  expectSound(machine, census)
  return { end: Math.max(...clocks), events, counters: countersOf(machine) }
}

test.each([
  ['exit-order0', 2],
  ['exit-order0', 8],
  ['exit-order3', 2],
  ['exit-order3', 8],
] as const)(
  '%s on %i CPUs: fewer turns, the same counts, an end within 2 percent',
  (name, cpus) => {
    const scenario = overrideScenario(presetScenario(name), { cpus, processes: cpus, pages: 4096 })
    const claimed = run(scenario, true)
    const unclaimed = run(scenario, false)
    for (const key of ORDERLESS) expect(claimed.counters[key]).toBe(unclaimed.counters[key])
    expect(claimed.events).toBeLessThan(unclaimed.events)
    expect(Math.abs(claimed.end / unclaimed.end - 1)).toBeLessThan(0.02)
  },
)
