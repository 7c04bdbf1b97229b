/**
 * Selections: the rule of the format, and the count against visiting every index.
 */
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'

import type { Selection } from '../../src/scenario/scenario.ts'
import { selectionCount, selectionMatches } from '../../src/scenario/selection.ts'

const picked = (selection: Selection, n: number) =>
  Array.from({ length: n }, (_, i) => i).filter((i) => selectionMatches(selection, i))

describe('selections', () => {
  test('pick by index', () => {
    expect(picked('none', 3)).toEqual([])
    expect(picked('all', 3)).toEqual([0, 1, 2])
    expect(picked({ from: 0, every: 8, length: 1 }, 17)).toEqual([0, 8, 16])
    expect(picked({ from: 2, every: 4, length: 2 }, 9)).toEqual([2, 3, 6, 7])
    expect(picked({ from: 5, every: 1, length: 1 }, 8)).toEqual([5, 6, 7])
    expect(picked({ from: 1, every: 2, length: 9 }, 5)).toEqual([1, 2, 3, 4])
  })

  const selections = fc.oneof(
    fc.constantFrom<Selection>('none', 'all'),
    fc.record({
      from: fc.nat(40),
      every: fc.integer({ min: 1, max: 20 }),
      length: fc.integer({ min: 1, max: 25 }),
    }),
  )

  test('the count is the number of matches', () => {
    fc.assert(
      fc.property(selections, fc.nat(100), (selection, n) => {
        expect(selectionCount(selection, n)).toBe(picked(selection, n).length)
      }),
    )
  })
})
