/**
 * Which lines only one CPU works on, as far as the scenario tells before the run: their atomics need no order.
 *
 * With processes dealt out statically, a process's mm, its page tables and the folios that only it maps belong to its
 * CPU; a folio that processes of two CPUs map does not. A background reclaimer works on anybody's folios, and a shared
 * queue may give any CPU any process: then only tables and mms, or nothing, are claimed.
 */

import {
  DEAL_QUEUE,
  MM_BASE,
  MM_STRIDE,
  NR_CHILD_MMS,
  NR_CPUS,
  NR_FOREGROUND,
  NR_PROCESSES,
} from '../../machine/globals.ts'
import {
  LINE_WORDS,
  MM_CPUMASK,
  MM_PGD,
  PMD_HUGE,
  PT_HUGE_PTE,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTRS_PER_PTE,
} from '../../machine/layout.ts'
import { load } from '../../machine/memory.ts'
import { folioOrder, nthPage, pageFolio, pfnToPage } from '../../machine/page.ts'
import { ptePfn, tableContent, tablePage } from '../../machine/pgtable.ts'
import { claimNewPages } from '../../sync/virtual-costs.ts'
import { addUser } from '../../sync/virtual-lines.ts'

/** Pages of a folio that hold words of the folio as a whole: counters, the deferred list. */
const FOLIO_WORD_PAGES = 3

/** Tells the lines of the bound, populated machine who uses them. */
export function claimLines(claimFolios: boolean): void {
  claimNewPages(claimFolios && DEAL_QUEUE === 0)
  if (DEAL_QUEUE !== 0) return
  for (let process = 0; process < NR_PROCESSES; process++) {
    new Claim(cpuOfProcess(process), claimFolios).mm(MM_BASE + process * MM_STRIDE)
  }
  for (let cpu = 0; cpu < NR_CHILD_MMS; cpu++) {
    new Claim(cpu, claimFolios).mm(MM_BASE + (NR_PROCESSES + cpu) * MM_STRIDE)
  }
}

/** Background processes have the last CPUs, the others share those before them. */
function cpuOfProcess(process: number): number {
  const sharing = NR_CPUS - (NR_PROCESSES - NR_FOREGROUND)
  return process < NR_FOREGROUND ? process % sharing : sharing + (process - NR_FOREGROUND)
}

class Claim {
  readonly #cpu: number
  readonly #folios: boolean

  constructor(cpu: number, folios: boolean) {
    this.#cpu = cpu
    this.#folios = folios
  }

  mm(mm: number): void {
    for (let at = mm; at < mm + MM_STRIDE; at += LINE_WORDS) addUser(at, this.#cpu)
    for (let pgd = mm + MM_PGD; pgd < mm + MM_CPUMASK; pgd++) this.#table(load(pgd), 2)
  }

  /** A PUD (level 2), PMD (1) or PTE table (0). */
  #table(entry: number, level: number): void {
    if (entry === 0) return
    const page = tablePage(entry)
    addUser(page, this.#cpu)
    if (level === 1) {
      for (let each = load(page + PT_HUGE_PTE); each > 0; each = load(each + PT_HUGE_PTE))
        addUser(each, this.#cpu)
    }
    const content = tableContent(entry)
    for (let i = 0; i < PTRS_PER_PTE; i++) {
      const each = load(content + i)
      if (each === 0) continue
      if (level === 0 || (each & PMD_HUGE) !== 0) this.#mapped(each)
      else this.#table(each, level - 1)
    }
  }

  /** A PTE: its page, and the first three of the folio, where the folio's own words lie. A huge PMD: every page. */
  #mapped(entry: number): void {
    if (!this.#folios || (entry & PTE_PRESENT) === 0 || (entry & PTE_SPECIAL) !== 0) return
    const page = pfnToPage(ptePfn(entry))
    const folio = pageFolio(page)
    addUser(page, this.#cpu)
    const pages = 1 << folioOrder(folio)
    const shared = (entry & PMD_HUGE) === 0 ? Math.min(pages, FOLIO_WORD_PAGES) : pages
    for (let i = 0; i < shared; i++) addUser(nthPage(folio, i), this.#cpu)
  }
}
