/**
 * A chart of ECharts in a figure with its caption, and the same numbers as a table for those who do not see it.
 *
 * Drawn as SVG, so that paper gets it sharp; tooltips are drawn, not HTML. The chart follows the width of its figure and
 * the theme.
 */
import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

import { el } from './dom.ts'
import { type Colours, colours, drawThemed } from './theme.ts'

use([
  AriaComponent,
  BarChart,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
  VisualMapComponent,
])

export type Option = EChartsCoreOption

export interface ChartSpec {
  caption: string
  /** In pixels. */
  height: number
  /** What is drawn; asked for again when colours or the width change. */
  option: (colours: Colours, width: number) => Option
  /** The numbers: a head and rows. */
  table: () => { head: string[]; rows: string[][] }
}

/** Rows of a table of numbers at most: the file itself has them all. */
const TABLE_ROWS_MAX = 2000

export interface Chart {
  readonly figure: HTMLElement
  /** Draws with what has changed. */
  update(): void
}

export function chart(spec: ChartSpec): Chart {
  const frame = el('div', { class: 'chart', style: `height:${spec.height}px`, role: 'img' })
  const caption = el('figcaption', {}, spec.caption)
  const numbers = el('details', { class: 'numbers' }, el('summary', {}, 'Numbers'))
  const figure = el('figure', {}, caption, frame, numbers)
  const instance = init(frame, null, { renderer: 'svg', width: 640, height: spec.height })
  let width = 640
  const draw = (): void => {
    frame.setAttribute(
      'aria-label',
      `Chart: ${spec.caption}. Its numbers are in the table below it.`,
    )
    instance.setOption(
      { ...base(colours()), ...spec.option(colours(), width), animation: false },
      { notMerge: true },
    )
  }
  numbers.addEventListener('toggle', () => {
    if (numbers.open) numbers.replaceChildren(el('summary', {}, 'Numbers'), tableOf(spec.table()))
  })
  new ResizeObserver(([entry]) => {
    const wide = Math.round(entry?.contentRect.width ?? 0)
    if (wide === 0 || wide === width) return
    width = wide
    instance.resize({ width, height: spec.height })
    draw()
  }).observe(frame)
  drawThemed(draw)
  return {
    figure,
    update: () => {
      draw()
      if (numbers.open) numbers.replaceChildren(el('summary', {}, 'Numbers'), tableOf(spec.table()))
    },
  }
}

function base({ text, series, surface, line }: Colours): Option {
  return {
    color: series,
    textStyle: { color: text, fontFamily: 'system-ui, sans-serif' },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: surface,
      borderColor: line,
      textStyle: { color: text, fontSize: 12 },
    },
  }
}

function tableOf({ head, rows }: { head: string[]; rows: string[][] }): HTMLElement {
  const shown = rows.slice(0, TABLE_ROWS_MAX)
  const table = el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text)))),
    el(
      'tbody',
      {},
      ...shown.map((row) => el('tr', {}, ...row.map((text) => el('td', {}, el('bdi', {}, text))))),
    ),
  )
  const left = rows.length - shown.length
  const more =
    left > 0 ? el('p', { class: 'note' }, `${left} further rows are left out.`) : undefined
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Numbers of the chart' },
    table,
    more,
  )
}

/** What an axis of values looks like. */
export function axisStyle({ muted, line }: Colours): Option {
  return {
    axisLabel: { color: muted, fontSize: 11, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line, opacity: 0.6 } },
    nameTextStyle: { color: muted, fontSize: 11 },
  }
}
