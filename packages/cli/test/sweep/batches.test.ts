/** How the points of a sweep are dealt out: each once, small ones together, fewer towards the end. */
import { describe, expect, test } from 'vitest'
import { Batches } from '../../src/sweep/batches.ts'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Deals all, each point taking so long. */
function dealt(points: number, ms: number, threads = 2): number[][] {
  const batches = new Batches(numbers(points), () => 1, threads)
  const all: number[][] = []
  for (let batch = batches.next(); batch.length > 0; batch = batches.next()) {
    all.push(batch)
    batches.took(batch, batch.length, batch.length * ms)
  }
  return all
}

describe('points', () => {
  test('are dealt in their order, each once', () => {
    for (const ms of [0.001, 1, 1000]) expect(dealt(1000, ms).flat()).toEqual(numbers(1000))
  })

  test('that are small are dealt together once one has been measured, and fewer towards the end', () => {
    const sizes = dealt(1000, 1).map(({ length }) => length)
    expect(sizes.slice(0, 3)).toEqual([1, 10, 10])
    expect(sizes.at(-1)).toBe(1)
    expect(sizes.slice(1)).toEqual(sizes.slice(1).toSorted((a, b) => b - a))
  })

  test('that are large are dealt alone', () => {
    expect(dealt(10, 100).every(({ length }) => length === 1)).toBe(true)
  })

  test('are dealt alone as long as nothing is known', () => {
    const batches = new Batches(numbers(10), () => 1, 1)
    expect([batches.next(), batches.next()]).toEqual([[0], [1]])
    batches.took([0], 1)
    expect(batches.next()).toEqual([2])
  })

  test('that cost nothing are bounded, too', () => {
    const batches = new Batches(numbers(1000), () => 0, 1)
    expect(batches.next()).toHaveLength(64)
  })

  test('that were not begun are dealt again, first', () => {
    const batches = new Batches(numbers(100), () => 1, 1)
    expect(batches.took(batches.next(), 1, 1)).toBe(1)
    const batch = batches.next()
    expect(batch).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(batches.took(batch, 3, 30)).toBe(3)
    expect(batches.next().slice(0, 2)).toEqual([4, 5])
  })

  test('that take longer than those before are dealt in smaller batches', () => {
    const batches = new Batches(numbers(1000), () => 1, 1)
    batches.took(batches.next(), 1, 1)
    const before = batches.next()
    batches.took(before, before.length, before.length * 9)
    expect(batches.next().length).toBeLessThan(before.length)
  })
})
