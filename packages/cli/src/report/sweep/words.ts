/**
 * Points and axes of sweeps in words.
 */
import type { Axis, AxisValue, SweepPoint } from '@mmgather/core'
import { countText } from '../units.ts'

/** `cpus=4 strategy=range-v1 seed=1`. */
export function pointWords({ axes, seed }: SweepPoint): string {
  return [...Object.entries(axes).map(([key, value]) => `${key}=${value}`), `seed=${seed}`].join(
    ' ',
  )
}

/** The same with linked keys together: `cpus+processes=4 seed=1`. */
export function shortPointWords({ axes: values, seed }: SweepPoint, axes: readonly Axis[]): string {
  const words = axes.map(
    ({ keys }) => `${keys.join('+')}=${entryText(keys.map((key) => values[key] ?? ''))}`,
  )
  return [...words, `seed=${seed}`].join(' ')
}

/** `cpus 1, 2, 4, ..., 256 (9 values)`; linked keys `cpus+processes`. */
export function axisText({ keys, values }: Axis): string {
  const texts = values.map(entryText)
  const shown = texts.length > 8 ? [...texts.slice(0, 4), '...', ...texts.slice(-1)] : texts
  const count = texts.length > 8 ? ` (${texts.length} values)` : ''
  return `${keys.join('+')} ${shown.join(', ')}${count}`
}

/** The values of an axis's keys: one if all are the same, else joined by colons. */
export function entryText(entry: readonly AxisValue[]): string {
  return entry.every((value) => value === entry[0]) ? String(entry[0]) : entry.join(':')
}

/** `9 x 4 x 3 seeds`. */
export function sizeText(axes: readonly Axis[], seeds: number): string {
  const factors = axes.map(({ values }) => String(values.length))
  return [
    ...factors,
    ...(seeds > 1 || factors.length === 0 ? [`${seeds} seed${seeds > 1 ? 's' : ''}`] : []),
  ].join(' x ')
}

/** `108 = 9 x 4 x 3 seeds`; `9` if there is nothing to multiply. */
export function pointsText(points: number, axes: readonly Axis[], seeds: number): string {
  const size = sizeText(axes, seeds)
  return size.includes(' ') ? `${countText(points)} = ${size}` : countText(points)
}
