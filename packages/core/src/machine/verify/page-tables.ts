/**
 * Walks the page tables of an mm, from the PGD down: what its entries refer to is counted in page-table-entries.ts.
 */

import {
  MM_ID,
  MM_PGD,
  PGDIR_SHIFT,
  PMD_HUGE,
  PMD_SHIFT,
  PTRS_PER_PGD,
  PTRS_PER_PTE,
  PUD_SHIFT,
} from '../layout.ts'
import { load } from '../memory.ts'
import { tablePage } from '../pgtable.ts'
import type { Facts } from './facts.ts'
import { BAD_PMD, EntryCounter, NEEDS_DEPOSIT } from './page-table-entries.ts'
import { checkDeposits, checkTableEntry } from './page-table-pages.ts'
import type { VmaRanges } from './vmas.ts'

/** One walk over the tables of an mm, in address order. */
export class TableWalk {
  private readonly facts: Facts
  private readonly mm: number
  readonly entries: EntryCounter
  /** PMD and PTE tables, deposited ones included. */
  tables = 0
  pudTables = 0

  constructor(facts: Facts, mm: number, vmas: VmaRanges) {
    this.facts = facts
    this.mm = mm
    this.entries = new EntryCounter(facts, mm, vmas)
  }

  walk(): this {
    for (let i = 0; i < PTRS_PER_PGD; i++) {
      const entry = load(this.mm + MM_PGD + i)
      if (entry === 0) continue
      const addr = i * 2 ** PGDIR_SHIFT
      const puds = checkTableEntry(this.facts, entry, () => this.at('PGD entry', addr))
      if (puds === 0) continue
      this.pudTables++
      this.walkPuds(puds, addr)
    }
    return this
  }

  private walkPuds(puds: number, start: number): void {
    for (let i = 0; i < PTRS_PER_PTE; i++) {
      const entry = load(puds + i)
      if (entry === 0) continue
      const addr = start + i * 2 ** PUD_SHIFT
      const pmds = checkTableEntry(this.facts, entry, () => this.at('PUD entry', addr))
      if (pmds === 0) continue
      this.tables++
      this.walkPmds(pmds, tablePage(entry), addr)
    }
  }

  private walkPmds(pmds: number, pmdPage: number, start: number): void {
    let needed = 0
    let unknown = 0
    for (let i = 0; i < PTRS_PER_PTE; i++) {
      const entry = load(pmds + i)
      if (entry === 0) continue
      const addr = start + (i << PMD_SHIFT)
      if ((entry & PMD_HUGE) !== 0) {
        const kind = this.entries.hugePmd(entry, addr)
        if (kind === NEEDS_DEPOSIT) needed++
        if (kind === BAD_PMD) unknown++
        continue
      }
      const ptes = checkTableEntry(this.facts, entry, () => this.at('PMD entry', addr))
      if (ptes === 0) continue
      this.tables++
      this.entries.ptes(ptes, addr)
    }
    const where = (): string => this.at('PMD page', start)
    const deposits = checkDeposits(this.facts, pmdPage, where)
    this.tables += deposits
    if (deposits >= needed && deposits <= needed + unknown) return
    this.facts.violations.equal('deposit', deposits, needed, () => `${where()}: tables in reserve`)
  }

  private at(what: string, addr: number): string {
    return `mm ${load(this.mm + MM_ID)}: ${what} of page 0x${addr.toString(16)}`
  }
}
