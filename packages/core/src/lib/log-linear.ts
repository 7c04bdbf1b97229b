/**
 * Log-linear buckets for histograms of non-negative integers: 8 steps for each power of two.
 *
 * Values below 8 have a bucket each; above, a bucket is an eighth of its power of two wide, so that a value read back
 * as its bucket's middle is at most 6.25 % off. Values are int32 (nanoseconds up to 2.1 s).
 */

export const BUCKETS = 240
export const VALUE_MAX = 0x7fffffff

/** The bucket of a value, 0 <= value <= VALUE_MAX. */
export function bucketOf(value: number): number {
  if (value < 8) return value
  const e = 31 - Math.clz32(value)
  return ((e - 3) << 3) + (value >> (e - 3))
}

/** The smallest value of a bucket. */
export function bucketStart(bucket: number): number {
  if (bucket < 8) return bucket
  const e = (bucket >> 3) + 2
  return (8 + (bucket & 7)) * 2 ** (e - 3)
}

/** One past the largest value of a bucket. */
export function bucketEnd(bucket: number): number {
  return bucketStart(bucket + 1)
}
