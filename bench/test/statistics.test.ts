/**
 * The arithmetic that benchmark results go through, and the table they are printed in.
 */
import { expect, test } from 'vitest'

import { ratios, summarise } from '../src/statistics.ts'
import { printTable } from '../src/table.ts'

test('summarise: median of an odd and an even number of measurements', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(summarise([10, 4, 1, 3])).toEqual({ median: 3.5, min: 1, max: 10 })
  expect(() => summarise([])).toThrow(RangeError)
})

test('ratios: within a round, never between rounds', () => {
  expect(ratios([10, 30], [5, 10])).toEqual([2, 3])
  expect(() => ratios([1], [1, 2])).toThrow('1 measurements against 2')
  expect(() => ratios([1], [0])).toThrow('measurement 0 is 0')
})

test('printTable: names to the left, figures to the right', () => {
  const table = printTable([
    ['what', 'ns'],
    ['zap', '12.5'],
  ])
  expect(table).toBe('what    ns\nzap   12.5')
})
