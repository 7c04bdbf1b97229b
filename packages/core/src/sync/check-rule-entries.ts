/**
 * What entries of page tables are, as rules look at them, and where PTE tables lie in address spaces.
 *
 * Where tables lie is read from the page tables as they are, and kept while no upper level changes. Check text (docs/wasm.md).
 * Invariant: a version of the upper levels is never given again, so that one that an execution goes back to is still known.
 */

import {
  MM_BASE,
  MM_STRIDE,
  NR_CHILD_MMS,
  NR_PROCESSES,
  NR_PT,
  PT_BASE,
} from '../machine/globals.ts'
import {
  MM_PGD,
  PAGE_FLAGS,
  PG_TYPE_HUGE_ZERO,
  PG_TYPE_MASK,
  PG_TYPE_RESERVED,
  PG_TYPE_TABLE,
  PGDIR_SHIFT,
  PMD_HUGE,
  PMD_SHIFT,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTRS_PER_PGD,
  PTRS_PER_PTE,
  PUD_SHIFT,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { pfnToPage } from '../machine/page.ts'
import { ptePfn, tableContent } from '../machine/pgtable.ts'
import type { ArraySource } from './array-source.ts'
import { ruleWord, setRuleWord, TABLES_VERSION } from './check-rule-words.ts'
import { checkState, KNOWN_TABLES, NEXT_TABLES } from './check-state.ts'

/** By page table: the version in which it was found, the mm, and the address of its first entry, in pages. */
let tableVersions: Int32Array = new Int32Array(0)
let tableMms: Int32Array = new Int32Array(0)
let tableStarts: Int32Array = new Int32Array(0)

export function bindTables(tables: number, arrays: ArraySource): void {
  tableVersions = arrays.int32('tableVersions', tables)
  tableMms = arrays.int32('tableMms', tables)
  tableStarts = arrays.int32('tableStarts', tables)
}

/** Is it a word of a page table? */
export function isEntry(address: number): boolean {
  return address >= PT_BASE && address < PT_BASE + NR_PT * PTRS_PER_PTE
}

function typeOf(entry: number): number {
  return (mem[pfnToPage(ptePfn(entry)) + PAGE_FLAGS] as number) & PG_TYPE_MASK
}

function isPlainPresent(entry: number): boolean {
  return (entry & PTE_PRESENT) !== 0 && (entry & (PTE_SPECIAL | PMD_HUGE)) === 0
}

/** Does the entry count as a PTE mapping of a page? */
export function mapsPage(entry: number): boolean {
  if (!isPlainPresent(entry)) return false
  const type = typeOf(entry)
  return type !== PG_TYPE_TABLE && type !== PG_TYPE_RESERVED && type !== PG_TYPE_HUGE_ZERO
}

/** Does the entry point to a page table? */
export function pointsToTable(entry: number): boolean {
  return isPlainPresent(entry) && typeOf(entry) === PG_TYPE_TABLE
}

/** The first entry of the table that an entry is in. */
export function tableOfEntry(address: number): number {
  return address - ((address - PT_BASE) % PTRS_PER_PTE)
}

/** An entry of an upper level changes. */
export function tablesChange(): void {
  const version = (checkState[NEXT_TABLES] as number) + 1
  checkState[NEXT_TABLES] = version
  setRuleWord(TABLES_VERSION, version)
}

/** The mm that the PTE table with this content is in; 0: none is known. */
export function mmOfTable(content: number): number {
  const table = knownTable(content)
  return table < 0 ? 0 : (tableMms[table] as number)
}

/** The address of its first entry, in pages. */
export function startOfTable(content: number): number {
  const table = knownTable(content)
  return table < 0 ? 0 : (tableStarts[table] as number)
}

function knownTable(content: number): number {
  const version = ruleWord(TABLES_VERSION) + 1
  const table = numberOf(content)
  // a change of a pgd makes no version
  if (checkState[KNOWN_TABLES] !== version || tableVersions[table] !== version) findTables(version)
  return tableVersions[table] === version ? table : -1
}

function numberOf(content: number): number {
  return ((content - PT_BASE) / PTRS_PER_PTE) | 0
}

/** Finds the PTE tables of all address spaces. */
function findTables(version: number): void {
  checkState[KNOWN_TABLES] = version
  for (let i = 0; i < NR_PROCESSES + NR_CHILD_MMS; i++) {
    const mm = MM_BASE + Math.imul(i, MM_STRIDE)
    for (let g = 0; g < PTRS_PER_PGD; g++) {
      const pgd = mem[mm + MM_PGD + g] as number
      if (pgd !== 0) findBelowPgd(version, mm, tableContent(pgd), g << PGDIR_SHIFT)
    }
  }
}

function findBelowPgd(version: number, mm: number, puds: number, start: number): void {
  for (let u = 0; u < PTRS_PER_PTE; u++) {
    const pud = mem[puds + u] as number
    if (pointsToTable(pud)) findBelowPud(version, mm, tableContent(pud), start + (u << PUD_SHIFT))
  }
}

function findBelowPud(version: number, mm: number, pmds: number, start: number): void {
  for (let m = 0; m < PTRS_PER_PTE; m++) {
    const pmd = mem[pmds + m] as number
    if (!pointsToTable(pmd)) continue
    const table = numberOf(tableContent(pmd))
    tableVersions[table] = version
    tableMms[table] = mm
    tableStarts[table] = start + (m << PMD_SHIFT)
  }
}
