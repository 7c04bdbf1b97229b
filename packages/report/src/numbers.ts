/**
 * Numbers for people: three digits and a unit.
 */
import type { Metric } from './report-data.ts'

type Unit = readonly [name: string, size: number]

const TIME_UNITS: readonly Unit[] = [
  ['ns', 1],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
]
const COUNT_UNITS: readonly Unit[] = [
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
]

/** `1,234,567`. */
export function countText(n: number): string {
  return n.toLocaleString('en-US')
}

/** `12.3 µs`. */
export function timeText(ns: number): string {
  return inUnits(ns, TIME_UNITS)
}

/** `12.3 M`, `5 k`: short, for axes. */
export function shortCount(n: number): string {
  return inUnits(n, COUNT_UNITS)
    .replace(/\.0+(?= |$)/, '')
    .trim()
}

/** `12.5 %`, `60 %`: for axes. */
export function shortPercent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

/** A share of 1: `12.3 %`. */
export function percentText(share: number): string {
  const percent = share * 100
  const digits = Math.abs(percent) >= 99.95 ? 0 : 1
  return `${percent.toFixed(digits)} %`
}

/** A change as a part: `-26.0 %`, `+3.1 %`, `×12.5`, `=`; null: `from 0`. */
export function changeText(change: number | null): string {
  if (change === null) return 'from 0'
  if (change === 0) return '='
  if (change >= 9.995) return `×${threeDigits(change + 1)}`
  const percent = change * 100
  const size = Math.abs(percent)
  // what is almost gone is not gone
  if (percent < -99 && percent > -100) return `−${(Math.floor(size * 10) / 10).toFixed(1)} %`
  return `${percent < 0 ? '−' : '+'}${size.toFixed(size < 9.95 ? 1 : 0)} %`
}

export function metricText(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'ns':
      return timeText(value)
    case 'share':
      return percentText(value)
    case 'pages/ms':
      return `${shortCount(value)}/ms`
    default:
      return Number.isInteger(value) ? countText(value) : shortCount(value)
  }
}

function inUnits(value: number, units: readonly Unit[]): string {
  const size = Math.abs(value)
  const [name, by] = units.findLast(([, unit]) => size >= unit * 0.9995) ?? units[0] ?? ['', 1]
  return `${threeDigits(value / by)} ${name}`
}

function threeDigits(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 99.95) return countText(Math.round(value))
  return value.toFixed(size < 9.995 ? (Number.isInteger(value) ? 0 : 2) : 1)
}
