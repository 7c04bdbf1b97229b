/** The tables of docs/published.md are what the virtual engine says: some rows, run again. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { nrPagesMappedRow, ORDERS, zapRow } from '../src/published.ts'

const document = readFileSync(new URL('../../docs/published.md', import.meta.url), 'utf8')

/** The rows of a table. The formatter aligns the columns. */
function rowsOf(name: string): string[] {
  const part = document.split(`<!-- ${name} -->`)[1]?.split(`<!-- end of ${name} -->`)[0] ?? ''
  const lines = part.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) => line.replaceAll(/ +/g, ' '))
}

test('the tables have a row for each folio size', () => {
  const ordersOf = (name: string) => rowsOf(name).map((line) => Number(line.split('|')[2]))
  expect(ordersOf('zap')).toEqual([...ORDERS])
  expect(ordersOf('nr-pages-mapped')).toEqual(ORDERS.slice(1))
  expect(rowsOf('faults')).toHaveLength(3)
})

test.each([0, 4, 9])('munmap of 1 GiB in folios of order %i', async (order) => {
  expect(rowsOf('zap')[ORDERS.findIndex((each) => each === order)]).toBe(await zapRow(order))
})

test('munmap of 1 GiB in folios of order 3, v6.10 and v6.12', async () => {
  expect(rowsOf('nr-pages-mapped')[1]).toBe(await nrPagesMappedRow(3))
})
