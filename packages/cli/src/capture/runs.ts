/**
 * The runs of a VMA: consecutive pages that map consecutive pages of consecutive folio ids.
 *
 * Invariant: runs are in ascending order of `at`, cover every row that is not left out exactly once, and are maximal.
 */
import type { RunInput } from '@mmgather/core'
import type { FolioTable } from './folio-table.ts'
import { PMD_PAGES } from './pmd-mapped.ts'
import { isDirty, isYoung, type PteBits } from './pte-bits.ts'
import { cell, type PageRows } from './page-rows.ts'
import type { ReadVma } from './process-read.ts'

/** Where a run would go on. */
interface Tail {
  run: RunInput | undefined
  at: number
  folio: number
  page: number
}

export function runsOf(
  rows: PageRows,
  table: FolioTable,
  read: ReadVma,
  pmdRows: ReadonlySet<number>,
  bits: PteBits,
  folioId: (folio: number) => number,
): RunInput[] {
  const runs: RunInput[] = []
  const tail: Tail = { run: undefined, at: 0, folio: 0, page: 0 }
  for (let row = read.from; row < read.to; ) {
    const folio = cell(table.rowFolio, row)
    if (folio < 0) {
      row++
      continue
    }
    const pmd = pmdRows.has(row)
    const next: RunInput = {
      at: cell(rows.at, row),
      pages: pmd ? PMD_PAGES : 1,
      folio: folioId(folio),
      page: cell(table.rowPage, row),
      mapped: pmd ? 'pmd' : 'pte',
      dirty: isDirty(bits, table, folio, row - read.from),
      young: isYoung(bits, table, folio, row - read.from),
    }
    append(runs, tail, next, 2 ** cell(table.order, folio))
    row += next.pages
  }
  return runs.map(withoutDefaults)
}

function append(runs: RunInput[], tail: Tail, next: RunInput, folioPages: number): void {
  const { run } = tail
  const page = next.page ?? 0
  const follows = tail.at === next.at && tail.folio === next.folio && tail.page === page
  const alike =
    run !== undefined &&
    run.mapped === next.mapped &&
    run.dirty === next.dirty &&
    run.young === next.young
  if (follows && alike) run.pages += next.pages
  else {
    runs.push(next)
    tail.run = next
  }
  const end = page + next.pages
  tail.at = next.at + next.pages
  tail.folio = end === folioPages ? next.folio + 1 : next.folio
  tail.page = end === folioPages ? 0 : end
}

function withoutDefaults(run: RunInput): RunInput {
  const compact: RunInput = { at: run.at, pages: run.pages, folio: run.folio }
  if (run.page !== 0) compact.page = run.page
  if (run.mapped === 'pmd') compact.mapped = 'pmd'
  if (run.dirty === true) compact.dirty = true
  if (run.young === true) compact.young = true
  return compact
}
