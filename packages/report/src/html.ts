/**
 * The page of a report: one file that needs nothing else.
 *
 * The page itself is made when the package is built (scripts/bundle-report.ts); here the data is put in. Invariant: no
 * text of the data can end its element: every `<` in it is written as an escape of JSON.
 */
import { readFileSync } from 'node:fs'
import { type ReportSource, reportData } from './collect.ts'

/** Stands in the page where the data goes. */
const PLACE = '"mmgather report data"'

/** The page in parts, in their order. */
export function* reportHtml(sources: readonly ReportSource[]): Generator<string> {
  const page = readFileSync(new URL('../dist/report.html', import.meta.url), 'utf8')
  const at = page.indexOf(PLACE)
  yield page.slice(0, at)
  yield embeddedJson(reportData(sources))
  yield page.slice(at + PLACE.length)
}

/** JSON that may stand in a script element. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
