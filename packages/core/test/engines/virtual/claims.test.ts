/**
 * Marking the lines that one CPU alone works on decides nothing but how often CPUs take turns.
 */
import { expect, test } from 'vitest'

import { type CounterKey, presetScenario, type Scenario } from '../../../src/index.ts'
import { runSimulated } from './simulated.ts'

const PAGES_MAX = 4096

/** A preset with few processes and small mappings: what it is about is in the first pages of it as well. */
function small(name: string): Scenario {
  const scenario = presetScenario(name)
  const processes = scenario.processes.map((group) => ({
    ...group,
    count: Math.min(group.count, 4),
    vmas: group.vmas.map((vma) =>
      vma.kind === 'anon' &&
      vma.runs === undefined &&
      group.program === undefined &&
      !Array.isArray(group.teardown)
        ? { ...vma, pages: Math.min(vma.pages, PAGES_MAX) }
        : vma,
    ),
  }))
  return { ...scenario, processes }
}

function withCpus(scenario: Scenario, cpus: number): Scenario {
  return { ...scenario, machine: { ...scenario.machine, cpus } }
}

/** Counts that no order of CPUs decides, where every process keeps its pages to itself or not. */
const ORDERLESS: readonly CounterKey[] = [
  'ptesCleared',
  'rmapCalls',
  'mapcountAtomics',
  'foliosFreed',
  'pagesFreed',
  'gatherSlots',
  'gatherRecords',
]

  test.each(['exit-order0', 'exit-order3'])(
    '%s: knowing private lines moves the end by less than 2 percent and no count',
    (name) => {
      for (const cpus of [2, 8]) {
        const scenario = withCpus(small(name), cpus)
        const claimed = runSimulated(scenario)
        const unclaimed = runSimulated(scenario, { claims: false })
        for (const key of ORDERLESS) expect(claimed.counters[key]).toBe(unclaimed.counters[key])
        const [a, b] = [claimed, unclaimed].map(({ simulation }) => Math.max(...simulation.clocks))
        expect(Math.abs((a ?? NaN) / (b ?? NaN) - 1)).toBeLessThan(0.02)
      }
    },
  )
