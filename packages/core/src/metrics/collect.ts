/**
 * Reads what a run left in the per-CPU words of a machine: counters, further events, vmstat differences.
 *
 * Only reads, with no clock. Call it while no CPU runs for exact figures; during a run each word is a valid count of
 * some moment, but words of different CPUs are not of the same one. Counts are exact below 2^32 for each CPU.
 */

import {
  COUNTER_KEYS,
  type CounterKey,
  E_IRQS_OFF_SLOTS_MAX,
  EVENT_KEYS,
  type EventKey,
  NR_COUNTERS,
  VMSTAT_KEYS,
  type VmstatKey,
} from '../machine/counters.ts'
import { CPU_EVENTS, CPU_PROCESSES, CPU_VMSTAT } from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'

/** Address of the per-CPU block of CPU `cpu`. */
export function cpuBlock(machine: Machine, cpu: number): number {
  return machine.globals.CPU_BASE + cpu * machine.globals.CPU_STRIDE
}

/** The counters of one CPU. */
export function collectCpuCounters(machine: Machine, cpu: number): Record<CounterKey, number> {
  const at = cpuBlock(machine, cpu) + CPU_EVENTS
  return record(COUNTER_KEYS, (i) => word(machine, at + i) >>> 0)
}

/** The further events of one CPU. */
export function collectCpuEvents(machine: Machine, cpu: number): Record<EventKey, number> {
  const at = cpuBlock(machine, cpu) + CPU_EVENTS + NR_COUNTERS
  return record(EVENT_KEYS, (i) => word(machine, at + i) >>> 0)
}

/** The counters, summed over all CPUs. */
export function collectCounters(machine: Machine): Record<CounterKey, number> {
  return record(COUNTER_KEYS, (i) =>
    sumOverCpus(machine, (cpu) => word(machine, cpu + CPU_EVENTS + i) >>> 0),
  )
}

/** The further events, summed over all CPUs; `irqsOffSlotsMax` is the largest of any CPU. */
export function collectEvents(machine: Machine): Record<EventKey, number> {
  return record(EVENT_KEYS, (i) => {
    const event = NR_COUNTERS + i
    const read = (cpu: number): number => word(machine, cpu + CPU_EVENTS + event) >>> 0
    return event === E_IRQS_OFF_SLOTS_MAX
      ? Math.max(...cpuBlocks(machine).map(read))
      : sumOverCpus(machine, read)
  })
}

/** What the run changed of each vmstat item: may be negative. */
export function collectVmstat(machine: Machine): Record<VmstatKey, number> {
  return record(VMSTAT_KEYS, (i) =>
    sumOverCpus(machine, (cpu) => word(machine, cpu + CPU_VMSTAT + i)),
  )
}

/** The addresses of all per-CPU blocks. */
export function cpuBlocks(machine: Machine): number[] {
  return Array.from({ length: machine.globals.NR_CPUS }, (_, cpu) => cpuBlock(machine, cpu))
}

function sumOverCpus(machine: Machine, read: (cpu: number) => number): number {
  let sum = 0
  for (let cpu = 0; cpu < machine.globals.NR_CPUS; cpu++) sum += read(cpuBlock(machine, cpu))
  return sum
}

function word(machine: Machine, address: number): number {
  return machine.words[address] ?? 0
}

function record<Key extends string>(
  keys: readonly Key[],
  read: (index: number) => number,
): Record<Key, number> {
  return Object.fromEntries(keys.map((key, i) => [key, read(i)])) as Record<Key, number>
}

/** Processes that a CPU has torn down. */
export function collectProcesses(machine: Machine, cpu: number): number {
  return machine.words[cpuBlock(machine, cpu) + CPU_PROCESSES] as number
}
