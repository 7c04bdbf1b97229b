/**
 * How long waits and holds of one lock class were: counts by powers of two of nanoseconds.
 */
import { countText, shortCount, timeText } from '../numbers.ts'
import type { RunData } from '../report-data.ts'
import { axisStyle, chart, type Option } from './chart.ts'
import { choice, el } from './dom.ts'
import type { Colours } from './theme.ts'

type Buckets = readonly { from: number; to: number; count: number }[]

/** Counts by power: `counts[i]` of values from 2^i on, below 2^(i + 1); those of 0 and 1 ns in the first. */
function byPower(buckets: Buckets): number[] {
  const counts: number[] = []
  for (const { from, count } of buckets) {
    const power = Math.floor(Math.log2(Math.max(1, from)))
    while (counts.length <= power) counts.push(0)
    counts[power] = (counts[power] as number) + count
  }
  return counts
}

export function histogramChart({ locks, engine }: RunData): HTMLElement | undefined {
  const classes = Object.entries(locks)
    .filter(([, { acquisitions }]) => acquisitions > 0)
    .toSorted(([, a], [, b]) => b.waitNs.total - a.waitNs.total || b.acquisitions - a.acquisitions)
  if (classes.length === 0) return undefined
  let shown = 0
  const counts = (): { waits: number[]; holds: number[]; first: number; last: number } => {
    const lock = classes[shown]?.[1]
    const waits = byPower(lock?.waitNs.histogram ?? [])
    const holds = byPower(lock?.holdNs.histogram ?? [])
    const filled = [waits, holds].flatMap((each) =>
      each.flatMap((count, i) => (count > 0 ? [i] : [])),
    )
    return { waits, holds, first: Math.min(...filled, 40), last: Math.max(...filled, 0) }
  }
  const drawing = chart({
    caption: `Waits and ${engine === 'live' ? 'a sample of the holds' : 'holds'} by their length, in powers of two`,
    height: 320,
    option: (colours) => histogramOption(counts(), colours),
    table: () => {
      const { waits, holds, first, last } = counts()
      const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
      return {
        head: ['from', 'to below', 'waits', 'holds'],
        rows: powers.map((power) => [
          timeText(2 ** power),
          timeText(2 ** (power + 1)),
          countText(waits[power] ?? 0),
          countText(holds[power] ?? 0),
        ]),
      }
    },
  })
  const names = classes.map(([name, { contended }]) => `${name} (${countText(contended)} waits)`)
  const which = choice('Lock class', names, 0, (i) => {
    shown = i
    drawing.update()
  })
  return el('div', {}, el('div', { class: 'controls' }, which), drawing.figure)
}

function histogramOption(
  { waits, holds, first, last }: { waits: number[]; holds: number[]; first: number; last: number },
  colours: Colours,
): Option {
  const powers = Array.from({ length: Math.max(1, last - first + 1) }, (_, i) => first + i)
  const style = axisStyle(colours)
  const series = (name: string, counts: number[], colour: number): object => ({
    name,
    type: 'bar',
    data: powers.map((power) => counts[power] ?? 0),
    itemStyle: { color: colours.series[colour] },
    barGap: '0%',
    barCategoryGap: '20%',
  })
  return {
    grid: { left: 60, right: 12, top: 36, bottom: 48 },
    legend: { top: 0, left: 0, textStyle: { color: colours.text, fontSize: 12 } },
    xAxis: {
      type: 'category',
      data: powers.map((power) => timeText(2 ** power)),
      name: 'at least',
      nameLocation: 'middle',
      nameGap: 28,
      ...style,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      ...style,
      axisLabel: { color: colours.muted, fontSize: 11, formatter: shortCount },
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
      valueFormatter: (value: unknown) => countText(Number(value)),
    },
    series: [series('waits', waits, 1), series('holds', holds, 0)],
  }
}
