/**
 * The points of a sweep: every combination of the axes' entries, each with every seed.
 *
 * Order: the first axis changes slowest, the seed fastest. A point is made from its number, so that a sweep of a million
 * points needs no list of them.
 */
import { assert } from '../lib/assert.ts'
import type { Axis, AxisValues } from './axis.ts'

/** Points of one sweep at most. */
export const POINTS_MAX = 1_000_000

export interface SweepPoint {
  /** The values of the axes. */
  axes: AxisValues
  seed: number
}

/** Combinations times seeds. */
export function countPoints(axes: readonly Axis[], seeds: number): number {
  return axes.reduce((product, { values }) => product * values.length, seeds)
}

/** @param seed - of the first of a combination's points; the i-th has seed + i. */
export function pointAt(
  axes: readonly Axis[],
  seeds: number,
  seed: number,
  index: number,
): SweepPoint {
  assert(index < countPoints(axes, seeds), 'a point beyond the last', { index })
  const values: AxisValues = {}
  let rest = Math.floor(index / seeds)
  for (const axis of axes.toReversed()) {
    const entry = axis.values[rest % axis.values.length] ?? []
    axis.keys.forEach((key, i) => {
      const value = entry[i]
      if (value !== undefined) values[key] = value
    })
    rest = Math.floor(rest / axis.values.length)
  }
  return { axes: inOrder(axes, values), seed: seedOf(seed, index % seeds) }
}

/** Keys in the order of the axes. */
function inOrder(axes: readonly Axis[], values: AxisValues): AxisValues {
  return Object.fromEntries(axes.flatMap(({ keys }) => keys.map((key) => [key, values[key]])))
}

/** Seeds stay non-negative int32. */
function seedOf(seed: number, i: number): number {
  return (seed + i) & 0x7fffffff
}
