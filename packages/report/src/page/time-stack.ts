/**
 * Where the time of each CPU went: a bar for each CPU, or for some neighbours together if there are very many.
 */
import { percentText, shortPercent, timeText } from '../numbers.ts'
import type { RunData } from '../report-data.ts'
import { TIME_PARTS, type TimePart, type TimeStack } from '../time-parts.ts'
import { axisStyle, chart, type Option } from './chart.ts'
import { choice, el } from './dom.ts'
import type { Colours } from './theme.ts'

/** Bars in one picture. */
const BARS_MAX = 128

/** Those that any of the CPUs has. */
function partsOf(stacks: readonly TimeStack[]): TimePart[] {
  return TIME_PARTS.filter(({ of }) => stacks.some((stack) => of(stack) > 0))
}

interface Bar {
  name: string
  stacks: TimeStack[]
}

function barsOf(stacks: readonly TimeStack[]): Bar[] {
  const size = Math.ceil(stacks.length / BARS_MAX)
  const bars: Bar[] = []
  for (let first = 0; first < stacks.length; first += size) {
    const part = stacks.slice(first, first + size)
    const last = first + part.length - 1
    bars.push({ name: size === 1 ? String(first) : `${first}–${last}`, stacks: part })
  }
  return bars
}

export function timeStackChart({ cpuTime }: RunData): HTMLElement | undefined {
  if (cpuTime.length === 0) return undefined
  const parts = partsOf(cpuTime)
  const bars = barsOf(cpuTime)
  let isShare = false
  const mean = ({ stacks }: Bar, of: TimePart['of']): number =>
    stacks.reduce((sum, stack) => sum + of(stack), 0) / stacks.length
  const valueOf = (bar: Bar, { of }: TimePart): number => {
    const value = mean(bar, of)
    return isShare
      ? value /
          Math.max(
            1,
            mean(bar, ({ totalNs }) => totalNs),
          )
      : value
  }
  const text = (value: number): string => (isShare ? percentText(value) : timeText(value))
  const axisText = (value: number): string => (isShare ? shortPercent(value) : timeText(value))
  const drawing = chart({
    caption:
      bars.length === cpuTime.length
        ? 'Virtual time of each CPU'
        : `Virtual time of CPUs, ${bars[0]?.stacks.length} together, on average`,
    height: 360,
    option: (colours, width) =>
      stackOption({ parts, bars, valueOf, text, axisText }, colours, width),
    table: () => ({
      head: ['CPU', ...parts.map(({ name }) => name)],
      rows: bars.map((bar) => [bar.name, ...parts.map((part) => text(valueOf(bar, part)))]),
    }),
  })
  const unit = choice('Bars show', ['time', 'shares of the time'], 0, (i) => {
    isShare = i === 1
    drawing.update()
  })
  return el('div', {}, el('div', { class: 'controls' }, unit), drawing.figure)
}

interface StackView {
  axisText: (value: number) => string
  parts: readonly TimePart[]
  bars: readonly Bar[]
  valueOf: (bar: Bar, part: TimePart) => number
  text: (value: number) => string
}

function stackOption(
  { parts, bars, valueOf, text, axisText }: StackView,
  colours: Colours,
  width: number,
): Option {
  const style = axisStyle(colours)
  const perLine = Math.max(1, Math.floor(width / 150))
  const legendLines = Math.ceil(parts.length / perLine)
  return {
    grid: { left: 70, right: 12, top: 12 + legendLines * 26, bottom: 44 },
    legend: { top: 0, left: 0, textStyle: { color: colours.text, fontSize: 12 } },
    xAxis: {
      type: 'category',
      data: bars.map(({ name }) => name),
      name: 'CPU',
      nameLocation: 'middle',
      nameGap: 26,
      ...style,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      ...style,
      axisLabel: { color: colours.muted, fontSize: 11, formatter: axisText },
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
      valueFormatter: (value: unknown) => text(Number(value)),
    },
    series: parts.map((part) => ({
      name: part.name,
      type: 'bar',
      stack: 'time',
      barCategoryGap: bars.length > 40 ? '0%' : '20%',
      itemStyle: {
        color: colours.series[part.colour],
        opacity: part.name === 'user time' ? 0.5 : 1,
      },
      data: bars.map((bar) => valueOf(bar, part)),
    })),
  }
}
