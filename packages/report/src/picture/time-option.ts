/**
 * Where the time of the CPUs went, as stacked bars: of a sweep shares of it along an axis, of a run times for each CPU.
 */
import { shortPercent, timeText } from '../numbers.ts'
import type { RunData, SweepData } from '../report-data.ts'
import { TIME_PARTS } from '../time-parts.ts'
import { acrossAxis, upAxis } from './axes.ts'
import { LIGHT } from './palette.ts'
import type { Drawing, Option } from './drawing.ts'
import { PictureError } from './picture-error.ts'
import { legendName } from './svg.ts'
import type { View } from './view.ts'

/** A part that is nowhere more than this is left out. */
const SHARE_MIN = 0.005
/** Bars of one picture. */
const BARS_MAX = 128

/** @throws PictureError */
export function sweepTimeOption({ sweep, across, groups }: View): Drawing {
  const { name = '', values = [] } = sweep.axes[across] ?? {}
  const bars = groups.flatMap((group) =>
    group.cells.map((cell) => ({
      text: [group.name, values[cell.at[across] as number]?.text ?? ''].filter(Boolean).join('\n'),
      shares: TIME_PARTS.map(({ metric }) => cell.medians[metricIndex(sweep, metric)] ?? 0),
    })),
  )
  refuseTooManyBars(bars.length)
  return stacked({
    title: `Where the CPUs' time went, over ${name}`,
    across: acrossAxis(
      name,
      [''],
      bars.map(({ text }) => text),
    ),
    up: "share of the CPUs' time",
    unit: shortPercent,
    bars: bars.map(({ shares }) => shares),
    max: 1,
  })
}

function metricIndex({ metrics }: SweepData, id: string): number {
  return metrics.findIndex((metric) => metric.id === id)
}

/** @throws PictureError */
export function runTimeOption({ cpuTime }: RunData): Drawing {
  if (cpuTime.length === 0)
    throw new PictureError({ field: 'chart', problem: 'needs a virtual run', value: 'time' })
  refuseTooManyBars(cpuTime.length)
  return stacked({
    title: 'Where the time of each CPU went',
    across: acrossAxis(
      'CPU',
      [''],
      cpuTime.map(({ cpu }) => String(cpu)),
    ),
    up: 'virtual time',
    unit: timeText,
    bars: cpuTime.map((stack) => TIME_PARTS.map(({ of }) => of(stack))),
  })
}

function refuseTooManyBars(bars: number): void {
  if (bars > BARS_MAX)
    throw new PictureError({
      field: 'sources',
      problem: `would give ${bars} bars, more than ${BARS_MAX}`,
      hint: 'fix an axis',
    })
}

interface Stacked {
  title: string
  across: Option
  up: string
  unit: (value: number) => string
  /** For each bar, the value of each part. */
  bars: readonly (readonly number[])[]
  /** Of the axis up. */
  max?: number
}

function stacked({ title, across, up, unit, bars, max }: Stacked): Drawing {
  const whole = Math.max(...bars.map((values) => values.reduce((sum, value) => sum + value, 0)))
  const shown = TIME_PARTS.flatMap((part, i) =>
    bars.some((values) => (values[i] ?? 0) > whole * SHARE_MIN) ? [{ part, i }] : [],
  )
  return {
    title,
    up,
    names: shown.map(({ part }) => part.name),
    option: {
      xAxis: across,
      yAxis: { ...upAxis(unit, false), ...(max !== undefined && { max }) },
      series: shown.map(({ part, i }) => ({
        name: legendName(part.name),
        type: 'bar',
        silent: true,
        stack: 'time',
        barCategoryGap: bars.length > 40 ? '0%' : '25%',
        itemStyle: {
          color: LIGHT.series[part.colour],
          opacity: part.name === 'user time' ? 0.5 : 1,
        },
        data: bars.map((values) => values[i] ?? 0),
      })),
    },
  }
}
