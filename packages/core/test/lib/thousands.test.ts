import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { thousands } from '../../src/lib/thousands.ts'

test('numbers are written as Intl writes them', () => {
  const numbers = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.integer({ min: -2_000_000, max: 2_000_000 }).map((n) => n / 8),
  )
  // a half that is rounded may go either way below zero
  const property = fc.property(numbers, (n) => {
    expect(thousands(Math.abs(n))).toBe(Math.abs(n).toLocaleString('en-US'))
  })
  fc.assert(property, { seed: 20261126, numRuns: 1000 })
  expect(['0', '999', '1,000', '-1,234,567', '12,345.5']).toEqual(
    [0, 999, 1000, -1_234_567, 12_345.5].map(thousands),
  )
})
