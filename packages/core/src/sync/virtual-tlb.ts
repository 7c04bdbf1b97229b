/**
 * TLB flushes in virtual time: the local invalidation, and the IPIs to the other CPUs in the mm's mask.
 *
 * On exit the CPUs are in lazy TLB mode: the first flush of a whole mm still reaches them, which then leave the mm, and
 * later ones of the same exit do not.
 */

import { NR_CPUS } from '../machine/globals.ts'
import { MM_CPUMASK, TASK_SIZE } from '../machine/layout.ts'
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
/** Address spaces in the course of an exit that all CPUs have left. */
let left: Set<number> = new Set()

export function bindVirtualTlb(tlbCosts: TlbCosts): void {
  costs = tlbCosts
  left = new Set()
}

/** flush_tlb_mm_range: true if the running CPU has to wait for other CPUs. */
export function flushTlbMmRange(
  mm: number,
  start: number,
  end: number,
  freedTables: number,
): boolean {
  const isExit = start === 0 && end === TASK_SIZE
  if (isExit && left.has(mm)) {
    // with its tables gone the exit is over, and the mm may be another process's
    if (freedTables !== 0) left.delete(mm)
    return false
  }
  if (isExit && freedTables === 0) left.add(mm)
  const pages = end - start
  const full = isExit || pages > PAGES_MAX
  chargeTo(ACCOUNT_IPI, full ? costs.flushAll : pages * costs.flushPage)
  if (costs.isBroadcast) return false
  const targets = otherCpusOf(mm)
  return targets.length > 0 && sendIpis(targets)
}

/** The CPUs in mm_cpumask beside the running one. */
function otherCpusOf(mm: number): number[] {
  const targets: number[] = []
  for (let first = 0; first < NR_CPUS; first += 32) {
    let bits = mem[mm + MM_CPUMASK + (first >> 5)] as number
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits)
      bits &= bits - 1
      if (first + bit !== self) targets.push(first + bit)
    }
  }
  return targets
}
