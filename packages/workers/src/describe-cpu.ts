/**
 * What a CPU is doing, in words, read from the words it left in the shared buffer: works on dead CPUs as well.
 */

import { collectCpuCounters, collectCpuEvents, type Machine, type Scenario } from '@mmgather/core'

import { currentProcess } from './current-process.ts'
import { CPU_AT_BARRIER, CPU_FINISHED, CPU_RUNNING, cpuState } from './cpu-state.ts'
import { readLog } from './log-ring.ts'
import { type Doing, formatDoing } from './stack-names.ts'

/**
 * For instance "tearing down process 3 (worker), after 12 visits of page tables and 6144 cleared PTEs".
 * @param doing - what it was in, if the CPU could tell.
 */
export function describeCpu(
  machine: Machine,
  scenario: Scenario,
  cpu: number,
  doing?: Doing,
): string {
  const stack = doing === undefined ? '' : formatDoing(doing)
  switch (cpuState(machine, cpu)) {
    case CPU_AT_BARRIER:
      return `at the start barrier${stack}`
    case CPU_RUNNING:
      return `${describeWork(machine, scenario, cpu)}${stack}`
    case CPU_FINISHED:
      return currentProcess(machine, cpu) < 0
        ? 'done with its processes'
        : `${describeWork(machine, scenario, cpu)}${stack}`
    default:
      return 'before the start'
  }
}

function describeWork(machine: Machine, scenario: Scenario, cpu: number): string {
  const process = currentProcess(machine, cpu)
  if (process < 0) return 'between two processes'
  const { zapPteRangeCalls } = collectCpuEvents(machine, cpu)
  const { ptesCleared, foliosFreed } = collectCpuCounters(machine, cpu)
  const counts = `${zapPteRangeCalls} visits of page tables, ${ptesCleared} PTEs cleared, ${foliosFreed} folios freed by this CPU`
  return `tearing down process ${process} (${processName(scenario, process)}): ${counts}`
}

/** The name of the process group that process number `process` belongs to. */
function processName(scenario: Scenario, process: number): string {
  let first = 0
  for (const group of scenario.processes) {
    if (process < first + group.count) return group.name
    first += group.count
  }
  return 'unknown'
}

/** The last thing a CPU logged: "last logged: started, 12 ms after it arrived"; '' if it logged nothing. */
export function describeLog(machine: Machine, cpu: number): string {
  const records = readLog(machine, cpu)
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return ''
  const ms = Math.round((last.timeUs - first.timeUs) / 1000)
  return `last logged: ${last.event}, ${ms} ms after it ${first.event}`
}
