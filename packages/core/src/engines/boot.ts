/**
 * From a scenario to a machine with processes in it, and from there to the end of its teardown on one thread.
 *
 * The strategy that a scenario names fixes some sizes (slots, batches), so machines are made here, above `mm/`.
 */

import type { SharedMemory } from '../lib/shared-memory.ts'
import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../machine/globals.ts'
import type { Census } from '../machine/census.ts'
import { type KernelParameters, limitsOf, type Limits } from '../machine/limits.ts'
import { allocateMachine, bindMachine, type Machine } from '../machine/machine.ts'
import { populateMachine } from '../machine/populate/populate.ts'
import { findStrategy, STRATEGIES } from '../mm/strategies/index.ts'
import type { Strategy } from '../mm/strategy.ts'
import { ScenarioError } from '../scenario/errors.ts'
import { formatPath } from '../scenario/path.ts'
import { stepsOf } from '../scenario/program.ts'
import type { Scenario, Vma } from '../scenario/scenario.ts'
import { bindLiveCpu } from '../sync/live-cpu.ts'
import { cpuMain } from '../kernel/exit.ts'

/** The strategy that a scenario names. Throws ScenarioError if there is none, or if its kernel could not have such folios. */
export function strategyOf(scenario: Scenario): Strategy {
  const strategy = findStrategy(scenario.strategy)
  if (strategy === undefined) {
    throw new ScenarioError([
      {
        path: 'strategy',
        message: 'unknown strategy',
        value: scenario.strategy,
        allowed: STRATEGIES.map((s) => s.strategy.id).join(', '),
      },
    ])
  }
  checkScenario(scenario, strategy)
  return strategy
}

/** What the scenario's kernel fixes: by the strategy that is given, or by the one that the scenario names. */
function kernelOf(scenario: Scenario, given: KernelParameters | undefined): KernelParameters {
  if (given === undefined) return strategyOf(scenario)
  checkScenario(scenario, given)
  return given
}

/** What a scenario may not ask of this kernel. */
function checkScenario(scenario: Scenario, strategy: KernelParameters): void {
  checkAnonOrders(scenario, strategy)
  checkBatches(scenario, strategy)
}

/** Records of two slots need batches that can hold one. */
function checkBatches({ tunables }: Scenario, strategy: KernelParameters): void {
  if (strategy.batchPtes === 0) return
  for (const key of ['mmuGatherBundle', 'maxGatherBatch'] as const) {
    const value = tunables[key]
    if (value === undefined || value >= 2) continue
    throw new ScenarioError([
      {
        path: `tunables.${key}`,
        message: `a record of ${strategy.id} may take two slots`,
        value,
        allowed: '2 or more',
      },
    ])
  }
}

/** Before 6.9 an anonymous folio of order 1 could not be on a deferred split queue, so there were none. */
function checkAnonOrders(scenario: Scenario, strategy: KernelParameters): void {
  const tooSmall = (order: number): boolean => order > 0 && order < strategy.largeAnonOrderMin
  const refuse = (path: string, order: number): never => {
    throw new ScenarioError([
      {
        path,
        message: `anonymous folios of order ${order} do not exist in ${strategy.id} (the deferred split list lies in page[2])`,
        value: order,
        allowed: `0, or ${strategy.largeAnonOrderMin} to 10`,
      },
    ])
  }
  // of a program's faults
  scenario.processes.forEach((group, g) =>
    stepsOf(group).forEach(({ step, path }) => {
      const order = step.mmap?.order ?? 0
      const place = formatPath(['processes', g, ...path, 'mmap', 'order'])
      if (tooSmall(order)) refuse(place, order)
    }),
  )
  const checkVma = (vma: Vma, path: string): void => {
    if (vma.kind !== 'anon' || vma.runs !== undefined) return
    vma.folios.forEach((part, i) => {
      if (tooSmall(part.order)) refuse(`${path}.folios[${i}].order`, part.order)
    })
  }
  scenario.processes.forEach((group, g) =>
    group.vmas.forEach((vma, v) => checkVma(vma, `processes[${g}].vmas[${v}]`)),
  )
  scenario.folios.forEach((named, i) => {
    if (named.kind === 'anon' && tooSmall(named.order)) refuse(`folios[${i}].order`, named.order)
  })
}

/**
 * Capacities of a scenario's machine. `kernel`: of a strategy that does not ship, here and below. Throws LimitsError if it
 * does not fit, ScenarioError for its strategy (unknown, or its kernel could not have such folios).
 */
export function scenarioLimits(scenario: Scenario, kernel?: KernelParameters): Limits {
  return limitsOf(scenario, kernelOf(scenario, kernel))
}

/**
 * Makes the machine of a scenario, empty. Throws LimitsError (with the numbers) if it would not fit, ScenarioError if
 * the strategy is unknown, RangeError if the system refuses the memory.
 * @param memory - of a machine that is no longer used, to be used again; given the bytes that are needed.
 */
export function createMachine(
  scenario: Scenario,
  kernel?: KernelParameters,
  memory?: (bytes: number) => SharedMemory,
): Machine {
  const limits = scenarioLimits(scenario, kernel)
  return allocateMachine(limits, memory?.(limits.totalWords * Int32Array.BYTES_PER_ELEMENT))
}

/** Builds the scenario's processes in its machine, anew at each call; returns what the machine's words do not tell. */
export function populate(machine: Machine, scenario: Scenario, kernel?: KernelParameters): Census {
  return populateMachine(machine, scenario, kernelOf(scenario, kernel))
}

/** Address of a CPU's block in the bound machine. */
export function cpuAddress(cpu: number): number {
  return CPU_BASE + cpu * CPU_STRIDE
}

/**
 * Runs every CPU's processes on this thread, CPU after CPU: exact counts without threads. Throws KernelBugError if an
 * assertion of the kernel text fails.
 */
export function runOneCpu(machine: Machine, strategy: Strategy): void {
  bindMachine(machine)
  for (let i = 0; i < NR_CPUS; i++) {
    bindLiveCpu({ cpu: cpuAddress(i) })
    cpuMain(cpuAddress(i), strategy)
  }
}
