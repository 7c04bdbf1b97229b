/**
 * Virtual time as WebAssembly against the JavaScript that it is made from: the same memory, word for word, and the same
 * figures of everything, for random scenarios, profiles, starts and locks, on 1 to 64 CPUs, however a run ends.
 */
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { createMachine, populate, scenarioLimits } from '../../../src/engines/boot.ts'
import { allocateArrayMemory } from '../../../src/engines/virtual/compiled-loop.ts'
import { profiles } from '../../../src/engines/virtual/profiles.ts'
import type { Simulation, SimulationOptions } from '../../../src/engines/virtual/simulation.ts'
import { allocateSharedMemory, type SharedMemory } from '../../../src/lib/shared-memory.ts'
import { LRUVEC_LOCK, LRUVEC_WORDS, PTRS_PER_PTE } from '../../../src/machine/layout.ts'
import type { Machine } from '../../../src/machine/machine.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import { runVirtual } from '../../../src/run/run-virtual.ts'
import type { ScenarioInput, ScenarioOverrides } from '../../../src/scenario/input.ts'
import { overrideScenario } from '../../../src/scenario/overrides.ts'
import { presets, presetScenario } from '../../../src/scenario/presets.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { randomScenario, randomWorkload } from '../../support/random-scenario.ts'
import { checkRandom, runTimed, shippedProfile, virtualKernel } from './support.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 30)

interface Both {
  /** The first word that differs; -1: none does. */
  word: number
  javascript: Omit<Simulation, 'profile'>
  compiled: Omit<Simulation, 'profile'>
}

/** Runs the scenario in both forms; `change` is done to each machine before. */
function runBoth(
  scenario: Scenario,
  options: Partial<SimulationOptions> = {},
  change: (machine: Machine) => void = () => {},
): Both {
  const run = (more: Partial<SimulationOptions>) => {
    const machine = createMachine(scenario)
    populate(machine, scenario)
    change(machine)
    const { profile: _, ...figures } = runTimed(machine, scenario, { ...options, ...more })
    return { words: machine.words, figures }
  }
  const javascript = run({})
  const compiled = run({ module: virtualKernel(scenario.strategy).module })
  const word = javascript.words.findIndex((value, i) => value !== compiled.words[i])
  return { word, javascript: javascript.figures, compiled: compiled.figures }
}

function expectSame({ word, javascript, compiled }: Both): void {
  expect(word).toBe(-1)
  expect(compiled).toEqual(javascript)
}

/** CPUs start within so many cycles of each other. */
function startsOf(cpus: number, within: number): Float64Array {
  return Float64Array.from({ length: cpus }, (_, cpu) => Math.imul(cpu + 1, 0x9e37) % within)
}

/** The same scenario on other numbers of CPUs, whose mm_cpumask has all of them. */
function onCpus(input: ScenarioInput, cpus: number): ScenarioInput {
  return {
    ...input,
    machine: { ...input.machine, cpus },
    processes: input.processes.map((group) => ({ ...group, cpumask: cpus })),
  }
}

test.for([
  ['teardowns', randomScenario],
  ['programs', randomWorkload],
] as const)('random scenarios: %s', { timeout: 600_000 }, ([, inputs]) => {
  const varied = fc
    .tuple(inputs, fc.constantFrom(undefined, 1, 2, 5, 16, 33, 64))
    .map(([input, cpus]) => (cpus === undefined ? input : onCpus(input, cpus)))
  let turn = 0
  let events = 0
  checkRandom(varied, RUNS, (scenario) => {
    const profile = profiles[turn++ % profiles.length]
    const startCycles = startsOf(scenario.machine.cpus, turn % 2 === 0 ? 1 : 3000)
    const both = runBoth(scenario, { ...(profile && { profile }), startCycles })
    expectSame(both)
    events += both.compiled.events
  })
  expect(events).toBeGreaterThan(RUNS)
})

const LOCKS = ['ttas', 'ticket', 'qspinlock'] as const

test.for(STRATEGIES.flatMap(({ strategy: { id } }) => LOCKS.map((lock) => [id, lock] as const)))(
  '%s with %s locks, 24 CPUs that fight',
  ([strategy, lock]) => {
    const overrides: ScenarioOverrides = { cpus: 24, processes: 24, pages: 256, lock }
    const scenario = { ...overrideScenario(presetScenario('exit-order0'), overrides), strategy }
    const both = runBoth(scenario)
    expectSame(both)
    const contentions = both.compiled.locks.map((each) => each.contentions)
    expect(Math.max(...contentions)).toBeGreaterThan(20)
  },
)

test.for(presets.map(({ name }) => name))('preset %s', { timeout: 120_000 }, (name) => {
  const both = runBoth(presetScenario(name), { eventsMax: 10_000 })
  expectSame(both)
  expect(both.compiled.events).toBeGreaterThan(0)
})

describe('ends', () => {
  const scenario = overrideScenario(presetScenario('exit-order0'), { pages: 2000 })

  test.for([1, 31, 32, 33, 100])('after %i events', (eventsMax) => {
    const both = runBoth(scenario, { eventsMax })
    expectSame(both)
    expect([both.compiled.end.kind, both.compiled.events]).toEqual(['bounds', eventsMax + 1])
  })

  test('when a clock passes a bound', () => {
    const both = runBoth(scenario, { cyclesMax: 200_000 })
    expectSame(both)
    expect(both.compiled.end.kind).toBe('bounds')
  })

  test('when it is given up', () => {
    let looks = 0
    const both = runBoth(scenario, { isAborted: () => ++looks % 3 === 0 })
    expectSame(both)
    expect(both.compiled.end).toEqual({ kind: 'aborted' })
  })

  test('by an assertion of the kernel text', () => {
    const both = runBoth(scenario, {}, breakTables)
    expect(both.word).toBe(-1)
    expect(both.compiled).toEqual(both.javascript)
    expect(both.compiled.end.kind).toBe('bug')
  })

  test('with CPUs that wait for a lock that nobody will release', () => {
    const held = (machine: Machine): void => {
      const { LRUVEC_BASE, NR_LRUVECS } = machine.globals
      for (let i = 0; i < NR_LRUVECS; i++)
        machine.words[LRUVEC_BASE + i * LRUVEC_WORDS + LRUVEC_LOCK] = 1
    }
    const both = runBoth(
      { ...scenario, machine: { ...scenario.machine, lock: 'qspinlock' } },
      {},
      held,
    )
    expectSame(both)
    expect(both.compiled.end.kind).toBe('deadlock')
  })
})

/** Every entry of the first page table says the same page, whose counters go below zero. */
function breakTables({ words, globals }: Machine): void {
  const first = globals.PT_BASE
  for (let table = first; table < first + globals.NR_PT * PTRS_PER_PTE; table += PTRS_PER_PTE) {
    const entries = words.subarray(table, table + PTRS_PER_PTE)
    const [one = 0, two = 0] = entries
    if (one !== 0 && two !== 0) entries[1] = one
  }
}

test('one memory serves all runs that have room in it, zeroed as far as they need it; none is larger than 4 GiB', () => {
  const bytesOf = (bytes: number) => new Uint8Array(allocateArrayMemory(bytes)?.buffer ?? [])
  const before = bytesOf(100_000)
  before.fill(7)
  const next = bytesOf(90_000)
  expect(next.buffer).toBe(before.buffer)
  expect(next.findIndex((byte) => byte !== 0)).toBe(90_000)
  const larger = bytesOf(next.length + 1)
  expect(larger.length).toBeGreaterThan(next.length)
  expect(larger.every((byte) => byte === 0)).toBe(true)
  expect(allocateArrayMemory(2 ** 32 + 1)).toBeUndefined()
})

describe('machines one after the other in one memory', () => {
  const base = overrideScenario(presetScenario('exit-order0'), { pages: 300 })
  const scenarios = [
    base,
    overrideScenario(base, { cpus: 3, processes: 3 }),
    { ...base, strategy: 'range-v1', seed: 5 },
    { ...base, seed: 5 },
  ]
  const large = overrideScenario(base, { cpus: 4, processes: 4, pages: 2000 })
  const { totalWords } = scenarioLimits(large)
  const WebAssembly = Reflect.get(globalThis, 'WebAssembly') as {
    Instance: new (...given: unknown[]) => object
  }

  /** Runs it in a memory: the words that it leaves, and its figures, which the next run in this thread overwrites. */
  function runIn(
    memory: SharedMemory | undefined,
    scenario: Scenario,
    options: Partial<SimulationOptions> = {},
  ) {
    const machine = createMachine(scenario, undefined, memory && (() => memory))
    populate(machine, scenario)
    const { module } = virtualKernel(scenario.strategy)
    const { profile: _, ...figures } = runTimed(machine, scenario, { ...options, module })
    return structuredClone({ words: machine.words.slice(), figures })
  }

  test('do what they do in memories of their own, however the last one ended', () => {
    const memory = allocateSharedMemory(totalWords * 4)
    const turns = [...scenarios, ...scenarios.toReversed(), ...scenarios]
    const ends = new Set<string>()
    for (const [turn, scenario] of turns.entries()) {
      const profile = profiles[turn % 2]
      const startCycles = startsOf(scenario.machine.cpus, 1 + 500 * (turn % 3))
      const options = {
        startCycles,
        ...(profile && { profile }),
        ...(turn % 4 === 1 && { eventsMax: 50 + turn }),
      }
      const again = runIn(memory, scenario, options)
      const own = runIn(undefined, scenario, options)
      expect(again.words.findIndex((word, i) => word !== own.words[i])).toBe(-1)
      expect(again.figures).toEqual(own.figures)
      ends.add(own.figures.end.kind)
    }
    expect(ends).toEqual(new Set(['completed', 'bounds']))
  })

  test('take the instance of the one before that was as large, under the same strategy and costs', () => {
    const memory = allocateSharedMemory(totalWords * 4)
    const made = vi.spyOn(WebAssembly, 'Instance')
    const instances = (...args: Parameters<typeof runIn>): number => {
      made.mockClear()
      runIn(...args)
      return made.mock.calls.length
    }
    const [one, threeCpus, range, otherSeed] = scenarios as [Scenario, Scenario, Scenario, Scenario]
    const [, profile] = profiles
    expect(instances(memory, one)).toBe(1)
    expect(instances(memory, one)).toBe(0)
    expect(instances(memory, otherSeed)).toBe(0)
    expect(instances(memory, threeCpus)).toBe(1)
    expect(instances(memory, range)).toBe(1)
    expect(instances(memory, one, profile && { profile })).toBe(1)
    expect(instances(memory, one)).toBe(0)
    expect(instances(undefined, one)).toBe(1)
    made.mockRestore()
  })

  test('take other instances when the arrays of virtual time need another memory', () => {
    const memory = allocateSharedMemory(totalWords * 4)
    const before = runIn(memory, base)
    allocateArrayMemory((allocateArrayMemory(1)?.buffer.byteLength ?? 0) + 1)
    expect(runIn(memory, base)).toEqual(before)
    runIn(memory, large)
    expect(runIn(memory, base)).toEqual(before)
  })
})

describe('compiled text is left alone', () => {
  const scenario = overrideScenario(presetScenario('exit-order0'), { pages: 500 })
  /** One that cannot be instantiated: whoever takes it is found out. */
  const broken = { strategy: scenario.strategy, module: {} }

  test('where functions are asked for', () => {
    const options = { functions: true, verify: false, profile: shippedProfile('altra-80') }
    const report = runVirtual(scenario, options)
    expect(runVirtual(scenario, { ...options, kernel: broken })).toEqual(report)
  })

  test('if it is of another strategy', () => {
    const kernel = { ...broken, strategy: 'another' }
    expect(runVirtual(scenario, { kernel })).toEqual(runVirtual(scenario))
  })

  test('and is taken otherwise', () => {
    expect(() => runVirtual(scenario, { kernel: broken })).toThrow(TypeError)
  })
})
