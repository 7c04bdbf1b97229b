/**
 * Compiled kernel text against the JavaScript that it is: on one thread, with every preset, strategy and many random
 * scenarios, every word of the machine is the same afterwards.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compileKernel } from '../../src/forms/wasm/kernel.ts'
import {
  bindLiveCpu,
  bindMachine,
  cpuAddress,
  createMachine,
  findStrategy,
  instantiateKernel,
  type KernelModule,
  kernelModule,
  type Machine,
  parseScenario,
  populate,
  presets,
  presetScenario,
  runOneCpu,
  type Scenario,
  ScenarioError,
  scenarioToInput,
  scenarioToText,
  STRATEGIES,
  strategyOf,
} from '../../src/index.ts'
import { readSource } from '../forms/wasm/support.ts'
import { randomScenario } from '../support/random-scenario.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)
const RUNS = Number(process.env['FC_RUNS'] ?? 100)

const modules = new Map<string, KernelModule>(
  STRATEGIES.map(({ strategy: { id } }) => [
    id,
    kernelModule(compileKernel({ strategy: id, read: readSource })),
  ]),
)

function populated(scenario: Scenario): Machine {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  return machine
}

function runCompiled(machine: Machine, strategy: string): void {
  const module = modules.get(strategy)
  if (module === undefined) throw new Error(`no module of ${strategy}`)
  bindMachine(machine)
  for (let i = 0; i < machine.globals.NR_CPUS; i++) {
    bindLiveCpu({ cpu: cpuAddress(i) })
    instantiateKernel(module, machine).cpuMain(cpuAddress(i))
  }
}

/** The first word that differs; -1: none does. */
function firstDifference(scenario: Scenario): number {
  const ours = populated(scenario)
  runCompiled(ours, scenario.strategy)
  const theirs = populated(scenario)
  runOneCpu(theirs, strategyOf(scenario))
  expect(ours.words.length).toBe(theirs.words.length)
  return ours.words.findIndex((word, i) => word !== theirs.words[i])
}

const cases = presets.flatMap(({ name }) =>
  STRATEGIES.map(({ strategy }) => [name, strategy.id] as const),
)

test.each(cases)('%s under %s', (name, strategy) => {
  expect(firstDifference({ ...presetScenario(name), strategy })).toBe(-1)
})

test('random scenarios under every strategy', { timeout: 600_000 }, () => {
  let ran = 0
  fc.assert(
    fc.property(randomScenario, (input) => {
      for (const id of modules.keys()) {
        const scenario = tryParse({ ...input, strategy: id })
        fc.pre(scenario !== undefined)
        ran++
        const at = firstDifference(scenario)
        if (at < 0) continue
        const text = scenarioToText(scenarioToInput(scenario))
        throw new Error(`word ${at} differs; scenario, for mmgather run:\n${text}`)
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: process.env['FC_SHRINK'] === undefined },
  )
  expect(ran).toBeGreaterThanOrEqual(RUNS * modules.size)
})

function tryParse(input: Parameters<typeof parseScenario>[0]): Scenario | undefined {
  try {
    return parseScenario(input)
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

test('every strategy that ships has a module', () => {
  for (const id of modules.keys()) expect(findStrategy(id)).toBeDefined()
})
