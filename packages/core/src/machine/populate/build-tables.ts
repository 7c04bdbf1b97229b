/**
 * Builds page tables: tables on demand, PTEs, PMD mappings with their deposited tables, swap entries; counts mappings
 * and references of the pages they refer to as the kernel's rmap does when it adds them.
 *
 * Invariant: an entry that refers to a page has its mapping and its reference counted in that page's folio, and its
 * place in the rss of its mm.
 */

import {
  NR_ANON_MAPPED,
  NR_ANON_THPS,
  NR_FILE_MAPPED,
  NR_FILE_PMDMAPPED,
  NR_PAGETABLE,
  NR_SHMEM_PMDMAPPED,
} from '../counters.ts'
import {
  LARGE_MAPCOUNT,
  NO_PAGE_MAPCOUNT,
  PT_BASE,
  PUD_TABLES_COUNTED,
  TABLE_FREE,
} from '../globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_PAGES_MAPPED,
  HPAGE_PMD_NR,
  MM_ANONPAGES,
  MM_FILEPAGES,
  MM_ID,
  MM_PGD,
  MM_PGTABLES,
  MM_RSS,
  MM_SHMEMPAGES,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ANON,
  PG_MEMCG_SHIFT,
  PG_SWAPBACKED,
  PG_TYPE_TABLE,
  PGDIR_SHIFT,
  PMD_SHIFT,
  PT_CONTENT,
  PT_HUGE_PTE,
  PTE_PRESENT,
  PTRS_PER_PTE,
  PUD_SHIFT,
  ROOT_MEMCG_ID,
} from '../layout.ts'
import { mem } from '../memory.ts'
import { pageToPfn } from '../page.ts'
import { mkPte, tableContent, tablePage } from '../pgtable.ts'
import { add, type Builder } from './builder.ts'
import { chargeMemcg } from './build-folios.ts'

/** The page tables of one process under construction. */
export class TableBuilder {
  private readonly b: Builder
  private readonly mm: number
  /** memcg id that tables are charged to; 0: none. */
  private memcg = 0
  private lastSlot = -1
  private lastContent = 0

  constructor(b: Builder, mm: number) {
    this.b = b
    this.mm = mm
  }

  /** The memcg (id) of the task that makes the tables from here on. */
  chargeTo(memcg: number): void {
    // a table allocated in the root memcg carries none; with tables freed outside the gather none is charged here
    this.memcg = TABLE_FREE !== 0 || memcg === ROOT_MEMCG_ID ? 0 : memcg
  }

  /** Writes a PTE without counting anything (non-present and special entries). */
  setPte(vpn: number, pte: number): void {
    const slot = vpn >> PMD_SHIFT
    if (slot !== this.lastSlot) {
      this.lastContent = this.pteTable(vpn)
      this.lastSlot = slot
    }
    mem[this.lastContent + (vpn & (PTRS_PER_PTE - 1))] = pte
  }

  /** Maps a page by a PTE with the given flags: _mapcount, _nr_pages_mapped, reference, rss, statistics. */
  mapPte(vpn: number, page: number, flags: number): void {
    this.setPte(vpn, mkPte(pageToPfn(page), flags))
    this.countMapping(page)
    const folio = mem[page + PAGE_COMPOUND_HEAD] as number
    add(this.mm + MM_RSS + rssKind(mem[folio + PAGE_FLAGS] as number), 1)
    this.b.mappedPages++
  }

  /** page_add_*_rmap of one page, with its reference. */
  countMapping(page: number): void {
    add((mem[page + PAGE_COMPOUND_HEAD] as number) + PAGE_REFCOUNT, 1)
    this.b.addMappings(page, 1, (mem[this.mm + MM_ID] as number) + 1)
  }

  /** Maps a folio of order 9 by a PMD; anonymous memory gets a deposited table. */
  mapPmd(vpn: number, folio: number, flags: number): void {
    const folioFlags = mem[folio + PAGE_FLAGS] as number
    const anon = (folioFlags & PG_ANON) !== 0
    this.setPmd(vpn, mkPte(pageToPfn(folio), flags), anon)
    add(folio + PAGE_REFCOUNT, 1)
    add(this.mm + MM_RSS + rssKind(folioFlags), HPAGE_PMD_NR)
    this.b.mappedPages += HPAGE_PMD_NR
    if (LARGE_MAPCOUNT !== 0)
      this.b.addLargeMapcount(folio, 1, (mem[this.mm + MM_ID] as number) + 1)
    const entire = (mem[folio + FOLIO_ENTIRE_MAPCOUNT] as number) + 1
    mem[folio + FOLIO_ENTIRE_MAPCOUNT] = entire
    if (entire !== 0) return
    if (NO_PAGE_MAPCOUNT === 0) {
      const mapped = (mem[folio + FOLIO_NR_PAGES_MAPPED] as number) & FOLIO_PAGES_MAPPED
      add(folio + FOLIO_NR_PAGES_MAPPED, COMPOUND_MAPPED)
      this.b.vmstat(anon ? NR_ANON_MAPPED : NR_FILE_MAPPED, HPAGE_PMD_NR - mapped)
    }
    const item = anon
      ? NR_ANON_THPS
      : (folioFlags & PG_SWAPBACKED) !== 0
        ? NR_SHMEM_PMDMAPPED
        : NR_FILE_PMDMAPPED
    this.b.vmstat(item, HPAGE_PMD_NR)
  }

  /** Writes a huge PMD entry, with a deposited table if asked. */
  setPmd(vpn: number, pmd: number, deposit: boolean): void {
    const pud = this.pmdTable(vpn)
    mem[tableContent(pud) + ((vpn >> PMD_SHIFT) & 511)] = pmd
    if (!deposit) return
    const pmdPage = tablePage(pud)
    const table = this.newTable(true)
    mem[table + PT_HUGE_PTE] = mem[pmdPage + PT_HUGE_PTE] as number
    mem[pmdPage + PT_HUGE_PTE] = table
  }

  /** Content of the PTE table for a page, made if absent. */
  private pteTable(vpn: number): number {
    const at = tableContent(this.pmdTable(vpn)) + ((vpn >> PMD_SHIFT) & 511)
    if (mem[at] === 0) mem[at] = entryOf(this.newTable(true))
    return tableContent(mem[at] as number)
  }

  /** The PUD entry that points to the PMD table for a page, made if absent. */
  private pmdTable(vpn: number): number {
    const pgd = this.mm + MM_PGD + (vpn >> PGDIR_SHIFT)
    if (mem[pgd] === 0) mem[pgd] = entryOf(this.newTable(false))
    const pud = tableContent(mem[pgd] as number) + ((vpn >> PUD_SHIFT) & 511)
    if (mem[pud] === 0) mem[pud] = entryOf(this.newTable(true))
    return mem[pud] as number
  }

  /** A page-table page: one of the kernel's own pages, with a content. */
  private newTable(counted: boolean): number {
    const { memcg } = this
    const table = this.b.kernelPage()
    mem[table + PAGE_FLAGS] = PG_TYPE_TABLE | (memcg << PG_MEMCG_SHIFT)
    mem[table + PAGE_REFCOUNT] = 1
    mem[table + PT_HUGE_PTE] = 0
    mem[table + PT_CONTENT] = PT_BASE + this.b.nextTable * PTRS_PER_PTE
    this.b.nextTable++
    chargeMemcg(memcg, 1)
    add(this.mm + MM_PGTABLES, 1)
    if (counted || PUD_TABLES_COUNTED !== 0) this.b.vmstat(NR_PAGETABLE, 1)
    return table
  }
}

function entryOf(table: number): number {
  return mkPte(pageToPfn(table), PTE_PRESENT)
}

/** mm_counter */
export function rssKind(flags: number): number {
  if ((flags & PG_ANON) !== 0) return MM_ANONPAGES
  return (flags & PG_SWAPBACKED) !== 0 ? MM_SHMEMPAGES : MM_FILEPAGES
}
