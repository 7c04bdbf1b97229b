/**
 * The table of seeded bugs in docs/checking.md: between two markers, written from what the tests of the bugs have found.
 */
import { readFileSync, writeFileSync } from 'node:fs'

import type { CheckReport } from '../../../src/index.ts'
import type { Mutant } from './mutants.ts'

const PAGE = new URL('../../../../../docs/checking.md', import.meta.url)
const BEGIN =
  '<!-- seeded bugs: UPDATE_BUGS=1 npm test -- packages/core/test/engines/check/mutants -->\n'
const END = '<!-- end of seeded bugs -->'
const HEAD = ['bug', 'after', 'world', 'strategy', 'rule', 'executions', 'switches', 'steps']

/** The row of a bug that was found. */
export function bugRow(mutant: Mutant, { executions, counterexample }: CheckReport): string[] {
  return [
    `\`${mutant.id}\``,
    mutant.source,
    mutant.world,
    mutant.strategy,
    `\`${counterexample?.rule}\``,
    `${executions}`,
    `${counterexample?.contextSwitches}`,
    `${counterexample?.steps.length}`,
  ]
}

/** The table, as the formatter leaves it. */
export function bugTable(rows: readonly (readonly string[])[]): string {
  const all = [HEAD, ...rows]
  const widths = HEAD.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return `\n${line(HEAD)}${rule}${rows.map(line).join('')}\n`
}

/** The table that stands in the page. */
export function writtenTable(): string {
  const text = readFileSync(PAGE, 'utf8')
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END))
}

export function writeTable(table: string): void {
  const text = readFileSync(PAGE, 'utf8')
  const [before, after] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)]
  writeFileSync(PAGE, text.slice(0, before) + table + text.slice(after))
}
