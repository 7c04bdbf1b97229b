/**
 * What all CPUs together have counted.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../globals.ts'
import { CONTROL, CPU_EVENTS, CPU_VMSTAT, CTL_VMSTAT_BASE } from '../layout.ts'
import { load } from '../memory.ts'

/** A counter of the run (E_*), over all CPUs. */
export function eventsOf(event: number): number {
  let sum = 0
  for (let i = 0; i < NR_CPUS; i++) sum += load(CPU_BASE + i * CPU_STRIDE + CPU_EVENTS + event)
  return sum
}

/** A vmstat item: as populate left it, plus the differences of all CPUs. */
export function vmstatOf(item: number): number {
  let sum = load(CONTROL + CTL_VMSTAT_BASE + item)
  for (let i = 0; i < NR_CPUS; i++) sum += load(CPU_BASE + i * CPU_STRIDE + CPU_VMSTAT + item)
  return sum
}
