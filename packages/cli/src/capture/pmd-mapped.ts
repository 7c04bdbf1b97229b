/**
 * Which huge folios of a VMA are mapped by a PMD instead of 512 PTEs.
 *
 * pagemap does not tell, smaps tells how many. Candidates are order-9 folios of which all pages are mapped in a row from
 * a 2 MiB boundary. If as many are PMD-mapped as there are candidates, all are, which is exact; if fewer, the lowest
 * are chosen, which is inferred.
 */
import { cell, type PageRows } from './page-rows.ts'
import { FOLIO_KINDS, type FolioKind, type FolioTable, kindOf } from './folio-table.ts'
import type { ReadVma } from './process-read.ts'
import { kbOf, type SmapsVma } from './vma-list.ts'

export const PMD_PAGES = 512
const PMD_ORDER = 9
const PMD_KB = 2048

const COUNTERS: Record<FolioKind, string> = {
  anon: 'AnonHugePages',
  file: 'FilePmdMapped',
  shmem: 'ShmemPmdMapped',
}

export interface PmdChoice {
  /** First rows of the PMD-mapped ranges. */
  rows: ReadonlySet<number>
  /** Ranges that smaps counts but that have no candidate, and candidates among which had to be chosen. */
  missing: number
  chosenAmong: number
}

/** PMDs that smaps counts in a VMA. */
export function pmdsMapped(vma: SmapsVma, kind: FolioKind): number {
  return Math.floor(kbOf(vma, COUNTERS[kind]) / PMD_KB)
}

export function choosePmdMapped(rows: PageRows, table: FolioTable, read: ReadVma): PmdChoice {
  const chosen = new Set<number>()
  let missing = 0
  let chosenAmong = 0
  for (const kind of FOLIO_KINDS) {
    const mapped = pmdsMapped(read.vma, kind)
    if (mapped === 0) continue
    const candidates = candidatesOf(rows, table, read, kind)
    for (const row of candidates.slice(0, mapped)) chosen.add(row)
    if (mapped > candidates.length) missing += mapped - candidates.length
    else if (mapped < candidates.length) chosenAmong += candidates.length
  }
  return { rows: chosen, missing, chosenAmong }
}

function candidatesOf(rows: PageRows, table: FolioTable, read: ReadVma, kind: FolioKind): number[] {
  const candidates: number[] = []
  for (let row = read.from; row + PMD_PAGES <= read.to; ) {
    if (isCandidate(rows, table, read, row, kind)) {
      candidates.push(row)
      row += PMD_PAGES
    } else row++
  }
  return candidates
}

function isCandidate(
  rows: PageRows,
  table: FolioTable,
  read: ReadVma,
  row: number,
  kind: FolioKind,
): boolean {
  const at = cell(rows.at, row)
  const folio = cell(table.rowFolio, row)
  if ((read.vma.first + at) % PMD_PAGES !== 0 || folio < 0) return false
  if (cell(table.order, folio) !== PMD_ORDER || kindOf(cell(table.props, folio)) !== kind) {
    return false
  }
  for (let page = 0; page < PMD_PAGES; page++) {
    const same = cell(table.rowFolio, row + page) === folio
    const inOrder = cell(table.rowPage, row + page) === page
    if (!same || !inOrder || cell(rows.at, row + page) !== at + page) return false
  }
  return true
}
