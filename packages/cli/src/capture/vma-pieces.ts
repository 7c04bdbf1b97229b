/**
 * Divides a VMA that is longer than a scenario file allows (64 GiB) into pieces around what it holds.
 *
 * Address-space reservations of terabytes are common (sanitizers, language run-times) and almost empty. Invariant:
 * pieces begin and end on a 2 MiB boundary or where the VMA does, so that no PTE table and no PMD is cut.
 */
import type { RunInput, SwapRunInput } from '@mmgather/core'
import type { SmapsVma } from './vma-list.ts'

/** Pages that a VMA of a scenario file may have. */
export const VMA_PAGES_MAX: number = 2 ** 24

/** A gap from here on (1 GiB) is cut out. */
const GAP_PAGES = 2 ** 18
/** A piece is closed from here on (32 GiB): what follows it in its PTE table still fits. */
const FULL_PAGES = 2 ** 23
const TABLE_PAGES = 512

export interface VmaPiece {
  /** First page, from virtual address 0. */
  first: number
  pages: number
  runs: RunInput[]
  swapRuns: SwapRunInput[]
}

interface Filled {
  at: number
  pages: number
}

export function piecesOf(vma: SmapsVma, runs: RunInput[], swapRuns: SwapRunInput[]): VmaPiece[] {
  if (vma.pages <= VMA_PAGES_MAX) return [{ first: vma.first, pages: vma.pages, runs, swapRuns }]
  return extentsOf(vma, [...runs, ...swapRuns]).map(({ at, pages }) => ({
    first: vma.first + at,
    pages,
    runs: within(runs, at, pages),
    swapRuns: within(swapRuns, at, pages),
  }))
}

/** Extents of the VMA, in ascending order, that hold all of `filled`. */
function extentsOf(vma: SmapsVma, filled: Filled[]): Filled[] {
  const extents: Filled[] = []
  const down = (at: number): number => Math.max(0, at - ((vma.first + at) % TABLE_PAGES))
  const up = (at: number): number => Math.min(vma.pages, down(at + TABLE_PAGES - 1))
  for (const { at, pages } of filled.toSorted((a, b) => a.at - b.at)) {
    const last = extents.at(-1)
    const end = last === undefined ? 0 : last.at + last.pages
    const gap = at - end
    if (last === undefined || (gap >= 0 && (gap >= GAP_PAGES || last.pages >= FULL_PAGES))) {
      extents.push({ at: down(at), pages: up(at + pages) - down(at) })
    } else last.pages = Math.max(last.pages, up(at + pages) - last.at)
  }
  return extents
}

function within<T extends Filled>(items: T[], from: number, pages: number): T[] {
  return items
    .filter(({ at }) => at >= from && at < from + pages)
    .map((item) => ({ ...item, at: item.at - from }))
}
