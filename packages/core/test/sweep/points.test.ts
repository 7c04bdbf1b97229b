/**
 * Tests of the points of a sweep: each combination with each seed, once, in order.
 */
import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'

import { type Axis, countPoints, parseAxis, pointAt, pointText } from '../../src/index.ts'

const AXES: Axis[] = [parseAxis('cpus+processes=1,2'), parseAxis('lock=ttas,ticket')]

test('the first axis changes slowest, the seed fastest', () => {
  const points = Array.from({ length: countPoints(AXES, 2) }, (_, i) => pointAt(AXES, 2, 7, i))
  const at = (cpus: number, lock: string, seed: number) => ({
    axes: { cpus, processes: cpus, lock },
    seed,
  })
  expect(points).toEqual([
    at(1, 'ttas', 7),
    at(1, 'ttas', 8),
    at(1, 'ticket', 7),
    at(1, 'ticket', 8),
    at(2, 'ttas', 7),
    at(2, 'ttas', 8),
    at(2, 'ticket', 7),
    at(2, 'ticket', 8),
  ])
})

test('without an axis there are the seeds', () => {
  expect(countPoints([], 3)).toBe(3)
  expect(pointAt([], 3, 1, 2)).toEqual({ axes: {}, seed: 3 })
})

test('seeds stay int32', () => {
  expect(pointAt([], 2, 2 ** 31 - 1, 1).seed).toBe(0)
})

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 4 }),
)

test('each point is there once', () => {
  fc.assert(
    fc.property(sizes, ([cpus, orders, seeds]) => {
      const axes: Axis[] = [
        { keys: ['cpus'], values: Array.from({ length: cpus }, (_, i) => [i + 1]) },
        { keys: ['order'], values: Array.from({ length: orders }, (_, i) => [i]) },
      ]
      const count = countPoints(axes, seeds)
      expect(count).toBe(cpus * orders * seeds)
      const texts = Array.from({ length: count }, (_, i) => pointText(pointAt(axes, seeds, 1, i)))
      expect(new Set(texts).size).toBe(count)
    }),
  )
})
