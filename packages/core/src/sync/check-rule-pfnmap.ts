/**
 * Rule `pfnmap-flush`: the PTEs of a VMA of PFN mappings (VM_PFNMAP) that munmap has cleared are flushed before the VMA can be
 * unlinked (H-6, b67fbebd4cf9): unmap_mapping_range, which waits for nobody then, would not find it any more.
 *
 * Unlinking a VMA leaves no trace in the model; page tables are unhooked right behind it, and there it is looked at. An exit is
 * excepted: nobody runs in its mm any more (fullmm). Check text (docs/wasm.md).
 */

import { CPU_BASE, CPU_STRIDE } from '../machine/globals.ts'
import { PTE_PRESENT, PTE_SPECIAL, TLB_FULLMM, TLB_VMA_PFN } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { breakPfnmapFlush } from './check-break.ts'
import { isEntry, pointsToTable } from './check-rule-entries.ts'
import { PFNMAP_CLEARED, ruleWord, setRuleWord } from './check-rule-words.ts'

export function pfnmapStore(cpu: number, address: number, old: number, value: number): void {
  if ((old & PTE_PRESENT) === 0 || (value & PTE_PRESENT) !== 0 || !isEntry(address)) return
  const block = CPU_BASE + Math.imul(cpu, CPU_STRIDE)
  const cleared = ruleWord(PFNMAP_CLEARED)
  if ((old & PTE_SPECIAL) !== 0) {
    if (mem[block + TLB_VMA_PFN] !== 0) setRuleWord(PFNMAP_CLEARED, cleared | (1 << cpu))
    return
  }
  if ((cleared & (1 << cpu)) === 0 || mem[block + TLB_FULLMM] !== 0) return
  if (pointsToTable(old)) breakPfnmapFlush(cpu)
}

export function pfnmapFlushed(cpu: number): void {
  setRuleWord(PFNMAP_CLEARED, ruleWord(PFNMAP_CLEARED) & ~(1 << cpu))
}
