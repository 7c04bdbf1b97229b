/**
 * Median, smallest and largest of the figures of several runs.
 *
 * The median and not the mean, because one run that the scheduler disturbed would move the mean by any amount.
 */

import { assert } from '../lib/assert.ts'
import type { Spread } from './run-report.ts'

/** The middle value, or the mean of the two in the middle. Throws AssertionError if there is none. */
export function median(values: readonly number[]): number {
  assert(values.length > 0, 'median: no values')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** Throws AssertionError if there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
