/** The tables of docs/contention.md are what the virtual engine says: some rows, run again. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { BATCHES, contentionRow, type Lruvecs } from '../src/contention.ts'

const document = readFileSync(new URL('../../docs/contention.md', import.meta.url), 'utf8')
const tables = document.split('<!-- tables -->')[1]?.split('<!-- end of tables -->')[0] ?? ''
// the formatter aligns the columns
const rows = tables
  .split('\n')
  .map((line) => line.replaceAll(/ +/g, ' '))
  .filter((line) => /^\| \d/.test(line))

test('each table has a row for each batch', () => {
  const batches = rows.map((row) => Number(row.split('|')[1]))
  expect(batches).toEqual([...BATCHES, ...BATCHES])
})

test.for<[number, Lruvecs]>([
  [32, 'one'],
  [512, 'one'],
  [32, 'each'],
])('SWAP_CLUSTER_MAX %i, lruvecs: %s', ([batch, lruvecs]) => {
  const table = lruvecs === 'one' ? rows.slice(0, BATCHES.length) : rows.slice(BATCHES.length)
  expect(table[BATCHES.findIndex((each) => each === batch)]).toBe(contentionRow(batch, lruvecs))
})
