/**
 * TLB flushes in virtual time: the local invalidation, and the IPIs to the other CPUs in the mm's mask.
 *
 * On exit the CPUs are in lazy TLB mode: the first flush of a whole mm still reaches them, which then leave the mm, and
 * later ones of the same exit do not. Virtual text (docs/wasm.md).
 */

import { MM_BASE, MM_STRIDE, NR_CHILD_MMS, NR_PROCESSES } from '../machine/globals.ts'
import { TASK_SIZE } from '../machine/layout.ts'
import type { ArraySource } from './array-source.ts'
import { ACCOUNT_IPI, chargeTo, type Cycles } from './virtual-clock.ts'
import { TLB_BROADCAST, TLB_FLUSH_ALL, TLB_FLUSH_PAGE } from './virtual-costs.ts'
import { sendIpis } from './virtual-interrupts.ts'

/** tlb_single_page_flush_ceiling (x86) */
const PAGES_MAX = 33

/** By mm: 1, in the course of an exit that all CPUs have left. */
let leftMms: Int16Array = new Int16Array(0)

export function bindVirtualTlb(arrays: ArraySource): void {
  leftMms = arrays.int16('leftMms', NR_PROCESSES + NR_CHILD_MMS)
}

/** flush_tlb_mm_range: true if the running CPU has to wait for other CPUs. */
export function flushTlbMmRange(
  mm: number,
  start: number,
  end: number,
  freedTables: number,
): boolean {
  const isExit = start === 0 && end === TASK_SIZE
  const at = ((mm - MM_BASE) / MM_STRIDE) | 0
  if (isExit && leftMms[at] !== 0) {
    // with its tables gone the exit is over, and the mm may be another process's
    if (freedTables !== 0) leftMms[at] = 0
    return false
  }
  if (isExit && freedTables === 0) leftMms[at] = 1
  const pages: Cycles = end - start
  const full = isExit || pages > PAGES_MAX
  chargeTo(ACCOUNT_IPI, full ? TLB_FLUSH_ALL : pages * TLB_FLUSH_PAGE)
  return TLB_BROADCAST === 0 && sendIpis(mm)
}
