/**
 * The axes of pictures.
 *
 * Owns when one is logarithmic: across, where the values span GEOMETRIC or more; up, where they span DECADES.
 */
import { countText } from '../numbers.ts'
import { LIGHT } from './palette.ts'
import type { Option } from './drawing.ts'

/** Of the points of curves: their colours are not all that tells them apart. */
export const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin'] as const

const GEOMETRIC = 8
const DECADES = 20

function style(): Option {
  const { muted, line } = LIGHT
  return {
    axisLabel: { color: muted, fontSize: 12, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    nameTextStyle: { color: muted, fontSize: 12 },
  }
}

/** Along numbers, or along words. */
export function acrossAxis(
  name: string,
  values: readonly (number | string)[],
  texts: readonly string[],
): Option {
  const named = {
    name,
    nameLocation: 'middle',
    nameGap: 28,
    ...style(),
    splitLine: { show: false },
  }
  if (!isNumeric(values)) return { type: 'category', data: [...texts], ...named }
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const label = { color: LIGHT.muted, fontSize: 12, hideOverlap: true }
  if (least > 0 && most / least >= GEOMETRIC)
    return {
      type: 'log',
      logBase: 2,
      min: least,
      max: most,
      ...named,
      axisLabel: { ...label, formatter: (value: number) => countText(Math.round(value)) },
    }
  return { type: 'value', min: least, max: most, minInterval: 1, ...named, axisLabel: label }
}

export function isNumeric(values: readonly (number | string)[]): values is readonly number[] {
  return values.every((value) => typeof value === 'number')
}

/** Is the axis up logarithmic? Bars begin at 0. */
export function isDecades(values: readonly number[]): boolean {
  const least = Math.min(...values)
  return least > 0 && Math.max(...values) / least >= DECADES
}

export function upAxis(unit: (value: number) => string, isLog: boolean): Option {
  return {
    type: isLog ? 'log' : 'value',
    ...style(),
    axisLine: { show: false },
    splitLine: { lineStyle: { color: LIGHT.line } },
    axisLabel: {
      color: LIGHT.muted,
      fontSize: 12,
      formatter: (value: number) => unit(value).replace(/\.0+(?= )/, ''),
    },
  }
}
