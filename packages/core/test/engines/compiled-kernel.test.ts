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
  configurationOf,
  configureKernel,
  kernelModule,
  type Machine,
  parseScenario,
  parseScenarioText,
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
import { withConstants } from '../../src/lib/wasm-constants.ts'
import { readSource } from '../forms/wasm/support.ts'
import { randomScenario } from '../support/random-scenario.ts'
import { smaller } from '../support/smaller.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)
const RUNS = Number(process.env['FC_RUNS'] ?? 25)

const kernels = new Map<string, Uint8Array>(
  STRATEGIES.map(({ strategy: { id } }) => [id, compileKernel({ strategy: id, read: readSource })]),
)

function populated(scenario: Scenario): Machine {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  return machine
}

function runCompiled(machine: Machine, strategy: string): void {
  const bytes = kernels.get(strategy)
  if (bytes === undefined) throw new Error(`no module of ${strategy}`)
  // as the live engine has them; tests of virtual time run modules of any configuration
  const module = kernelModule(configureKernel(bytes, configurationOf(machine.globals)))
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

/** Presets of which the whole is run, under their own strategy; of all others a part, unless FC_RUNS asks for more than the usual. */
const WHOLE = ['exit-order0', 'exit-order3', 'shared-library-fork']

test.each(cases)('%s under %s', (name, strategy) => {
  const preset = presetScenario(name)
  const isWhole =
    (WHOLE.includes(name) && preset.strategy === strategy) || process.env['FC_RUNS'] !== undefined
  const scenario = isWhole ? preset : smaller(name)
  expect(firstDifference({ ...scenario, strategy })).toBe(-1)
})

/**
 * Looks for a difference under every strategy. Fails with the scenario as a file that `mmgather run` takes.
 * @returns how many scenarios, each under one strategy, were compared.
 */
function lookForDifference(
  difference: (scenario: Scenario) => number,
  options: fc.Parameters<[Parameters<typeof parseScenario>[0]]>,
): number {
  let ran = 0
  const property = fc.property(randomScenario, (input) => {
    for (const id of kernels.keys()) {
      const scenario = tryParse({ ...input, strategy: id })
      fc.pre(scenario !== undefined)
      ran++
      const at = difference(scenario)
      if (at < 0) continue
      const text = scenarioToText(scenarioToInput(scenario))
      throw new Error(`word ${at} differs; ${FILE_FOLLOWS}\n${text}`)
    }
  })
  fc.assert(property, { seed: SEED, ...options })
  return ran
}

const FILE_FOLLOWS = 'scenario, for mmgather run:'

test('random scenarios under every strategy', { timeout: 3_600_000 }, () => {
  const endOnFailure = process.env['FC_SHRINK'] === undefined
  const ran = lookForDifference(firstDifference, { numRuns: RUNS, endOnFailure })
  expect(ran).toBeGreaterThanOrEqual(RUNS * kernels.size)
})

test('a difference is shrunk, and told as a scenario file', () => {
  // as if the forms differed wherever two processes exit
  const processes = ({ processes: groups }: Scenario): number =>
    groups.reduce((sum, { count }) => sum + count, 0)
  const planted = (scenario: Scenario): number => (processes(scenario) > 1 ? 7 : -1)
  let told = ''
  try {
    lookForDifference(planted, { numRuns: 1000 })
  } catch (error) {
    told = String((error as Error).cause)
  }
  expect(told).toContain('word 7 differs')
  const [, text = ''] = told.split(`${FILE_FOLLOWS}\n`)
  const scenario = parseScenarioText(text, { source: 'told' })
  expect(processes(scenario)).toBe(2)
})

function tryParse(input: Parameters<typeof parseScenario>[0]): Scenario | undefined {
  try {
    return parseScenario(input)
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

test('a configured module reads no value of its configuration', () => {
  const configuration = configurationOf(createMachine(presetScenario('exit-order0')).globals)
  expect(Object.keys(configuration)).toContain('LOCK_KIND')
  for (const bytes of kernels.values()) {
    // what this kernel reads at all
    const read = Object.entries(configuration).filter(
      ([name, value]) => Buffer.compare(withConstants(bytes, { [name]: value }), bytes) !== 0,
    )
    expect(read.length).toBeGreaterThan(5)
    const configured = configureKernel(bytes, configuration)
    for (const [name, value] of read)
      expect(() => withConstants(configured, { [name]: value })).toThrow(`no read of ${name}`)
  }
})

test('every strategy that ships has a module', () => {
  for (const id of kernels.keys()) expect(findStrategy(id)).toBeDefined()
})
