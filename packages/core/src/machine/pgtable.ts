/**
 * Page table entries and the walk from an mm to them (include/linux/pgtable.h), x86-64 with four levels.
 *
 * Entries are one word: flags in the low byte, the PFN above (see layout.ts). A table's entry points are word
 * addresses inside its content; addresses of memory are virtual page numbers. Each PGD entry of an mm stands for
 * 512 GiB; the mm keeps only those that are in use, renumbered in order (see populate).
 */

import {
  MM_PGD,
  PGDIR_SHIFT,
  PMD_HUGE,
  PMD_SHIFT,
  PT_CONTENT,
  PTE_DIRTY,
  PTE_PFN_MASK,
  PTE_PFN_SHIFT,
  PTE_PRESENT,
  PTE_YOUNG,
  PUD_SHIFT,
  SWP_KIND_MASK,
} from './layout.ts'
import { load } from './memory.ts'
import { pfnToPage } from './page.ts'

export function ptePresent(pte: number): boolean {
  return (pte & PTE_PRESENT) !== 0
}

export function pteDirty(pte: number): boolean {
  return (pte & PTE_DIRTY) !== 0
}

export function pteYoung(pte: number): boolean {
  return (pte & PTE_YOUNG) !== 0
}

export function ptePfn(pte: number): number {
  return (pte >> PTE_PFN_SHIFT) & PTE_PFN_MASK
}

export function mkPte(pfn: number, flags: number): number {
  return (pfn << PTE_PFN_SHIFT) | flags
}

export function pmdTransHuge(pmd: number): boolean {
  return (pmd & PMD_HUGE) !== 0
}

/** The kind (SWP_*) of a non-present entry. */
export function swpKind(entry: number): number {
  return entry & SWP_KIND_MASK
}

/** The slot of a swap entry, or the PFN of an entry that refers to a page. */
export function swpOffset(entry: number): number {
  return (entry >> PTE_PFN_SHIFT) & PTE_PFN_MASK
}

/** The struct page of the table that an upper-level entry points to (pmd_pgtable, pud_page...). */
export function tablePage(entry: number): number {
  return pfnToPage(ptePfn(entry))
}

/** Address of the entries of the table that an upper-level entry points to. */
export function tableContent(entry: number): number {
  return load(tablePage(entry) + PT_CONTENT)
}

export function pgdOffset(mm: number, addr: number): number {
  return mm + MM_PGD + (addr >> PGDIR_SHIFT)
}

export function pudIndex(addr: number): number {
  return (addr >> PUD_SHIFT) & 511
}

export function pmdIndex(addr: number): number {
  return (addr >> PMD_SHIFT) & 511
}

export function pteIndex(addr: number): number {
  return addr & 511
}

/** The PMD entry of an address, 0 where a level above it is missing. */
export function walkToPmd(mm: number, addr: number): number {
  const pgd = load(pgdOffset(mm, addr))
  if (pgd === 0) return 0
  const pud = load(tableContent(pgd) + pudIndex(addr))
  if (pud === 0) return 0
  return load(tableContent(pud) + pmdIndex(addr))
}

/** What the hardware finds for an address: the PTE, 0 where a level of the tables is missing. */
export function walkPageTables(mm: number, addr: number): number {
  const pmd = walkToPmd(mm, addr)
  if (pmd === 0) return 0
  return load(tableContent(pmd) + pteIndex(addr))
}

/** pgd_addr_end, pud_addr_end, pmd_addr_end: the next boundary of 2^shift pages, or `end`. */
export function addrEnd(addr: number, end: number, shift: number): number {
  const boundary = ((addr >> shift) + 1) << shift
  return boundary < end ? boundary : end
}
