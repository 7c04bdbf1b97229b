/**
 * The TLBs of CPUs, and user threads that access memory through them.
 *
 * An access that finds no entry that allows it walks the page tables as the hardware does: it sets the accessed bit, and for
 * a write the dirty bit, with an atomic, and keeps the entry. One that finds an entry looks at no page table. A flush takes
 * the entries of its range from all CPUs of the mm's mask at once. Each walk, flush and access is one step.
 *
 * Kept besides: how often a page was freed, so that an entry that outlived its page is noticed at its next use (rule
 * `stale-tlb-entry`), and whether what was written to a file page can still reach its file (rule `lost-write`): a page that
 * was written to after it was cleaned must be dirty, or have a dirty PTE. (H-1, H-2, H-3)
 *
 * Invariant: TLB entries appear by accesses alone.
 */

import { MEMMAP, NR_CPUS, NR_PT, PT_BASE } from '../../machine/globals.ts'
import {
  MM_CPUMASK,
  PAGE_FLAGS,
  PAGE_WORDS,
  PG_ANON,
  PG_DIRTY,
  PG_TYPE_MASK,
  PMD_HUGE,
  PTE_DIRTY,
  PTE_PFN_SHIFT,
  PTE_PRESENT,
  PTE_WRITE,
  PTE_YOUNG,
  PTRS_PER_PTE,
} from '../../machine/layout.ts'
import { mem } from '../../machine/memory.ts'
import { pageFolio, pageToPfn, pfnToPage } from '../../machine/page.ts'
import {
  pgdOffset,
  pmdIndex,
  pteIndex,
  ptePfn,
  pudIndex,
  tableContent,
} from '../../machine/pgtable.ts'
import { addedTo, lookedAt, markWord } from '../../sync/check-marks.ts'
import { meet } from '../../sync/check-races.ts'
import { timesFreed } from '../../sync/check-rules.ts'
import { isRacing } from '../../sync/check-state.ts'
import { noteChange } from '../../sync/check-undo.ts'
import { nameOfPage } from './names.ts'
import { READ, WRITE } from '../../sync/check-kinds.ts'
import { breakRule } from './rule-error.ts'
import { noteAccess } from '../../sync/check-trace.ts'
import type { Hardware } from './watcher.ts'

interface Entry {
  readonly mm: number
  readonly addr: number
  readonly pte: number
  /** How often the page's folio had been freed when the entry was made. */
  readonly freed: number
}

type Counts = ReadonlyMap<number, number>

interface State {
  /** By CPU. */
  readonly entries: readonly (readonly Entry[])[]
  /** By PFN: writes to the page; writes when it was cleaned. */
  readonly written: Counts
  readonly cleaned: Counts
}

export class UserTlb implements Hardware {
  state: State = {
    entries: Array.from({ length: NR_CPUS }, () => []),
    written: new Map(),
    cleaned: new Map(),
  }

  #entriesOf(cpu: number): readonly Entry[] {
    return this.state.entries[cpu] as readonly Entry[]
  }

  #keepEntries(cpu: number, entries: readonly Entry[]): void {
    this.state = { ...this.state, entries: this.state.entries.with(cpu, entries) }
  }

  /** PG_dirty was taken off to write the folio out. */
  cleared(_cpu: number, address: number, _before: number, mask: number): void {
    if (mask !== PG_DIRTY || address < MEMMAP || (address - MEMMAP) % PAGE_WORDS !== PAGE_FLAGS)
      return
    const cleaned = new Map(this.state.cleaned)
    for (const [pfn, n] of this.state.written) {
      if (pageFolio(pfnToPage(pfn)) === address - PAGE_FLAGS) cleaned.set(pfn, n)
    }
    this.state = { ...this.state, cleaned }
  }

  flush(cpu: number, mm: number, start: number, end: number): void {
    for (let other = 0; other < NR_CPUS; other++) {
      if (!isInMask(mm, other)) continue
      if (isRacing() && other !== cpu) meet(other)
      const word = mem.length + other
      if (addedTo(word)) noteAccess(word, WRITE, 0, 0)
      const entries = this.#entriesOf(other)
      const kept = entries.filter((each) => each.mm !== mm || each.addr < start || each.addr >= end)
      if (kept.length < entries.length) this.#keepEntries(other, kept)
    }
  }

  access(cpu: number, mm: number, addr: number, write: number): number {
    const word = mem.length + cpu
    lookedAt(word)
    noteAccess(word, WRITE, 0, 0)
    const entries = this.#entriesOf(cpu)
    const found = entries.find((each) => each.mm === mm && each.addr === addr)
    if (found !== undefined && allows(found.pte, write)) {
      this.#use(cpu, found, write)
      return 1
    }
    const pte = walk(mm, addr, write)
    if (pte === 0) return 0
    const entry = { mm, addr, pte, freed: found?.freed ?? freedAt(ptePfn(pte)) }
    this.#keepEntries(cpu, [...entries.filter((each) => each !== found), entry])
    this.#use(cpu, entry, write)
    return 1
  }

  #use(cpu: number, entry: Entry, write: number): void {
    const pfn = ptePfn(entry.pte)
    const page = pfnToPage(pfn)
    const folio = pageFolio(page)
    // its flags tell whether it was freed: the order against that matters
    markWord(folio + PAGE_FLAGS)
    lookedAt(folio + PAGE_FLAGS)
    const flags = mem[folio + PAGE_FLAGS] as number
    noteAccess(folio + PAGE_FLAGS, READ, 0, flags)
    if (freedAt(pfn) !== entry.freed)
      breakRule(
        'stale-tlb-entry',
        `CPU ${cpu} ${write !== 0 ? 'writes to' : 'reads'} ${nameOfPage(page)} through a TLB entry, and it has been freed`,
      )
    if (write !== 0 && (flags & (PG_ANON | PG_TYPE_MASK)) === 0)
      this.state = { ...this.state, written: oneMore(this.state.written, pfn) }
  }

  completed(): { rule: string; message: string } | undefined {
    for (const [pfn, n] of this.state.written) {
      if (n === (this.state.cleaned.get(pfn) ?? 0)) continue
      const page = pfnToPage(pfn)
      if (((mem[pageFolio(page) + PAGE_FLAGS] as number) & PG_DIRTY) !== 0 || hasDirtyPte(pfn))
        continue
      return {
        rule: 'lost-write',
        message: `${nameOfPage(page)} was written to after it was cleaned, and neither it nor a PTE of it is dirty`,
      }
    }
    return undefined
  }

  hash(): number {
    let hash = 0
    for (const [pfn, n] of this.state.written)
      hash = (Math.imul(hash ^ pfn, 0x9e3779b1) + n * 64 + (this.state.cleaned.get(pfn) ?? 0)) | 0
    return hash
  }
}

/** How often the page's folio was freed. */
function freedAt(pfn: number): number {
  return timesFreed(pageToPfn(pageFolio(pfnToPage(pfn))))
}

function oneMore(counts: Counts, key: number): Counts {
  return new Map(counts).set(key, (counts.get(key) ?? 0) + 1)
}

/** The page walker: the PTE with its accessed and dirty bits set as the access asks; 0: it faults. */
function walk(mm: number, addr: number, write: number): number {
  const look = (address: number): number => {
    markWord(address)
    lookedAt(address)
    noteAccess(address, READ, 0, mem[address] as number)
    return mem[address] as number
  }
  const pgd = look(pgdOffset(mm, addr))
  if (pgd === 0) return 0
  const pud = look(tableContent(pgd) + pudIndex(addr))
  if (pud === 0) return 0
  const pmd = look(tableContent(pud) + pmdIndex(addr))
  if (pmd === 0 || (pmd & PMD_HUGE) !== 0) return 0
  const address = tableContent(pmd) + pteIndex(addr)
  const pte = look(address)
  const needed = write !== 0 ? PTE_PRESENT | PTE_WRITE : PTE_PRESENT
  if ((pte & needed) !== needed) return 0
  const seen = pte | PTE_YOUNG | (write !== 0 ? PTE_DIRTY : 0)
  if (seen !== pte) {
    noteAccess(address, WRITE, 0, pte)
    mem[address] = seen
    noteChange(address, pte)
  }
  return seen
}

function allows(pte: number, write: number): boolean {
  return write === 0 || (pte & (PTE_WRITE | PTE_DIRTY)) === (PTE_WRITE | PTE_DIRTY)
}

function isInMask(mm: number, cpu: number): boolean {
  return (((mem[mm + MM_CPUMASK + (cpu >> 5)] as number) >> (cpu & 31)) & 1) !== 0
}

function hasDirtyPte(pfn: number): boolean {
  const end = PT_BASE + NR_PT * PTRS_PER_PTE
  for (let at = PT_BASE; at < end; at++) {
    const pte = mem[at] as number
    if (
      (pte & (PTE_PRESENT | PTE_DIRTY)) === (PTE_PRESENT | PTE_DIRTY) &&
      pte >> PTE_PFN_SHIFT === pfn
    )
      return true
  }
  return false
}

/** Words that stand for the TLBs, behind those of the machine. */
export const TLB_WORDS = 16
