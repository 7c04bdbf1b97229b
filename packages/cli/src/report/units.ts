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

/** A share of 1 as a percentage: three digits at most, `12.3 %`, `100 %`. */
export function percentText(share: number): string {
  const percent = share * 100
  return `${percent >= 99.95 ? Math.round(percent) : percent.toFixed(1)} %`
}

/**
 * A change as patch series write it: `-26 %`, `+3.1 %`, `×12.5`, `=`; null, a change from 0, is `from 0`. At most seven
 * characters.
 */
export function changeText(change: number | null): string {
  if (change === null) return 'from 0'
  if (change === 0) return '='
  const percent = change * 100
  if (percent >= 999.5) return `×${shortTimes(change + 1)}`
  const sign = percent < 0 ? '-' : '+'
  // what is almost gone is not gone
  if (percent <= -99 && percent > -100) return `-${(Math.floor(-percent * 10) / 10).toFixed(1)} %`
  const size = Math.abs(percent)
  return `${sign}${size.toFixed(size < 9.95 ? 1 : 0)} %`
}

function shortTimes(times: number): string {
  return inUnits(times, [['', 1], ...COUNT_UNITS]).replace(' ', '')
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
