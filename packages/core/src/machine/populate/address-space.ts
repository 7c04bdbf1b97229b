/**
 * The virtual addresses of a process, in the form that fits 32 bits.
 *
 * A page number of a 47-bit address has 35 bits. Only the PGD entries (512 GiB each) in use are kept, renumbered in
 * order, so that everything below the PGD (PUD, PMD and PTE tables, what shares them) is exact; what is lost is how far
 * apart two PGD entries are, which teardown never looks at.
 */

import { HPAGE_PMD_ORDER, PGDIR_SHIFT, TASK_SIZE } from '../layout.ts'
import type { Vma } from '../../scenario/scenario.ts'
import { LimitsError } from '../limits-error.ts'

const PGD_PAGES = 2 ** PGDIR_SHIFT

/** Turns real page numbers into compact ones. */
export class AddressSpace {
  private readonly regions: readonly number[]

  constructor(vmas: readonly { start?: number; pages: number }[], process: string) {
    const used = new Set<number>()
    for (const vma of vmas) {
      const start = vma.start ?? 0
      for (
        let r = Math.floor(start / PGD_PAGES);
        r <= Math.floor((start + vma.pages - 1) / PGD_PAGES);
        r++
      )
        used.add(r)
    }
    this.regions = [...used].toSorted((a, b) => a - b)
    const max = TASK_SIZE / PGD_PAGES
    if (this.regions.length > max) {
      throw new LimitsError({
        field: process,
        value: `${this.regions.length} regions of 512 GiB in use`,
        allowed: `at most ${max}`,
        hint: 'move VMAs closer together',
      })
    }
  }

  /** The compact page number of a real one. */
  compact(page: number): number {
    const region = this.regions.indexOf(Math.floor(page / PGD_PAGES))
    return region * PGD_PAGES + (page % PGD_PAGES)
  }
}

/** What the page tables of a process hold: numbers of tables and of deposited tables. */
export interface TableCounts {
  pte: number
  pmd: number
  pud: number
  deposits: number
}

/** Counts the page tables that VMAs of one process need (at most; a table that stays empty is not made). */
export function countTables(vmas: readonly Vma[], process: string): TableCounts {
  const space = new AddressSpace(vmas, process)
  const pteTables = new Set<number>()
  const pmdSlots = new Set<number>()
  let deposits = 0
  for (const vma of vmas) {
    const start = space.compact(vma.start ?? 0)
    for (const range of populatedRanges(vma)) {
      const first = (start + range.at) >> HPAGE_PMD_ORDER
      const last = (start + range.at + range.pages - 1) >> HPAGE_PMD_ORDER
      for (let slot = first; slot <= last; slot++) {
        pmdSlots.add(slot)
        if (range.huge) deposits += range.deposit ? 1 : 0
        else pteTables.add(slot)
      }
    }
  }
  const pmds = new Set([...pmdSlots].map((slot) => slot >> 9))
  const puds = new Set([...pmds].map((slot) => slot >> 9))
  return { pte: pteTables.size, pmd: pmds.size, pud: puds.size, deposits }
}

/** Tables of all levels for VMAs that are full of PTEs. */
export function countRangeTables(
  space: AddressSpace,
  ranges: readonly { start: number; pages: number }[],
): number {
  const slots = new Set<number>()
  for (const { start, pages } of ranges) {
    const first = space.compact(start)
    for (
      let slot = first >> HPAGE_PMD_ORDER;
      slot <= (first + pages - 1) >> HPAGE_PMD_ORDER;
      slot++
    )
      slots.add(slot)
  }
  const pmds = new Set([...slots].map((slot) => slot >> 9))
  const puds = new Set([...pmds].map((slot) => slot >> 9))
  return slots.size + pmds.size + puds.size
}

interface PopulatedRange {
  at: number
  pages: number
  huge: boolean
  /** Anonymous huge PMDs have a table in reserve. */
  deposit: boolean
}

/** The parts of a VMA that hold entries. */
function populatedRanges(vma: Vma): PopulatedRange[] {
  if (vma.runs === undefined && vma.swapRuns === undefined) {
    const huge = vma.mapped === 'pmd'
    return [{ at: 0, pages: vma.pages, huge, deposit: huge && vma.kind === 'anon' }]
  }
  const runs = (vma.runs ?? []).map((run) => ({
    at: run.at,
    pages: run.pages,
    huge: run.mapped === 'pmd',
    // whether the folio is anonymous is not known here: room for a table each does no harm
    deposit: run.mapped === 'pmd',
  }))
  const swaps = (vma.swapRuns ?? []).map((run) => ({ ...run, huge: false, deposit: false }))
  return [...runs, ...swaps]
}
