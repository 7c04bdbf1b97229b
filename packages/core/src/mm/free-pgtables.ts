/**
 * mm/memory.c: free_pgtables, free_pgd_range down to free_pte_range.
 *
 * Tables are freed for groups of neighbouring VMAs in address order: PTE tables ascending, then the PMD page, then the
 * PUD page. `floor` and `ceiling` are the ends of the VMAs that stay on either side: a table is freed only if its whole
 * range lies between them.
 */

import { BUG_TABLE_NOT_FOUND } from '../machine/bugs.ts'
import { TABLE_FREE } from '../machine/globals.ts'
import {
  CLEARED_P4DS,
  CLEARED_PMDS,
  CLEARED_PUDS,
  PGDIR_SHIFT,
  PMD_HUGE,
  PMD_SHIFT,
  PUD_SHIFT,
  TLB_CLEARED,
  TLB_FREED_TABLES,
  TLB_MM,
  VMA_END,
  VMA_NEXT,
  VMA_START,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import {
  addrEnd,
  pgdOffset,
  pmdIndex,
  pudIndex,
  tableContent,
  tablePage,
} from '../machine/pgtable.ts'
import { bugOn } from '../sync/live.ts'
import { tlbFlushMmu, tlbRemovePage } from './mmu-gather.ts'
import { accountTableFreed, pgtablePageDtor, tlbRemoveTable } from './page-table.ts'
import type { Strategy } from './strategy.ts'
import { tlbAdjustRange } from './tlb.ts'

const PMD_SIZE = 1 << PMD_SHIFT

/**
 * free_pgtables: the tables under the VMAs from `first` on that start below `end`. Nearby VMAs are gathered into one
 * call down.
 */
export function freePgtables(
  cpu: number,
  first: number,
  end: number,
  floor: number,
  ceiling: number,
  strategy: Strategy,
): void {
  let vma = first
  while (vma !== 0 && load(vma + VMA_START) < end) {
    const addr = load(vma + VMA_START)
    let last = vma
    let next = nextVma(vma, end)
    while (next !== 0 && load(next + VMA_START) <= load(last + VMA_END) + PMD_SIZE) {
      last = next
      next = nextVma(next, end)
    }
    const top = next !== 0 ? load(next + VMA_START) : ceiling
    freePgdRange(cpu, addr, load(last + VMA_END), floor, top, strategy)
    vma = next
  }
}

/** The next VMA, 0 if it lies beyond what is unmapped. */
function nextVma(vma: number, end: number): number {
  const next = load(vma + VMA_NEXT)
  if (next === 0 || load(next + VMA_START) >= end) return 0
  return next
}

/** free_pgd_range. A ceiling of TASK_SIZE stands for the kernel's 0: nothing above. */
function freePgdRange(
  cpu: number,
  start: number,
  last: number,
  floor: number,
  top: number,
  strategy: Strategy,
): void {
  let addr = start & ~(PMD_SIZE - 1)
  if (addr < floor) addr = addr + PMD_SIZE
  const ceiling = top & ~(PMD_SIZE - 1)
  let end = last
  if (end > ceiling) end = end - PMD_SIZE
  if (addr >= end) return
  const mm = load(cpu + TLB_MM)
  while (addr < end) {
    const next = addrEnd(addr, end, PGDIR_SHIFT)
    const pgd = load(pgdOffset(mm, addr))
    if (pgd !== 0) freePudRange(cpu, mm, pgd, addr, next, floor, ceiling, strategy)
    // the folded P4D level (p4d_free_tlb) marks freed_tables even if nothing was ever mapped here
    if (tableUnused(addr, next, floor, ceiling, PGDIR_SHIFT)) {
      tlbAdjustRange(cpu, (addr >> PGDIR_SHIFT) << PGDIR_SHIFT, 1)
      store(cpu + TLB_FREED_TABLES, 1)
    }
    addr = next
  }
}

/** Does the table of 2^shift pages around [addr, end) lie between floor and ceiling? */
function tableUnused(
  addr: number,
  end: number,
  floor: number,
  ceiling: number,
  shift: number,
): boolean {
  const start = (addr >> shift) << shift
  if (start < floor) return false
  const top = (ceiling >> shift) << shift
  return end <= top
}

/** free_pud_range, and free_p4d_range folded into it. */
function freePudRange(
  cpu: number,
  mm: number,
  pgd: number,
  start: number,
  end: number,
  floor: number,
  ceiling: number,
  strategy: Strategy,
): void {
  const puds = tableContent(pgd)
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PUD_SHIFT)
    const pudp = puds + pudIndex(addr)
    if (load(pudp) !== 0) freePmdRange(cpu, mm, pudp, addr, next, floor, ceiling, strategy)
    addr = next
  }
  if (!tableUnused(start, end, floor, ceiling, PGDIR_SHIFT)) return
  store(pgdOffset(mm, start), 0)
  accountTableFreed(cpu, mm, false, true)
  freeTlb(cpu, tablePage(pgd), (start >> PGDIR_SHIFT) << PGDIR_SHIFT, CLEARED_P4DS, strategy)
}

/** free_pmd_range */
function freePmdRange(
  cpu: number,
  mm: number,
  pudp: number,
  start: number,
  end: number,
  floor: number,
  ceiling: number,
  strategy: Strategy,
): void {
  const pud = load(pudp)
  const pmds = tableContent(pud)
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PMD_SHIFT)
    const pmdp = pmds + pmdIndex(addr)
    if (load(pmdp) !== 0) freePteRange(cpu, mm, pmdp, addr, strategy)
    addr = next
  }
  if (!tableUnused(start, end, floor, ceiling, PUD_SHIFT)) return
  store(pudp, 0)
  accountTableFreed(cpu, mm, false, false)
  freeTlb(cpu, tablePage(pud), (start >> PUD_SHIFT) << PUD_SHIFT, CLEARED_PUDS, strategy)
}

/** free_pte_range */
function freePteRange(
  cpu: number,
  mm: number,
  pmdp: number,
  addr: number,
  strategy: Strategy,
): void {
  const pmd = load(pmdp)
  bugOn((pmd & PMD_HUGE) !== 0, BUG_TABLE_NOT_FOUND)
  store(pmdp, 0)
  accountTableFreed(cpu, mm, true, false)
  freeTlb(cpu, tablePage(pmd), addr, CLEARED_PMDS, strategy)
}

/** pte_free_tlb, pmd_free_tlb, pud_free_tlb: the range grows, freed_tables is set, the page is queued. */
function freeTlb(
  cpu: number,
  table: number,
  addr: number,
  cleared: number,
  strategy: Strategy,
): void {
  tlbAdjustRange(cpu, addr, 1)
  store(cpu + TLB_CLEARED, load(cpu + TLB_CLEARED) | cleared)
  store(cpu + TLB_FREED_TABLES, 1)
  pgtablePageDtor(cpu, table)
  if (TABLE_FREE === 0) tlbRemovePage(cpu, table, strategy)
  else if (tlbRemoveTable(cpu, table)) tlbFlushMmu(cpu, strategy)
}
