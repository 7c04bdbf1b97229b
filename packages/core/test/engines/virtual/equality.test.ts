/**
 * The forms do the same: on one CPU they leave the same words, on several the same counts as far as no order decides.
 *
 * Left out of the comparison of words are the statistics of locks but for the number of acquisitions: live code samples
 * how long locks are held by the thread's clock, virtual time keeps its figures outside of the machine.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  parseScenario,
  presets,
  presetScenario,
  ScenarioError,
  STRATEGIES,
  type CounterKey,
  type Machine,
  type Scenario,
  type ScenarioInput,
} from '../../../src/index.ts'
import {
  CPU_HISTOGRAMS,
  CPU_LOCKSTAT,
  LOCKSTAT_WORDS,
  LS_ACQUISITIONS,
} from '../../../src/machine/layout.ts'
import { cpuBlock } from '../../../src/metrics/collect.ts'
import { randomScenario } from '../../support/random-scenario.ts'
import { runLive, runRaw, runSimulated } from './simulated.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)
const RUNS = Number(process.env['FC_RUNS'] ?? 12)

/** The words that a run leaves, without the statistics that engines keep in different ways. */
function comparable(machine: Machine): Int32Array {
  const words = machine.words.slice()
  for (let cpu = 0; cpu < machine.globals.NR_CPUS; cpu++) {
    const statistics = cpuBlock(machine, cpu) + CPU_LOCKSTAT
    const end = cpuBlock(machine, cpu) + CPU_HISTOGRAMS + machine.globals.CPU_STRIDE
    const blockEnd = Math.min(end, cpuBlock(machine, cpu) + machine.globals.CPU_LOCAL_BATCH)
    for (let at = statistics; at < blockEnd; at++) {
      const isAcquisitions =
        at < cpuBlock(machine, cpu) + CPU_HISTOGRAMS &&
        (at - statistics) % LOCKSTAT_WORDS === LS_ACQUISITIONS
      if (!isAcquisitions) words[at] = 0
    }
  }
  return words
}

/** The first words that differ, few enough to read. */
function differences(a: Machine, b: Machine): string[] {
  const [left, right] = [comparable(a), comparable(b)]
  const found: string[] = []
  for (let at = 0; at < left.length && found.length < 10; at++) {
    if (left[at] !== right[at]) found.push(`word ${at}: ${left[at]} and ${right[at]}`)
  }
  return found
}

function withCpus(scenario: Scenario, cpus: number): Scenario {
  return { ...scenario, machine: { ...scenario.machine, cpus } }
}

function expectSameOnOneCpu(scenario: Scenario): void {
  const live = runLive(scenario)
  const raw = runRaw(scenario)
  const conditional = runSimulated(scenario)
  const profiled = runSimulated(scenario, { form: 'profiled' })
  for (const other of [raw, conditional, profiled]) {
    expect(differences(live.machine, other.machine)).toEqual([])
    expect(other.counters).toEqual(live.counters)
  }
  expect(profiled.simulation.clocks).toEqual(conditional.simulation.clocks)
  expect(profiled.simulation.accounts).toEqual(conditional.simulation.accounts)
}

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

/** Programs (page-fault2 and the like) run for much longer, and a background process needs a CPU of its own. */
const ofOneCpu = presets
  .map(({ name }) => name)
  .filter((name) => presetScenario(name).processes.every((group) => group.program === undefined))

describe('one CPU: live, raw, conditional and profiled leave the same words', () => {
  test.each(
    ofOneCpu.flatMap((name) => STRATEGIES.map(({ strategy }) => [name, strategy.id] as const)),
  )('%s, %s', { timeout: 120_000 }, (name, strategy) => {
    expect(() => {
      expectSameOnOneCpu(withCpus({ ...small(name), strategy }, 1))
    }).not.toThrow()
  })
})

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

describe('several CPUs', () => {
  test.each(['exit-order0', 'exit-order3'])('%s: counts are those of one CPU', (name) => {
    const one = runSimulated(withCpus(small(name), 1))
    for (const cpus of [2, 8, 80]) {
      const many = runSimulated(withCpus(small(name), cpus))
      for (const key of ORDERLESS)
        expect([key, many.counters[key]]).toEqual([key, one.counters[key]])
      const form = 'profiled'
      const profiled = runSimulated(withCpus(small(name), cpus), { form })
      expect(profiled.simulation.clocks).toEqual(many.simulation.clocks)
      expect(profiled.counters).toEqual(many.counters)
    }
  })

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
})

function tryParse(input: ScenarioInput): Scenario | undefined {
  try {
    return parseScenario(input)
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

/** Every kind of lock with every way of dealing processes out, in turn. */
const WAYS = (['ttas', 'ticket', 'qspinlock'] as const).flatMap((lock) =>
  (['static', 'queue'] as const).map((deal) => ({ lock, deal })),
)

test('random scenarios in virtual time: invariants hold, orderless counts are those of live code', {
  timeout: 240_000,
}, () => {
  let ran = 0
  fc.assert(
    fc.property(randomScenario, fc.constantFrom(1, 2, 3, 8, 80), (input, cpus) => {
      const parsed = tryParse(input)
      fc.pre(parsed !== undefined)
      const ways = { ...parsed.machine, ...WAYS[ran++ % WAYS.length] }
      for (const { strategy } of STRATEGIES) {
        const scenario = withCpus({ ...parsed, strategy: strategy.id, machine: ways }, cpus)
        const live = runLive(withCpus(scenario, 1))
        const virtual = runSimulated(scenario)
        for (const key of ['ptesCleared', 'mapcountAtomics', 'foliosFreed', 'pagesFreed'] as const)
          expect([key, virtual.counters[key]]).toEqual([key, live.counters[key]])
        if (cpus === 1) expectSameOnOneCpu(scenario)
      }
    }),
    { seed: SEED, numRuns: RUNS },
  )
  expect(ran).toBeGreaterThanOrEqual(WAYS.length)
})
