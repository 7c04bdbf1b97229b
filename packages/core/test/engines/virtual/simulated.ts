/** Runs a scenario in one of its forms, with the figures of the simulation, for the tests of the virtual engine. */
import {
  cpuAddress,
  createMachine,
  populate,
  runOneCpu,
  strategyOf,
} from '../../../src/engines/boot.ts'
import { claimLines } from '../../../src/engines/virtual/line-users.ts'
import type { MachineProfile } from '../../../src/engines/virtual/profile.ts'
import { findProfile } from '../../../src/engines/virtual/profiles.ts'
import { simulate, type Simulation } from '../../../src/engines/virtual/simulation.ts'
import { cpuMain } from '../../../src/generated/conditional/kernel/exit.ts'
import { findStrategy } from '../../../src/generated/conditional/mm/strategies/index.ts'
import { cpuMain as profiledMain } from '../../../src/generated/profiled/kernel/exit.ts'
import { findStrategy as findProfiled } from '../../../src/generated/profiled/mm/strategies/index.ts'
import { cpuMain as rawMain } from '../../../src/generated/raw/kernel/exit.ts'
import { findStrategy as findRaw } from '../../../src/generated/raw/mm/strategies/index.ts'
import { bindMachine, type Machine } from '../../../src/machine/machine.ts'
import { verify } from '../../../src/machine/verify/verify.ts'
import type { Census } from '../../../src/machine/census.ts'
import { collectCounters } from '../../../src/metrics/collect.ts'
import type { CounterKey } from '../../../src/machine/counters.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'
import { perform } from '../../../src/sync/check.ts'
import { bindLiveCpu } from '../../../src/sync/live-cpu.ts'

const PROFILE = findProfile('skylake-104') as MachineProfile

interface Left {
  readonly machine: Machine
  readonly census: Census
  readonly counters: Record<CounterKey, number>
}

interface Simulated extends Left {
  readonly simulation: Simulation
}

/** What `run` leaves of a new machine with the scenario's processes. */
function leftBy(scenario: Scenario, run: (machine: Machine) => void): Left {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  bindMachine(machine)
  run(machine)
  bindMachine(machine)
  const violations = verify(machine, census)
  if (violations.length > 0)
    throw new Error(violations.map(({ rule, message }) => `${rule}: ${message}`).join('; '))
  return { machine, census, counters: collectCounters(machine) }
}

export function runLive(scenario: Scenario): Left {
  return leftBy(scenario, (machine) => {
    runOneCpu(machine, strategyOf(scenario))
  })
}

/** Every CPU to its end, one after the other: performs what the raw form announces. */
export function runRaw(scenario: Scenario): Left {
  const strategy = findRaw(scenario.strategy)
  if (strategy === undefined) throw new Error(`no strategy ${scenario.strategy}`)
  return leftBy(scenario, () => {
    for (let cpu = 0; cpu < scenario.machine.cpus; cpu++) {
      bindLiveCpu({ cpu: cpuAddress(cpu) })
      const steps = rawMain(cpuAddress(cpu), strategy)
      for (let step = steps.next(); step.done !== true; ) step = steps.next(perform(step.value))
    }
  })
}

interface RunOptions {
  readonly form?: 'conditional' | 'profiled'
  /** Tell the lines who uses them; default true. */
  readonly claims?: boolean
  readonly profile?: MachineProfile
  readonly startCycles?: Float64Array
}

export function runSimulated(scenario: Scenario, options: RunOptions = {}): Simulated {
  const { form = 'conditional', claims = true, profile = PROFILE } = options
  const startCycles = options.startCycles ?? new Float64Array(scenario.machine.cpus)
  const strategy =
    form === 'conditional' ? findStrategy(scenario.strategy) : findProfiled(scenario.strategy)
  if (strategy === undefined) throw new Error(`no strategy ${scenario.strategy}`)
  const main = form === 'conditional' ? cpuMain : profiledMain
  let simulation: Simulation | undefined
  const left = leftBy(scenario, (machine) => {
    simulation = simulate(machine, {
      profile,
      program: (cpu) => main(cpu, strategy),
      ...(claims ? { prepare: () => claimLines(true) } : {}),
      startCycles,
      cyclesMax: Infinity,
      eventsMax: Infinity,
    })
  })
  if (simulation?.end.kind !== 'completed') throw new Error(JSON.stringify(simulation?.end))
  return { ...left, simulation }
}
