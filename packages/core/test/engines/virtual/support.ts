/**
 * Runs a machine under each form of the kernel text: as it stands, raw (on the checker's accesses and primitives),
 * conditional and profiled in virtual time.
 */
import * as fc from 'fast-check'
import { expect } from 'vitest'

import { cpuAddress, strategyOf } from '../../../src/engines/boot.ts'
import { kernelModule } from '../../../src/engines/compiled-kernel.ts'
import type { VirtualKernel } from '../../../src/engines/virtual/compiled-loop.ts'
import { claimLines } from '../../../src/engines/virtual/line-users.ts'
import type { MachineProfile, ProfileTopology } from '../../../src/engines/virtual/profile.ts'
import { findProfile } from '../../../src/engines/virtual/profiles.ts'
import {
  simulate,
  type Program,
  type Simulation,
  type SimulationOptions,
} from '../../../src/engines/virtual/simulation.ts'
import { compileVirtualKernel } from '../../../src/forms/wasm/kernel.ts'
import { cpuMain } from '../../../src/generated/conditional/kernel/exit.ts'
import { findStrategy } from '../../../src/generated/conditional/mm/strategies/index.ts'
import { cpuMain as profiledCpuMain } from '../../../src/generated/profiled/kernel/exit.ts'
import { findStrategy as findProfiledStrategy } from '../../../src/generated/profiled/mm/strategies/index.ts'
import { cpuMain as rawCpuMain } from '../../../src/generated/raw/kernel/exit.ts'
import { findStrategy as findRawStrategy } from '../../../src/generated/raw/mm/strategies/index.ts'
import type { Census } from '../../../src/machine/census.ts'
import { bindMachine, type Machine } from '../../../src/machine/machine.ts'
import { verify } from '../../../src/machine/verify/verify.ts'
import { collectCounters, collectEvents, collectVmstat } from '../../../src/metrics/collect.ts'
import { STRATEGIES } from '../../../src/mm/strategies/index.ts'
import { parseScenario } from '../../../src/scenario/parse-scenario.ts'
import { ScenarioError } from '../../../src/scenario/errors.ts'
import { stepsOf } from '../../../src/scenario/program.ts'
import type { ScenarioInput } from '../../../src/scenario/input.ts'
import { scenarioToInput } from '../../../src/scenario/input-form.ts'
import { scenarioToText } from '../../../src/scenario/scenario-text.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { bindLiveCpu } from '../../../src/sync/live-cpu.ts'
import { readSource } from '../../forms/wasm/support.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)

/** Between the starts of two CPUs that are not to run at the same time: more cycles than any test takes. */
const FAR_APART = 1e12

const kernels = new Map<string, VirtualKernel>()

/** The compiled text of a strategy. */
export function virtualKernel(strategy: string): VirtualKernel {
  const known = kernels.get(strategy)
  if (known !== undefined) return known
  const module = kernelModule(compileVirtualKernel({ strategy, read: readSource }))
  const kernel = { strategy, module }
  kernels.set(strategy, kernel)
  return kernel
}

/** Clocks so far apart that a CPU starts when the one before it is done. */
export function oneAfterTheOther(cpus: number): Float64Array {
  return Float64Array.from({ length: cpus }, (_, cpu) => cpu * FAR_APART)
}

export function allAtOnce(cpus: number): Float64Array {
  return new Float64Array(cpus)
}

export function shippedProfile(name: string): MachineProfile {
  const profile = findProfile(name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return profile
}

/** A machine whose CPUs are all equally far from each other, by default the cores of one cluster. */
export function flatProfile(
  cycles: Partial<Record<keyof MachineProfile['cycles'], number>> = {},
  topology: Partial<ProfileTopology> = {},
): MachineProfile {
  const base = shippedProfile('skylake-104')
  const changed = Object.entries(cycles).map(([key, value]) => [key, { value, source: 'made up' }])
  return {
    ...base,
    name: 'flat',
    topology: {
      threadsPerCore: 1,
      coresPerCluster: 1024,
      clustersPerSocket: 1,
      sockets: 1,
      numbering: 'siblings-adjacent',
      source: 'made up',
      ...topology,
    },
    cycles: { ...base.cycles, ...Object.fromEntries(changed) },
  }
}

/** The scenario; undefined if the input breaks a rule between keys. */
function tryParse(input: ScenarioInput): Scenario | undefined {
  try {
    const scenario = parseScenario(input)
    strategyOf(scenario)
    return scenario
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

/** The raw form without a driver: every operation is performed at once, CPU after CPU. */
export function runRaw(machine: Machine, { strategy: id }: Scenario): void {
  const strategy = findRawStrategy(id)
  if (strategy === undefined) throw new Error(`no raw form of ${id}`)
  bindMachine(machine)
  for (let i = 0; i < machine.globals.NR_CPUS; i++) {
    const cpu = cpuAddress(i)
    bindLiveCpu({ cpu })
    rawCpuMain(cpu, strategy)
  }
}

export type TimedForm = 'conditional' | 'profiled'

export function programOf({ strategy: id }: Scenario, form: TimedForm): Program {
  const strategy = form === 'profiled' ? findProfiledStrategy(id) : findStrategy(id)
  if (strategy === undefined) throw new Error(`no ${form} form of ${id}`)
  const main = form === 'profiled' ? profiledCpuMain : cpuMain
  return (cpu) => main(cpu, strategy)
}

interface Timing extends Partial<SimulationOptions> {
  form?: TimedForm
  /** Tell the engine which lines are private; default true. */
  claims?: boolean
}

/** Runs the populated machine in virtual time, all CPUs from cycle 0 on. */
export function runTimed(machine: Machine, scenario: Scenario, timing: Timing = {}): Simulation {
  const { form = 'conditional', claims = true, ...options } = timing
  bindMachine(machine)
  return simulate(machine, {
    profile: shippedProfile('skylake-104'),
    program: programOf(scenario, form),
    prepare: () => {
      if (claims) claimLines(!hasReclaim(scenario))
    },
    startCycles: allAtOnce(machine.globals.NR_CPUS),
    cyclesMax: Number.MAX_SAFE_INTEGER,
    eventsMax: 1e9,
    ...options,
  })
}

function hasReclaim({ processes }: Scenario): boolean {
  return processes.some((group) => stepsOf(group).some(({ step }) => step.reclaim !== undefined))
}

export function countersOf(machine: Machine): Record<string, number> {
  return { ...collectCounters(machine), ...collectEvents(machine), ...collectVmstat(machine) }
}

export function expectSound(machine: Machine, census: Census): void {
  expect(verify(machine, census).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([])
}

/** A property of random scenarios, each under the next strategy; a failure says the scenario. */
export function checkRandom(
  inputs: fc.Arbitrary<ScenarioInput>,
  runs: number,
  check: (scenario: Scenario) => void,
): void {
  let ran = 0
  let turn = 0
  fc.assert(
    fc.property(inputs, (input) => {
      const strategy = STRATEGIES[turn++ % STRATEGIES.length]?.strategy.id ?? ''
      const scenario = tryParse({ ...input, strategy })
      fc.pre(scenario !== undefined)
      ran++
      try {
        check(scenario)
      } catch (error) {
        const text = scenarioToText(scenarioToInput(scenario))
        throw new Error(`${String(error)}\nscenario, for mmgather run:\n${text}`, { cause: error })
      }
    }),
    { seed: SEED, numRuns: runs, endOnFailure: true },
  )
  expect(ran).toBeGreaterThan(runs / 3)
}
