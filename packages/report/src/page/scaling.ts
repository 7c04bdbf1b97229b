/**
 * How throughput grows with the CPUs: measured curves, the Universal Scalability Law fitted to each, and what the law
 * leaves over.
 */
import { type Curve, runCurves, sweepCurves } from '../curves.ts'
import { countText, percentText, shortCount, shortPercent } from '../numbers.ts'
import type { ReportData } from '../report-data.ts'
import { FIT_POINTS_MIN, fitUsl, type UslFit, uslAt, uslLine } from '../usl.ts'
import { shortened } from '../names.ts'
import { axisStyle, chart, type Option } from './chart.ts'
import { choice, el, section } from './dom.ts'
import { sortableTable } from './table.ts'
import type { Colours } from './theme.ts'

/** Curves in one picture. */
const CURVES_MAX = 8
const NAME_CHARS_MAX = 40

interface Fitted extends Curve {
  fit: UslFit | undefined
}

export function scalingSection({ sweeps, runs }: ReportData): HTMLElement | undefined {
  const sets = [
    ...sweeps.map((sweep) => ({
      title: `${sweep.label}: ${sweep.name}`,
      curves: sweepCurves(sweep),
    })),
    { title: 'Runs', curves: runCurves(runs) },
  ]
  const drawn = sets
    .map(({ title, curves }) => ({
      title,
      curves: curves.filter(({ points }) => points.length > 1),
    }))
    .filter(({ curves }) => curves.length > 0)
  if (drawn.length === 0) return undefined
  const parts = drawn.flatMap(({ title, curves }) => [
    ...(drawn.length > 1 ? [el('h3', {}, el('bdi', {}, title))] : []),
    curveSet(curves),
  ])
  return section('scaling', 'Scaling', ...parts)
}

function curveSet(curves: readonly Curve[]): HTMLElement {
  const pages = Math.ceil(curves.length / CURVES_MAX)
  let shown: Fitted[] = []
  const take = (page: number): void => {
    const part = curves.slice(page * CURVES_MAX, (page + 1) * CURVES_MAX)
    shown = part.map((curve) => ({ ...curve, fit: fitUsl(curve.points) }))
  }
  take(0)
  const throughput = chart({
    caption: 'Pages torn down per millisecond over the number of CPUs; dashed: the fitted law',
    height: 380,
    option: (colours, width) => curveOption(shown, colours, width),
    table: () => ({ head: ['curve', 'CPUs', 'pages per ms', 'fitted'], rows: numbersOf(shown) }),
  })
  const residuals = chart({
    caption: 'Residuals: how far each measured point is from the fitted law',
    height: 220,
    option: (colours, width) => residualOption(shown, colours, width),
    table: () => ({ head: ['curve', 'CPUs', 'residual'], rows: residualsOf(shown) }),
  })
  const fits = el('div')
  const update = (): void => {
    throughput.update()
    residuals.update()
    residuals.figure.hidden = shown.every(({ fit }) => fit === undefined)
    fits.replaceChildren(fitTable(shown))
  }
  update()
  const pager =
    pages > 1 &&
    choice('Curves', pageNames(curves, pages), 0, (page) => {
      take(page)
      update()
    })
  const controls = pager ? el('div', { class: 'controls' }, pager) : undefined
  return el('div', {}, controls, throughput.figure, residuals.figure, fits)
}

function pageNames(curves: readonly Curve[], pages: number): string[] {
  return Array.from({ length: pages }, (_, page) => {
    const last = Math.min(curves.length, (page + 1) * CURVES_MAX)
    return `${page * CURVES_MAX + 1} to ${last} of ${curves.length}: ${shortened(curves[page * CURVES_MAX]?.name ?? '', NAME_CHARS_MAX)} …`
  })
}

function nameOf({ name }: Curve): string {
  return name === '' ? 'all points' : name
}

function frame(colours: Colours, width: number, unit: (value: number) => string): Option {
  const style = axisStyle(colours)
  return {
    grid: { left: 64, right: 24, top: 48, bottom: 44 },
    legend: {
      type: 'plain',
      top: 0,
      left: 0,
      textStyle: {
        color: colours.text,
        fontSize: 12,
        width: Math.min(width - 60, 320),
        overflow: 'truncate',
      },
    },
    xAxis: {
      type: 'log',
      logBase: 2,
      name: 'CPUs',
      nameLocation: 'middle',
      nameGap: 26,
      ...style,
      axisLabel: {
        color: colours.muted,
        fontSize: 11,
        formatter: (cpus: number) => countText(Math.round(cpus)),
      },
    },
    yAxis: {
      type: 'value',
      ...style,
      axisLabel: { color: colours.muted, fontSize: 11, formatter: unit },
    },
  }
}

function curveOption(curves: readonly Fitted[], colours: Colours, width: number): Option {
  const measured = curves.map((curve, i) => ({
    name: shortened(nameOf(curve), NAME_CHARS_MAX),
    type: 'line',
    data: curve.points.map(({ cpus, throughput }) => [cpus, throughput]),
    symbol: 'circle',
    symbolSize: 7,
    itemStyle: { color: colours.series[i] },
    lineStyle: { color: colours.series[i], width: curve.fit === undefined ? 2 : 0 },
  }))
  const fitted = curves.flatMap(({ points, fit }, i) => {
    if (fit === undefined) return []
    return {
      type: 'line',
      data: uslLine(fit, points[0]?.cpus ?? 1, points.at(-1)?.cpus ?? 1),
      showSymbol: false,
      silent: true,
      tooltip: { show: false },
      lineStyle: { color: colours.series[i], type: 'dashed', width: 1.5 },
    }
  })
  const option = frame(colours, width, shortCount)
  return {
    ...option,
    grid: { left: 64, right: 24, top: legendHeight(curves, width), bottom: 44 },
    legend: { ...(option['legend'] as object), data: measured.map(({ name }) => name) },
    tooltip: {
      ...tooltip(colours),
      valueFormatter: (value: unknown) => `${shortCount(Number(value))}/ms`,
    },
    series: [...measured, ...fitted],
  }
}

function tooltip({ surface, line, text }: Colours): object {
  return {
    trigger: 'item',
    renderMode: 'richText',
    confine: true,
    backgroundColor: surface,
    borderColor: line,
    textStyle: { color: text, fontSize: 12 },
  }
}

/** Legends wrap: about seven pixels a character. */
function legendHeight(curves: readonly Curve[], width: number): number {
  let lines = 1
  let used = 0
  for (const curve of curves) {
    const needs = Math.min(NAME_CHARS_MAX, nameOf(curve).length) * 7 + 50
    if (used > 0 && used + needs > width) {
      lines++
      used = 0
    }
    used += needs
  }
  return 20 + lines * 24
}

function residualOption(curves: readonly Fitted[], colours: Colours, width: number): Option {
  const series = curves.flatMap((curve, i) => {
    const { fit, points } = curve
    if (fit === undefined) return []
    return {
      name: shortened(nameOf(curve), NAME_CHARS_MAX),
      type: 'line',
      data: points
        .filter(({ throughput }) => throughput > 0)
        .map(({ cpus }, at) => [cpus, fit.residuals[at]]),
      symbol: 'circle',
      symbolSize: 6,
      itemStyle: { color: colours.series[i] },
      lineStyle: { color: colours.series[i], width: 1 },
    }
  })
  return {
    ...frame(colours, width, shortPercent),
    grid: { left: 64, right: 24, top: 12, bottom: 44 },
    legend: { show: false },
    tooltip: {
      ...tooltip(colours),
      valueFormatter: (value: unknown) => percentText(Number(value)),
    },
    series,
  }
}

function numbersOf(curves: readonly Fitted[]): string[][] {
  return curves.flatMap((curve) =>
    curve.points.map(({ cpus, throughput }) => [
      nameOf(curve),
      countText(cpus),
      throughput.toPrecision(4),
      curve.fit === undefined ? '' : uslAt(curve.fit, cpus).toPrecision(4),
    ]),
  )
}

function residualsOf(curves: readonly Fitted[]): string[][] {
  return curves.flatMap((curve) => {
    const { fit, points } = curve
    if (fit === undefined) return []
    const used = points.filter(({ throughput }) => throughput > 0)
    return used.map(({ cpus }, i) => [
      nameOf(curve),
      countText(cpus),
      percentText(fit.residuals[i] ?? 0),
    ])
  })
}

function fitTable(curves: readonly Fitted[]): HTMLElement {
  const missing = curves.filter(({ fit }) => fit === undefined).length
  const note =
    missing === 0
      ? undefined
      : el(
          'p',
          { class: 'note' },
          `${missing === curves.length ? 'No curve' : `${missing} of ${curves.length} curves`} ${missing === curves.length ? 'has' : 'have not'} the ${FIT_POINTS_MIN} different numbers of CPUs that a fit needs.`,
        )
  const rows = curves.flatMap((curve) => {
    const { fit, points } = curve
    if (fit === undefined) return []
    const largest = points.at(-1)?.cpus ?? 0
    const beyond = fit.peakCpus !== null && fit.peakCpus > largest ? ' (beyond)' : ''
    return [
      [
        { text: nameOf(curve) },
        { text: shortCount(fit.lambda), value: fit.lambda },
        { text: fit.sigma.toPrecision(3), value: fit.sigma },
        { text: fit.kappa.toPrecision(3), value: fit.kappa },
        fit.peakCpus === null
          ? { text: 'none', value: Infinity }
          : { text: `${countText(Math.round(fit.peakCpus))} CPUs${beyond}`, value: fit.peakCpus },
        { text: fit.r2.toFixed(4), value: fit.r2 },
      ],
    ]
  })
  const table =
    rows.length === 0
      ? undefined
      : sortableTable(
          'The law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) fitted to each curve',
          [
            { title: 'curve' },
            { title: 'λ, pages/ms', hint: 'throughput of one CPU' },
            { title: 'σ', hint: 'serial part: what waits for locks' },
            { title: 'κ', hint: 'what each CPU has to do with every other' },
            { title: 'peak' },
            { title: 'R²' },
          ],
          rows,
          { column: 0, isAscending: true },
        )
  return el('div', {}, table, note)
}
