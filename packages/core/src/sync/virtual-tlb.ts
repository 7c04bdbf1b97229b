/**
 * TLB flushes in virtual time: the local invalidation, and the IPIs to the other CPUs that run the mm.
 *
 * A CPU is in mm_cpumask while it runs a process of the mm. On exit the task is in lazy TLB mode: the first flush of a
 * whole mm still reaches this CPU, which then leaves the mm, and later ones do not.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../machine/globals.ts'
import { CPU_CURRENT_MM, TASK_SIZE } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { ACCOUNT_IPI, chargeTo, self } from './virtual-clock.ts'
import { sendIpis } from './virtual-interrupts.ts'

/** tlb_single_page_flush_ceiling (x86) */
const PAGES_MAX = 33

export interface TlbCosts {
  readonly flushPage: number
  readonly flushAll: number
  /** The invalidation reaches all CPUs by itself: no IPIs. */
  readonly isBroadcast: boolean
}

let costs: TlbCosts = { flushPage: 0, flushAll: 0, isBroadcast: false }
/** By CPU: the mm that it has left for lazy TLB mode. */
let lazyMm: Int32Array = new Int32Array(0)

export function bindVirtualTlb(tlbCosts: TlbCosts): void {
  costs = tlbCosts
  lazyMm = new Int32Array(NR_CPUS)
}

/** flush_tlb_mm_range: true if the running CPU has to wait for other CPUs. */
export function flushTlbMmRange(
  mm: number,
  start: number,
  end: number,
  _freedTables: number,
): boolean {
  const isExit = start === 0 && end === TASK_SIZE
  if (lazyMm[self] !== mm) {
    const pages = end - start
    const full = isExit || pages > PAGES_MAX
    chargeTo(ACCOUNT_IPI, full ? costs.flushAll : pages * costs.flushPage)
  }
  if (isExit) lazyMm[self] = mm
  if (costs.isBroadcast) return false
  const targets: number[] = []
  for (let cpu = 0; cpu < NR_CPUS; cpu++) {
    if (cpu === self || lazyMm[cpu] === mm) continue
    if (mem[CPU_BASE + cpu * CPU_STRIDE + CPU_CURRENT_MM] === mm) targets.push(cpu)
  }
  return targets.length > 0 && sendIpis(targets)
}
