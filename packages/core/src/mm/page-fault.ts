/**
 * mm/memory.c: faults on private anonymous memory, from handle_mm_fault to do_anonymous_page. (Write faults on pages
 * that are there: wp-page.ts.)
 *
 * mmap_lock, the VMA's lock and anon_vma are not modelled: one CPU works on an mm. Entries that are neither a page nor
 * empty (swap, migration) do not fault here; a scenario that would need it is refused.
 *
 * Invariant: a PTE is set under the ptl of its table, with the mapping, the reference and the rss of its page.
 */

import { BUG_FAULT_ENTRY } from '../machine/bugs.ts'
import { E_PAGE_FAULTS, E_PTES_MAPPED } from '../machine/counters.ts'
import {
  MM_ANONPAGES,
  MM_RSS,
  PAGE_REFCOUNT,
  PT_CONTENT,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTE_WRITE,
  VMA_END,
  VMA_FAULT,
  VMA_FAULT_ORDER_MASK,
  VMA_START,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, pageToPfn } from '../machine/page.ts'
import { mkPte, pteIndex, ptePresent } from '../machine/pgtable.ts'
import { WORK_CLEAR_PAGE, WORK_PAGE_FAULT } from '../machine/work.ts'
import { atomicAdd, bugOn, doWork } from '../sync/live.ts'
import { allocAnonFolio, lockTable, PTE_WRITTEN, unlockTable } from './anon-page.ts'
import { folioAddLru } from './folio-batch.ts'
import { pmdAlloc, pteAlloc } from './pgtable-alloc.ts'
import { folioAddNewAnonRmap } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { countEvents } from './vmstat.ts'
import { doWpPage } from './wp-page.ts'

/** handle_mm_fault: makes one access to `addr` possible. */
export function handleMmFault(
  cpu: number,
  mm: number,
  vma: number,
  addr: number,
  write: boolean,
  strategy: Strategy,
): void {
  countEvents(cpu, E_PAGE_FAULTS, 1)
  doWork(WORK_PAGE_FAULT, 1)
  const table = pteAlloc(cpu, mm, vma, pmdAlloc(cpu, mm, vma, addr), addr)
  handlePteFault(cpu, mm, vma, table, addr, write, strategy)
}

/** handle_pte_fault */
function handlePteFault(
  cpu: number,
  mm: number,
  vma: number,
  table: number,
  addr: number,
  write: boolean,
  strategy: Strategy,
): void {
  const ptep = load(table + PT_CONTENT) + pteIndex(addr)
  const pte = load(ptep)
  if (pte === 0) {
    if (write) doAnonymousPage(cpu, mm, vma, table, addr)
    else mapZeroPage(cpu, table, ptep)
    return
  }
  bugOn(!ptePresent(pte), BUG_FAULT_ENTRY)
  lockTable(cpu, table)
  if (write && (pte & PTE_WRITE) === 0) doWpPage(cpu, mm, vma, table, addr, strategy)
  else unlockTable(table)
}

/** do_anonymous_page for a read: the shared zero page. */
function mapZeroPage(cpu: number, table: number, ptep: number): void {
  lockTable(cpu, table)
  store(ptep, mkPte(0, PTE_PRESENT | PTE_SPECIAL))
  unlockTable(table)
}

/** The order that the VMA asks for, if such a folio is aligned, inside the VMA and over empty PTEs; else 0. */
function faultOrder(vma: number, table: number, addr: number): number {
  const order = load(vma + VMA_FAULT) & VMA_FAULT_ORDER_MASK
  if (order === 0) return 0
  const nr = 1 << order
  const first = addr & ~(nr - 1)
  if (first < load(vma + VMA_START) || first + nr > load(vma + VMA_END)) return 0
  const ptes = load(table + PT_CONTENT) + pteIndex(first)
  for (let i = 0; i < nr; i++) {
    if (load(ptes + i) !== 0) return 0
  }
  return order
}

/** do_anonymous_page for a write: a new zeroed folio, mapped as a whole. */
function doAnonymousPage(cpu: number, mm: number, vma: number, table: number, addr: number): void {
  const folio = allocAnonFolio(cpu, vma, faultOrder(vma, table, addr))
  const nr = folioNrPages(folio, folioFlags(folio))
  doWork(WORK_CLEAR_PAGE, nr)
  const first = addr & ~(nr - 1)
  lockTable(cpu, table)
  if (nr > 1) atomicAdd(nr - 1, folio + PAGE_REFCOUNT)
  atomicAdd(nr, mm + MM_RSS + MM_ANONPAGES)
  folioAddNewAnonRmap(cpu, folio, nr, vma)
  folioAddLru(cpu, folio)
  // set_ptes
  const ptes = load(table + PT_CONTENT) + pteIndex(first)
  const pfn = pageToPfn(folio)
  for (let i = 0; i < nr; i++) store(ptes + i, mkPte(pfn + i, PTE_WRITTEN))
  countEvents(cpu, E_PTES_MAPPED, nr)
  unlockTable(table)
}
