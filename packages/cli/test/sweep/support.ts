/**
 * Small sweeps on the real command, and what their journals hold.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Journal, parseJournal } from '@mmgather/core'
import { mmgather, type Result, type RunOptions } from '../support.ts'

/** Eight points of a few milliseconds. */
export const GRID: readonly string[] = [
  'sweep',
  'exit-order0',
  '--pages',
  '64',
  '--axis',
  'cpus+processes=1,2',
  '--axis',
  'order=0,2',
  '--seeds',
  '2',
]

export const JOURNAL = 'j.jsonl'

export function sweep(
  cwd: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Result> {
  return mmgather([...GRID, '--out', JOURNAL, ...args], { cwd, ...options })
}

export function textOf(cwd: string): string {
  return readFileSync(join(cwd, JOURNAL), 'utf8')
}

export function journalOf(cwd: string): Journal {
  return parseJournal(textOf(cwd))
}

/** The lines, the header first, the others in an order of their own. */
export function sortedLines(text: string): string[] {
  const [header = '', ...others] = text.split('\n')
  return [header, ...others.sort()]
}
