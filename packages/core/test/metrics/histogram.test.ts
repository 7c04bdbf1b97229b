import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'

import { bucketOf, VALUE_MAX } from '../../src/lib/log-linear.ts'
import {
  addBuckets,
  emptyBuckets,
  histogramCount,
  histogramOf,
  histogramQuantile,
} from '../../src/metrics/histogram.ts'
import { median, spreadOf } from '../../src/metrics/spread.ts'

const values = fc.array(fc.integer({ min: 0, max: VALUE_MAX }), { minLength: 1, maxLength: 200 })

function bucketsOf(samples: readonly number[]): Float64Array {
  const buckets = emptyBuckets()
  for (const sample of samples) {
    const bucket = bucketOf(sample)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  return buckets
}

test('every value lies in its bucket, and buckets are in order', () => {
  fc.assert(
    fc.property(values, (samples) => {
      const histogram = histogramOf(bucketsOf(samples))
      expect(histogramCount(histogram)).toBe(samples.length)
      for (const { from, to, count } of histogram) {
        expect(samples.filter((sample) => sample >= from && sample < to)).toHaveLength(count)
      }
      const starts = histogram.map(({ from }) => from)
      expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    }),
  )
})

test('adding is the histogram of both', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const sum = bucketsOf(a)
      addBuckets(sum, bucketsOf(b))
      expect(sum).toEqual(bucketsOf([...a, ...b]))
    }),
  )
})

test('a quantile is at most 6.25 % off', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (samples, q) => {
      const sorted = samples.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(sorted.length * q)) - 1] ?? 0
      const found = histogramQuantile(histogramOf(bucketsOf(samples)), q)
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.0625)
    }),
  )
})

test('the quantile of nothing is 0', () => {
  expect(histogramQuantile([], 0.5)).toBe(0)
})

test('median and spread', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(spreadOf([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 })
  expect(() => median([])).toThrow('no values')
})
