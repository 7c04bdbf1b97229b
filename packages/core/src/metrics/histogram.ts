/**
 * Histograms with the log-linear buckets of `lib/log-linear.ts`: adding them up, writing them out, reading quantiles.
 *
 * While they are summed, histograms are dense (one count per bucket, as float64, so that sums over many runs stay
 * exact); in a report they are the list of their non-empty buckets, in order of value.
 */

import { BUCKETS, bucketEnd, bucketStart } from '../lib/log-linear.ts'
import type { HistogramBucket } from './run-report.ts'

/** A count for each bucket, all 0. */
export function emptyBuckets(): Float64Array {
  return new Float64Array(BUCKETS)
}

/** Adds the counts of `from`, which may be words of the machine, to `into`. */
export function addBuckets(into: Float64Array, from: ArrayLike<number>): void {
  for (let i = 0; i < BUCKETS; i++) into[i] = (into[i] ?? 0) + (from[i] ?? 0)
}

/** The buckets that are not empty, in order of value. */
export function histogramOf(buckets: ArrayLike<number>): HistogramBucket[] {
  const found: HistogramBucket[] = []
  for (let i = 0; i < BUCKETS; i++) {
    const count = buckets[i] ?? 0
    if (count > 0) found.push({ from: bucketStart(i), to: bucketEnd(i), count })
  }
  return found
}

/** How many values a histogram holds. */
export function histogramCount(histogram: readonly HistogramBucket[]): number {
  return histogram.reduce((sum, bucket) => sum + bucket.count, 0)
}

/**
 * The value below or at which a share `q` (0 to 1) of the values lies: the middle of its bucket, so at most 6.25 % off;
 * 0 for an empty histogram.
 */
export function histogramQuantile(histogram: readonly HistogramBucket[], q: number): number {
  const rank = Math.max(1, Math.ceil(histogramCount(histogram) * q))
  let seen = 0
  for (const { from, to, count } of histogram) {
    seen += count
    // buckets of one integer are exact
    if (seen >= rank) return to - from <= 1 ? from : (from + to) / 2
  }
  return 0
}
