/**
 * Runs and points as CSV (RFC 4180): a row each, a column for every figure, empty where there is none.
 */
import type { ReportInput } from '../../report-inputs.ts'
import { type Cell, figureRows } from './figure-rows.ts'

/** Lines with their ends, the names of the columns first. */
export function* csvParts(inputs: readonly ReportInput[]): Generator<string> {
  // rows of runs and of points have different columns, and those without figures have few
  const names = new Set<string>()
  for (const row of figureRows(inputs)) for (const name of row.keys()) names.add(name)
  yield lineOf([...names])
  for (const row of figureRows(inputs))
    yield lineOf([...names].map((name) => row.get(name) ?? null))
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
