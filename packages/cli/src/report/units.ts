/**
 * Numbers for people: thousands separators, times and sizes with units.
 */

type Unit = readonly [name: string, size: number]

const COUNT_UNITS: readonly Unit[] = [
  [' k', 1e3],
  [' M', 1e6],
  [' G', 1e9],
  [' T', 1e12],
  [' P', 1e15],
]
const TIME_UNITS: readonly Unit[] = [
  [' ns', 1],
  [' µs', 1e3],
  [' ms', 1e6],
  [' s', 1e9],
  [' ks', 1e12],
  [' Ms', 1e15],
  [' Gs', 1e18],
]
const SIZE_UNITS: readonly Unit[] = [
  [' KiB', 2 ** 10],
  [' MiB', 2 ** 20],
  [' GiB', 2 ** 30],
]

/** `1,234,567`. */
export function countText(n: number): string {
  return n.toLocaleString('en-US')
}

/** The exact count if it has at most `width` characters, else three digits of it: `12.3 M`. */
export function shortCountText(n: number, width: number): string {
  const exact = countText(n)
  return exact.length <= width ? exact : inUnits(n, COUNT_UNITS)
}

/** Three digits and the unit: at most seven characters. */
export function timeText(ns: number): string {
  return inUnits(ns, TIME_UNITS)
}

/** `12.3 MiB`. */
export function bytesText(bytes: number): string {
  return inUnits(bytes, SIZE_UNITS)
}

/** In the first unit in which three digits are enough, else in the last. */
function inUnits(value: number, units: readonly Unit[]): string {
  const fits = units.find(([, size]) => Number((value / size).toPrecision(3)) < 1000)
  const [name, size] = fits ?? units.at(-1) ?? ['', 1]
  return threeDigits(value / size) + name
}

function threeDigits(value: number): string {
  if (value === 0) return '0'
  const rounded = Number(value.toPrecision(3))
  if (rounded >= 100) return countText(Math.round(value))
  return rounded.toFixed(rounded < 10 ? 2 : 1)
}
