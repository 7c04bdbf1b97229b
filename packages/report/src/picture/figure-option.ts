/**
 * One figure of a sweep over one of its axes: lines along numbers, bars along words.
 */
import { metricText, shortCount, shortPercent, timeText } from '../numbers.ts'
import type { Metric } from '../report-data.ts'
import { shortened } from '../names.ts'
import { acrossAxis, isDecades, isNumeric, SYMBOLS, upAxis } from './axes.ts'
import { LIGHT } from './palette.ts'
import { type Drawing, refuseTooMany } from './drawing.ts'
import { PictureError } from './picture-error.ts'
import { legendName } from './svg.ts'
import type { Group, View } from './view.ts'

/** Bars that still have room for their figures. */
const LABELLED_BARS_MAX = 16
const WORD_CHARS_MAX = 16

/** @throws PictureError */
export function figureOption({ sweep, across, groups }: View, figure: string): Drawing {
  const { axes, metrics } = sweep
  const index = metrics.findIndex(({ id }) => id === figure)
  const metric = metrics[index]
  if (metric === undefined)
    throw new PictureError({
      field: 'figure',
      problem: 'is no figure of sweeps',
      value: figure,
      known: metrics.map(({ id }) => id),
    })
  refuseTooMany(groups.length)
  const { name = '', values = [] } = axes[across] ?? {}
  const numbers = values.map(({ value }) => value)
  const lines = isNumeric(numbers)
  const valueOf = (cell: Group['cells'][number]): number | null => cell.medians[index] ?? null
  const all = groups.flatMap(({ cells }) => cells.map(valueOf).filter((value) => value !== null))
  const isLog = lines && isDecades(all)
  const isLabelled = groups.length * values.length <= LABELLED_BARS_MAX
  const series = groups.map((group, i) => {
    const color = LIGHT.series[i]
    const common = { name: legendName(group.name), silent: true, itemStyle: { color } }
    if (lines)
      return {
        ...common,
        type: 'line',
        symbol: SYMBOLS[i % SYMBOLS.length],
        symbolSize: 8,
        lineStyle: { color, width: 2 },
        data: group.cells.map((cell) => [numbers[cell.at[across] as number], valueOf(cell)]),
      }
    const cells = new Map(group.cells.map((cell) => [cell.at[across], valueOf(cell)]))
    return {
      ...common,
      type: 'bar',
      barMaxWidth: 56,
      label: {
        show: isLabelled,
        position: 'top',
        color: LIGHT.text,
        fontSize: 11,
        formatter: ({ value }: { value: number }) => metricText(value, metric.unit),
      },
      data: values.map((_, at) => cells.get(at) ?? null),
    }
  })
  return {
    title: `${capital(metric.label)} over ${name}`,
    up: isLog ? `${metric.label} (logarithmic)` : metric.label,
    names: groups.map((group) => group.name),
    option: {
      xAxis: acrossAxis(
        name,
        numbers,
        values.map(({ text }) => shortened(text, WORD_CHARS_MAX)),
      ),
      yAxis: upAxis(axisUnit(metric), isLog),
      series,
    },
  }
}

function axisUnit({ unit }: Metric): (value: number) => string {
  if (unit === 'ns') return timeText
  return unit === 'share' ? shortPercent : shortCount
}

function capital(text: string): string {
  return text.replace(/^[a-z](?=[a-z]*(?: [^l]|$))/, (letter) => letter.toUpperCase())
}
