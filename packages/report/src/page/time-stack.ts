/**
 * Where the time of each CPU went: a bar for each CPU, or for some neighbours together if there are very many.
 */
import { LOCK_COLOURS } from '../colours.ts'
import { percentText, shortPercent, timeText } from '../numbers.ts'
import type { RunData } from '../report-data.ts'
import { axisStyle, chart, type Option } from './chart.ts'
import { choice, el } from './dom.ts'
import type { Colours } from './theme.ts'

type Stack = RunData['cpuTime'][number]

/** Bars in one picture. */
const BARS_MAX = 128

interface Part {
  name: string
  /** Index of its colour. */
  colour: number
  of: (stack: Stack) => number
}

const OTHER_PARTS: readonly Part[] = [
  { name: 'running', colour: 0, of: ({ runningNs }) => runningNs },
  { name: 'cache lines', colour: 7, of: ({ transferNs }) => transferNs },
  { name: 'TLB flushes', colour: 9, of: ({ ipiNs }) => ipiNs },
  { name: 'work', colour: 8, of: ({ workNs }) => workNs },
  { name: 'user time', colour: 8, of: ({ delayNs }) => delayNs },
]

function partsOf(stacks: readonly Stack[]): Part[] {
  const waits = Object.entries(LOCK_COLOURS).map(
    ([key, colour]): Part => ({
      name: `waiting: ${key}`,
      colour,
      of: ({ waitNs }) => waitNs[key as keyof Stack['waitNs']],
    }),
  )
  return [...OTHER_PARTS, ...waits].filter(({ of }) => stacks.some((stack) => of(stack) > 0))
}

interface Bar {
  name: string
  stacks: Stack[]
}

function barsOf(stacks: readonly Stack[]): Bar[] {
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
  const mean = ({ stacks }: Bar, of: Part['of']): number =>
    stacks.reduce((sum, stack) => sum + of(stack), 0) / stacks.length
  const valueOf = (bar: Bar, { of }: Part): number => {
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
  parts: readonly Part[]
  bars: readonly Bar[]
  valueOf: (bar: Bar, part: Part) => number
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
