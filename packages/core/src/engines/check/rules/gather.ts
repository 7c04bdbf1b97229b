/**
 * Rules of the teardown of a PTE: unhook, flush, remove the rmap and free in their order, all but the last under the ptl.
 *
 * Each PTE that a CPU clears under a ptl is kept until its mapping was taken off its page and its translation was flushed.
 * Rules: `pte-lock` (a mapped page's PTE changes under the ptl of its table), `rmap-once` (one removal for each PTE, before
 * the ptl is released: H-3, H-23), `rmap-before-flush` (of a dirty file PTE, not before the flush: H-3),
 * `unlock-before-flush` (a dirty file PTE is flushed before the ptl is released: H-2), `free-before-flush` (no folio is
 * freed while a PTE of it is not flushed: H-1), `nested-flush` (a gather that ends has flushed what another gather on the mm
 * cleared before it came there: H-7).
 *
 * Where entries lie in an address space is read from the page tables as they are, and kept while no upper level changes.
 */

import {
  MEMMAP,
  MM_BASE,
  MM_STRIDE,
  NO_PAGE_MAPCOUNT,
  NR_CHILD_MMS,
  NR_CPUS,
  NR_PFNS,
  NR_PROCESSES,
  PT_BASE,
} from '../../../machine/globals.ts'
import { PTL_CLASS } from '../../../machine/counters.ts'
import {
  FOLIO_LARGE_MAPCOUNT,
  MM_PGD,
  MM_TLB_FLUSH_PENDING,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
  PG_ANON,
  PG_HEAD,
  PG_SWAPBACKED,
  PG_TYPE_MASK,
  PGDIR_SHIFT,
  PMD_SHIFT,
  PT_CONTENT,
  PT_PTL,
  PTE_DIRTY,
  PTE_PRESENT,
  PTRS_PER_PGD,
  PTRS_PER_PTE,
  PUD_SHIFT,
} from '../../../machine/layout.ts'
import { mem } from '../../../machine/memory.ts'
import { pageFolio, pageToPfn, pfnToPage } from '../../../machine/page.ts'
import { ptePfn, tableContent } from '../../../machine/pgtable.ts'
import { nameOfPage } from '../names.ts'
import { READ, WRITE } from '../../../sync/check-kinds.ts'
import { breakRule } from '../rule-error.ts'
import type { Trace } from '../trace.ts'
import { TLB_WORDS } from '../user-tlb.ts'
import type { Watcher } from '../watcher.ts'
import { isEntry, mapsPage, pointsToTable } from './entries.ts'

/** A PTE that was cleared. */
interface Cleared {
  readonly cpu: number
  readonly address: number
  readonly lock: number
  readonly page: number
  readonly folio: number
  readonly mm: number
  readonly addr: number
  readonly isDirtyFile: boolean
  readonly isFlushed: boolean
  readonly isRemoved: boolean
  /** CPUs with a gather of their own that have come to the table since, and found nothing there. */
  readonly missedBy: number
}

interface Place {
  readonly mm: number
  /** Address of the first entry, in pages. */
  readonly start: number
}

interface State {
  /** ptls that each CPU holds. */
  readonly ptls: readonly (readonly number[])[]
  readonly cleared: readonly Cleared[]
  /** Where tables lie; undefined: not as they lay when this was looked at last. */
  readonly places: ReadonlyMap<number, Place> | undefined
}

export class GatherRules implements Watcher {
  state: State = {
    ptls: Array.from({ length: NR_CPUS }, () => []),
    cleared: [],
    places: placesOfTables(),
  }

  #ptlsOf(cpu: number): readonly number[] {
    return this.state.ptls[cpu] as readonly number[]
  }

  #keepPtls(cpu: number, ptls: readonly number[]): void {
    const { cleared, places } = this.state
    this.state = { ptls: this.state.ptls.with(cpu, ptls), cleared, places }
  }

  #keepCleared(cleared: readonly Cleared[]): void {
    const { ptls, places } = this.state
    this.state = { ptls, cleared, places }
  }

  /** Replaces those that are meant. */
  #replace(isMeant: (each: Cleared) => boolean, changed: (each: Cleared) => Cleared): void {
    const { cleared } = this.state
    if (cleared.some(isMeant))
      this.#keepCleared(cleared.map((each) => (isMeant(each) ? changed(each) : each)))
  }

  /** Keeps those that are meant. */
  #filter(isMeant: (each: Cleared) => boolean): void {
    const { cleared } = this.state
    if (!cleared.every(isMeant)) this.#keepCleared(cleared.filter(isMeant))
  }

  locked(cpu: number, lock: number, lockClass: number): void {
    if (lockClass !== PTL_CLASS) return
    this.#keepPtls(cpu, [...this.#ptlsOf(cpu), lock])
    this.#replace(
      (each) => each.lock === lock && each.cpu !== cpu,
      (each) => ({ ...each, missedBy: each.missedBy | (1 << cpu) }),
    )
  }

  unlocked(cpu: number, lock: number, lockClass: number): void {
    if (lockClass !== PTL_CLASS) return
    const ptls = this.#ptlsOf(cpu)
    const at = ptls.lastIndexOf(lock)
    if (at >= 0) this.#keepPtls(cpu, ptls.toSpliced(at, 1))
    for (const each of this.state.cleared)
      if (each.lock === lock && each.cpu === cpu) checkReleased(each)
    this.#filter((each) => each.lock !== lock || each.cpu !== cpu || !each.isFlushed)
  }

  store(cpu: number, address: number, old: number, value: number): void {
    if (NO_PAGE_MAPCOUNT !== 0) this.#takeLarge(cpu, address, old - value)
    if (!isEntry(address)) return
    if (pointsToTable(old) || pointsToTable(value)) {
      this.state = { ...this.state, places: undefined }
      return
    }
    if (mapsPage(old) && (value & PTE_PRESENT) !== 0 && ptePfn(old) === ptePfn(value)) return
    if (mapsPage(old)) this.#clear(cpu, address, old)
    else if (mapsPage(value)) this.#setAgain(cpu, address, value)
  }

  #clear(cpu: number, address: number, pte: number): void {
    const content = address - ((address - PT_BASE) % PTRS_PER_PTE)
    const lock = this.#ptlsOf(cpu).find((each) => mem[each - PT_PTL + PT_CONTENT] === content)
    const page = pfnToPage(ptePfn(pte))
    const folio = pageFolio(page)
    if (lock === undefined) {
      breakRule('pte-lock', `CPU ${cpu} clears a PTE of ${nameOfPage(page)} without its ptl`)
      return
    }
    const places = this.state.places ?? placesOfTables()
    const { mm, start } = places.get(content) ?? { mm: 0, start: 0 }
    const flags = mem[folio + PAGE_FLAGS] as number
    const isFile = (flags & (PG_ANON | PG_SWAPBACKED | PG_TYPE_MASK)) === 0
    const cleared: Cleared = {
      cpu,
      address,
      lock,
      page,
      folio,
      mm,
      addr: start + address - content,
      isDirtyFile: (pte & PTE_DIRTY) !== 0 && isFile,
      isFlushed: false,
      isRemoved: false,
      missedBy: 0,
    }
    this.state = { ...this.state, places, cleared: [...this.state.cleared, cleared] }
  }

  /** A PTE that was cleared for a moment maps its page again. */
  #setAgain(cpu: number, address: number, pte: number): void {
    const page = pfnToPage(ptePfn(pte))
    this.#filter(
      (each) =>
        each.cpu !== cpu || each.address !== address || each.page !== page || each.isRemoved,
    )
  }

  added(cpu: number, address: number, _before: number, n: number): void {
    if (isFlushPending(address) && n < 0) this.#finish(cpu, address - MM_TLB_FLUSH_PENDING)
    if (n !== -1 || address < MEMMAP || address >= MEMMAP + NR_PFNS * PAGE_WORDS) return
    if ((address - MEMMAP) % PAGE_WORDS !== PAGE_MAPCOUNT) return
    const page = address - PAGE_MAPCOUNT
    const cleared = this.state.cleared.find(
      (each) => each.cpu === cpu && each.page === page && !each.isRemoved,
    )
    if (cleared !== undefined) this.#remove(cleared)
    else
      breakRule(
        'rmap-once',
        `CPU ${cpu} removes a mapping of ${nameOfPage(page)} without having cleared a PTE`,
      )
  }

  /** tlb_finish_mmu: what this gather has missed because another one was there first is flushed. */
  #finish(cpu: number, mm: number): void {
    const bit = 1 << cpu
    for (const each of this.state.cleared) {
      if (each.mm === mm && !each.isFlushed && (each.missedBy & bit) !== 0) {
        breakRule(
          'nested-flush',
          `the gather of CPU ${cpu} ends, and a PTE of ${nameOfPage(each.page)} that CPU ${each.cpu} cleared before it came there is not flushed`,
        )
      }
    }
    this.#replace(
      (each) => (each.missedBy & bit) !== 0,
      (each) => ({ ...each, missedBy: each.missedBy & ~bit }),
    )
  }

  /** CONFIG_NO_PAGE_MAPCOUNT: mappings of a large folio are counted together, under its bit lock. */
  #takeLarge(cpu: number, address: number, n: number): void {
    const folio = address - FOLIO_LARGE_MAPCOUNT
    if (n <= 0 || !isLargeFolio(folio)) return
    let left = n
    for (const each of this.state.cleared) {
      if (left === 0 || each.cpu !== cpu || each.folio !== folio || each.isRemoved) continue
      this.#remove(each)
      left--
    }
  }

  #remove(cleared: Cleared): void {
    if (cleared.isDirtyFile && !cleared.isFlushed)
      breakRule(
        'rmap-before-flush',
        `CPU ${cleared.cpu} removes the mapping of a dirty PTE of ${nameOfPage(cleared.page)} before the TLB flush`,
      )
    this.#replace(
      (each) => each === cleared,
      (each) => ({ ...each, isRemoved: true }),
    )
  }

  flushed(_cpu: number, mm: number, start: number, end: number, trace: Trace): void {
    const isMeant = (each: Cleared): boolean =>
      each.mm === mm && each.addr >= start && each.addr < end
    for (const each of this.state.cleared)
      if (isMeant(each)) trace.access(lifeOf(each.folio), READ, 0, 0)
    this.#replace(isMeant, (each) => ({ ...each, isFlushed: true }))
    this.#filter((each) => !each.isFlushed || !each.isRemoved)
  }

  freed(cpu: number, page: number, trace: Trace): void {
    trace.access(lifeOf(page), WRITE, 0, 0)
    const waiting = this.state.cleared.find((each) => each.folio === page && !each.isFlushed)
    if (waiting === undefined) return
    breakRule(
      'free-before-flush',
      `CPU ${cpu} frees ${nameOfPage(page)}, and a PTE of it that CPU ${waiting.cpu} cleared is not flushed`,
    )
  }
}

/** A word that stands for the life of a folio: a flush of a PTE of it and its end are to be run in both orders. */
function lifeOf(folio: number): number {
  return mem.length + TLB_WORDS + pageToPfn(folio)
}

/** The ptl is released: what must have happened to a PTE cleared under it? */
function checkReleased(each: Cleared): void {
  if (!each.isRemoved)
    breakRule(
      'rmap-once',
      `CPU ${each.cpu} releases the ptl, and a PTE of ${nameOfPage(each.page)} that it cleared still counts as a mapping`,
    )
  if (each.isDirtyFile && !each.isFlushed)
    breakRule(
      'unlock-before-flush',
      `CPU ${each.cpu} releases the ptl, and a dirty PTE of ${nameOfPage(each.page)} that it cleared is not flushed`,
    )
}

function isFlushPending(address: number): boolean {
  const end = MM_BASE + (NR_PROCESSES + NR_CHILD_MMS) * MM_STRIDE
  return (
    address >= MM_BASE && address < end && (address - MM_BASE) % MM_STRIDE === MM_TLB_FLUSH_PENDING
  )
}

function isLargeFolio(folio: number): boolean {
  if (folio < MEMMAP || folio >= MEMMAP + NR_PFNS * PAGE_WORDS) return false
  if ((folio - MEMMAP) % PAGE_WORDS !== 0) return false
  return ((mem[folio + PAGE_FLAGS] as number) & PG_HEAD) !== 0
}

/** By the address of its first entry: where in which mm a PTE table lies. */
function placesOfTables(): Map<number, Place> {
  const places = new Map<number, Place>()
  const entries = (content: number, visit: (entry: number, index: number) => void): void => {
    for (let i = 0; i < PTRS_PER_PTE; i++) {
      const entry = mem[content + i] as number
      if (pointsToTable(entry)) visit(entry, i)
    }
  }
  for (let i = 0; i < NR_PROCESSES + NR_CHILD_MMS; i++) {
    const mm = MM_BASE + i * MM_STRIDE
    for (let g = 0; g < PTRS_PER_PGD; g++) {
      const pgd = mem[mm + MM_PGD + g] as number
      if (pgd === 0) continue
      entries(tableContent(pgd), (pud, u) =>
        entries(tableContent(pud), (pmd, m) =>
          places.set(tableContent(pmd), {
            mm,
            start: (g << PGDIR_SHIFT) + (u << PUD_SHIFT) + (m << PMD_SHIFT),
          }),
        ),
      )
    }
  }
  return places
}
