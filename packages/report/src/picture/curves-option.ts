/**
 * Throughput over CPUs: points that were measured, and the law fitted to them as a dashed line.
 */
import type { Curve } from '../curves.ts'
import { shortCount } from '../numbers.ts'
import { fitUsl, uslLine } from '../usl.ts'
import { acrossAxis, SYMBOLS, upAxis } from './axes.ts'
import { LIGHT } from './palette.ts'
import type { Drawing } from './drawing.ts'
import { legendName } from './svg.ts'

export function curvesOption(curves: readonly Curve[]): Drawing {
  const all = curves.flatMap(({ points }) => points)
  const series = curves.flatMap(({ name, points }, i) => {
    const fit = fitUsl(points)
    const color = LIGHT.series[i]
    const measured = {
      name: legendName(name),
      type: 'line',
      silent: true,
      data: points.map(({ cpus, throughput }) => [cpus, throughput]),
      symbol: SYMBOLS[i % SYMBOLS.length],
      symbolSize: 8,
      itemStyle: { color },
      lineStyle: { color, width: fit === undefined ? 2 : 0 },
    }
    if (fit === undefined) return [measured]
    const law = {
      type: 'line',
      silent: true,
      data: uslLine(fit, points[0]?.cpus ?? 1, points.at(-1)?.cpus ?? 1),
      showSymbol: false,
      lineStyle: { color, type: 'dashed', width: 2 },
    }
    return [measured, law]
  })
  const isFitted = series.length > curves.length
  const cpus = all.map((point) => point.cpus)
  return {
    title: `Pages torn down over the number of CPUs${isFitted ? '; dashed: the Universal Scalability Law' : ''}`,
    up: 'pages per ms',
    names: curves.map(({ name }) => name),
    option: {
      xAxis: acrossAxis('CPUs', cpus, []),
      yAxis: upAxis(shortCount, false),
      series,
    },
  }
}
