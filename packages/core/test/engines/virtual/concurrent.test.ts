/**
 * CPUs that run at the same time in virtual time: the counts that no order can change are those of the text run CPU
 * after CPU, and no invariant of verify is broken, with every kind of lock and both ways of dealing out processes.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createMachine, populate, runOneCpu, strategyOf } from '../../../src/engines/boot.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import type { ScenarioInput } from '../../../src/scenario/input.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { randomScenario, randomWorkload } from '../../support/random-scenario.ts'
import {
  allAtOnce,
  checkRandom,
  countersOf,
  expectSound,
  runTimed,
  shippedProfile,
} from './support.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 30)

/** Counts of what is unmapped, removed and freed: whoever comes first, somebody does each of these once. */
const ORDER_INDEPENDENT = [
  'ptesCleared',
  'pteTables',
  'mapcountAtomics',
  'foliosFreed',
  'pagesFreed',
  'swapEntriesFreed',
  'pmdsCleared',
  'pageTablesFreed',
  'pgfree',
]
/** Where the text asks need_resched, what a CPU did before decides where it stops, and ranges are split there. */
const WITHOUT_RESCHED = [...ORDER_INDEPENDENT, 'rmapCalls', 'gatherRecords', 'swapcacheChecks']
/** With copy on write and reclaim, whoever comes last reuses a page, and whoever comes first frees it. */
const OF_WORKLOADS = ['pageFaults', 'forks', 'pageTablesFreed', 'pteTables']

function only(counters: Record<string, number>, keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, counters[key] ?? -1]))
}

function countsOneByOne(scenario: Scenario): Record<string, number> {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  return countersOf(machine)
}

function countsAtOnce(scenario: Scenario, profile: string): Record<string, number> {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  const { end } = runTimed(machine, scenario, {
    profile: shippedProfile(profile),
    startCycles: allAtOnce(scenario.machine.cpus),
  })
  expect(end).toEqual({ kind: 'completed' })
  expectSound(machine, census)
  return countersOf(machine)
}

describe('presets on more CPUs', () => {
  const each = [2, 8, 80].flatMap((cpus) =>
    STRATEGIES.flatMap(({ strategy }) =>
      ['exit-order0', 'exit-order3', 'memcg-alternate'].map(
        (name) => [name, strategy.id, cpus] as const,
      ),
    ),
  )
  test.for(each)('%s, %s, %i CPUs: the counts of one CPU', ([name, strategy, cpus]) => {
    const changes = { pages: 600, processes: cpus, strategy }
    const one = overrideScenario(presetScenario(name), { ...changes, cpus: 1 })
    const many = overrideScenario(presetScenario(name), { ...changes, cpus })
    const counts = countsAtOnce(many, 'altra-80')
    expect(only(counts, WITHOUT_RESCHED)).toEqual(only(countsOneByOne(one), WITHOUT_RESCHED))
  })
})

/** The scenarios on two to nine CPUs, with empty lru_add batches: what waits in one is freed if its CPU comes later. */
function onCpus(inputs: fc.Arbitrary<ScenarioInput>): fc.Arbitrary<ScenarioInput> {
  return fc.tuple(inputs, fc.integer({ min: 2, max: 9 })).map(([input, cpus]) => ({
    ...input,
    machine: { ...input.machine, cpus },
    processes: input.processes.map((group) => ({ ...group, lruAdd: 'drained' as const })),
  }))
}

describe('random', () => {
  const kinds: readonly [string, fc.Arbitrary<ScenarioInput>, readonly string[]][] = [
    ['scenarios', randomScenario, ORDER_INDEPENDENT],
    ['workloads', randomWorkload, OF_WORKLOADS],
  ]
  test.for(kinds)('%s', { timeout: 240_000 }, ([, inputs, keys]) => {
    const seen = new Set<string>()
    checkRandom(onCpus(inputs), RUNS, (scenario) => {
      seen.add(scenario.machine.lock).add(scenario.machine.deal)
      const counts = countsAtOnce(scenario, 'epyc-zen4')
      expect(only(counts, keys)).toEqual(only(countsOneByOne(scenario), keys))
    })
    expect([...seen].toSorted()).toEqual(['qspinlock', 'queue', 'static', 'ticket', 'ttas'])
  })
})
