/**
 * What entries of page tables are, as rules look at them.
 */

import { NR_PT, PT_BASE } from '../../../machine/globals.ts'
import {
  PAGE_FLAGS,
  PG_TYPE_HUGE_ZERO,
  PG_TYPE_MASK,
  PG_TYPE_RESERVED,
  PG_TYPE_TABLE,
  PMD_HUGE,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTRS_PER_PTE,
} from '../../../machine/layout.ts'
import { mem } from '../../../machine/memory.ts'
import { pfnToPage } from '../../../machine/page.ts'
import { ptePfn } from '../../../machine/pgtable.ts'

/** Is it a word of a page table? */
export function isEntry(address: number): boolean {
  return address >= PT_BASE && address < PT_BASE + NR_PT * PTRS_PER_PTE
}

/** Does the entry count as a PTE mapping of a page? */
export function mapsPage(entry: number): boolean {
  if ((entry & PTE_PRESENT) === 0 || (entry & (PTE_SPECIAL | PMD_HUGE)) !== 0) return false
  const type = typeOf(entry)
  return type !== PG_TYPE_TABLE && type !== PG_TYPE_RESERVED && type !== PG_TYPE_HUGE_ZERO
}

/** Does the entry point to a page table? */
export function pointsToTable(entry: number): boolean {
  if ((entry & PTE_PRESENT) === 0 || (entry & (PTE_SPECIAL | PMD_HUGE)) !== 0) return false
  return typeOf(entry) === PG_TYPE_TABLE
}

function typeOf(entry: number): number {
  return (mem[pfnToPage(ptePfn(entry)) + PAGE_FLAGS] as number) & PG_TYPE_MASK
}
