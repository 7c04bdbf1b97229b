/**
 * Rule `pfnmap-flush`: the PTEs of a VMA of PFN mappings (VM_PFNMAP) that munmap has cleared are flushed before the VMA can be
 * unlinked (H-6, b67fbebd4cf9): unmap_mapping_range, which waits for nobody then, would not find it any more.
 *
 * Unlinking a VMA leaves no trace in the model; page tables are unhooked right behind it, and there it is looked at. An exit is
 * excepted: nobody runs in its mm any more (fullmm).
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../../../machine/globals.ts'
import { PTE_PRESENT, PTE_SPECIAL, TLB_FULLMM, TLB_VMA_PFN } from '../../../machine/layout.ts'
import { mem } from '../../../machine/memory.ts'
import { breakRule } from '../rule-error.ts'
import type { Watcher } from '../watcher.ts'
import { isEntry, pointsToTable } from './entries.ts'

export class PfnmapFlushRule implements Watcher {
  /** By CPU: has it cleared PTEs of PFN mappings that are not flushed? By bit. */
  state = 0

  store(cpu: number, address: number, old: number, value: number): void {
    if (!isEntry(address) || cpu >= NR_CPUS) return
    const block = CPU_BASE + cpu * CPU_STRIDE
    if ((old & PTE_PRESENT) === 0 || (value & PTE_PRESENT) !== 0) return
    if ((old & PTE_SPECIAL) !== 0) {
      if (mem[block + TLB_VMA_PFN] !== 0) this.state |= 1 << cpu
      return
    }
    if ((this.state & (1 << cpu)) === 0 || mem[block + TLB_FULLMM] !== 0) return
    if (pointsToTable(old))
      breakRule(
        'pfnmap-flush',
        `CPU ${cpu} unhooks a page table behind a VMA of PFN mappings, and PTEs of it that it cleared are not flushed`,
      )
  }

  flushed(cpu: number): void {
    this.state &= ~(1 << cpu)
  }
}
