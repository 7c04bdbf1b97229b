/**
 * Which process a CPU tears down, as its per-CPU block says.
 */

import { CPU_CURRENT_MM, cpuBlock, type Machine } from '@mmgather/core'

/** Number of the process, -1 if the CPU is at none. */
export function currentProcess(machine: Machine, cpu: number): number {
  const { MM_BASE, MM_STRIDE } = machine.globals
  const mm = Atomics.load(machine.words, cpuBlock(machine, cpu) + CPU_CURRENT_MM)
  return mm === 0 ? -1 : (mm - MM_BASE) / MM_STRIDE
}
