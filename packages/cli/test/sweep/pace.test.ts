/**
 * Tests of what progress says of a sweep: how much is done, by cost, and durations in words.
 */
import { expect, test } from 'vitest'
import { durationText, startPace } from '../../src/sweep/pace.ts'

test('large points are a large part', () => {
  const pace = startPace([1, 1, 8])
  expect(pace.done(1, 1).fraction).toBeCloseTo(0.1)
  expect(pace.done(1, 8).fraction).toBeCloseTo(0.9)
  const end = pace.done(1, 1)
  expect(end.fraction).toBe(1)
  expect(end.left).toBe('0 ns')
})

test('points that cost nothing are counted', () => {
  const pace = startPace([0, 0])
  expect(pace.done(1, 0).fraction).toBe(0.5)
  expect(pace.done(1, 0).fraction).toBe(1)
})

test.for([
  [0, '0 ns'],
  [12.3, '12.3 ms'],
  [999, '999 ms'],
  [1400, '1 s'],
  [99_400, '99 s'],
  [100_000, '2 min'],
  [3_600_000, '60 min'],
  [7_500_000, '2 h 5 min'],
] as const)('%i ms is %s', ([ms, text]) => {
  expect(durationText(ms)).toBe(text)
})
