/**
 * What samples of one figure come to.
 */

import { median } from '@mmgather/core'

/** Nanoseconds of one operation over several samples. */
export interface Sampled {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly samples: number
  /** A quarter of the samples is so far above another quarter that other work must have been in the way. */
  readonly isNoisy: boolean
}

const NOISY_RATIO = 1.25

export function sampledOf(samples: readonly number[]): Sampled {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  return {
    median: median(sorted),
    min: at(0),
    max: at(1),
    samples: sorted.length,
    isNoisy: at(0.75) > NOISY_RATIO * at(0.25),
  }
}

/** One less the other, which never falls below 0. */
export function lessOf(whole: Sampled, part: Sampled): Sampled {
  const less = (a: number, b: number): number => Math.max(0, a - b)
  return {
    median: less(whole.median, part.median),
    min: less(whole.min, part.max),
    max: less(whole.max, part.min),
    samples: whole.samples,
    isNoisy: whole.isNoisy || part.isNoisy,
  }
}
