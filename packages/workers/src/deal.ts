/**
 * How many processes each CPU tore down.
 */

import {
  collectCpuCounters,
  collectCpuEvents,
  type Machine,
  type ProcessGroup,
  type Scenario,
} from '@mmgather/core'

/**
 * Dealt out: what the deal says. From the queue: read from the events, since every step of a teardown drains the CPU's
 * LRU batches once, besides once for each chunk of freed slots; exact if all processes have as many steps and each step
 * unmaps something, else rounded.
 */
export function processesOfCpu(machine: Machine, scenario: Scenario, cpu: number): number {
  const { NR_CPUS, NR_PROCESSES } = machine.globals
  if (scenario.machine.deal === 'static') {
    return Math.max(0, Math.ceil((NR_PROCESSES - cpu) / NR_CPUS))
  }
  const steps = scenario.processes.reduce(
    (sum, group) => sum + group.count * stepsOf(group, scenario),
    0,
  )
  const { freeChunks } = collectCpuCounters(machine, cpu)
  const drains =
    collectCpuEvents(machine, cpu).lruAddDrains - (scenario.machine.swap ? freeChunks : 0)
  return Math.round((drains * NR_PROCESSES) / Math.max(1, steps))
}

function stepsOf(group: ProcessGroup, scenario: Scenario): number {
  const teardown = group.teardown ?? scenario.teardown
  return teardown === 'exit' ? 1 : teardown.length
}
