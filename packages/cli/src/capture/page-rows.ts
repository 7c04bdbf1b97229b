/**
 * The present pages of all captured processes, one row each, as columns.
 *
 * Owns the columns, which grow as they fill. Rows of one VMA are neighbours, in ascending order of `at`. A row is 17
 * bytes, so that the largest capture that is allowed by default holds 70 MiB of them.
 */
import { CaptureError } from './capture-error.ts'

/** Bit of `bits`: a page of a file, or shared anonymous memory (pagemap bit 61). */
export const ROW_FILE = 1
/** Bit of `bits`: mapped exactly once (pagemap bit 56). */
export const ROW_EXCLUSIVE = 2

const FIRST_CAPACITY = 4096

export interface PageRows {
  length: number
  /** Page within its VMA. */
  at: Float64Array
  /** 0 where the kernel did not tell. */
  pfn: Float64Array
  bits: Uint8Array
  readonly maxPages: number
}

export function createPageRows(maxPages: number): PageRows {
  return {
    length: 0,
    at: new Float64Array(FIRST_CAPACITY),
    pfn: new Float64Array(FIRST_CAPACITY),
    bits: new Uint8Array(FIRST_CAPACITY),
    maxPages,
  }
}

export function pushPageRow(rows: PageRows, at: number, pfn: number, bits: number): void {
  const row = rows.length
  if (row === rows.maxPages) throw tooManyPages(`more than ${row}`, rows.maxPages)
  if (row === rows.at.length) grow(rows)
  rows.at[row] = at
  rows.pfn[row] = pfn
  rows.bits[row] = bits
  rows.length = row + 1
}

export function tooManyPages(present: string, maxPages: number): CaptureError {
  return new CaptureError({
    field: 'maxPages',
    value: maxPages,
    problem: `the processes map ${present} present pages`,
    allowed: `at most ${maxPages} present pages of all processes together`,
    wayOut:
      'raise maxPages (about 100 bytes of memory per page are needed), or capture fewer processes',
  })
}

/** The value of a column that is known to have this row. */
export function cell(
  column: Float64Array | Int32Array | Uint16Array | Uint8Array,
  row: number,
): number {
  return column[row] ?? 0
}

function grow(rows: PageRows): void {
  const capacity = Math.min(rows.at.length * 2, rows.maxPages)
  const at = new Float64Array(capacity)
  at.set(rows.at)
  const pfn = new Float64Array(capacity)
  pfn.set(rows.pfn)
  const bits = new Uint8Array(capacity)
  bits.set(rows.bits)
  rows.at = at
  rows.pfn = pfn
  rows.bits = bits
}
