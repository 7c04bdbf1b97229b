/**
 * Draws with ECharts, without a browser, and makes the SVG fit for documents.
 *
 * Invariants: the picture is light, and dark where the reader's system is (by a style that replaces each colour; readers
 * that know no styles show it light). Nothing in it depends on what was drawn before: names that ECharts counts are made the same.
 */
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { shortened } from '../names.ts'
import { DARK, LIGHT, namedColours } from './palette.ts'
import type { Drawing } from './drawing.ts'

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

/** In pixels. */
const WIDTH = 760
const HEIGHT = 400
const MARGIN = 16
const LEGEND_TOP = 56
const LEGEND_LINE = 22
/** Of a character, and of what stands beside a name in a legend. */
const CHARACTER = 6.6
const LEGEND_EXTRA = 48
const TITLE_CHARS_MAX = 88
const SUBTITLE_CHARS_MAX = 118
const NAME_CHARS_MAX = 40

/** @param subtitle - what was run. */
export function svgOf({ title, up, option, names }: Drawing, subtitle: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  const legendLines = names.length > 1 ? linesOf(names) : 0
  chart.setOption({
    animation: false,
    backgroundColor: LIGHT.surface,
    textStyle: { color: LIGHT.text, fontFamily: 'system-ui, sans-serif' },
    title: [
      {
        text: shortened(title, TITLE_CHARS_MAX),
        subtext: shortened(subtitle, SUBTITLE_CHARS_MAX),
        left: MARGIN,
        top: 10,
        padding: 0,
        itemGap: 6,
        textStyle: { color: LIGHT.text, fontSize: 15, fontWeight: 600 },
        subtextStyle: { color: LIGHT.muted, fontSize: 12 },
      },
      {
        text: up,
        left: MARGIN,
        top: LEGEND_TOP + legendLines * LEGEND_LINE + 2,
        padding: 0,
        textStyle: { color: LIGHT.muted, fontSize: 12, fontWeight: 400 },
      },
    ],
    legend: {
      show: names.length > 1,
      data: names.map(legendName),
      left: MARGIN - 5,
      top: LEGEND_TOP - 4,
      itemGap: 20,
      selectedMode: false,
      textStyle: { color: LIGHT.text, fontSize: 12 },
    },
    ...option,
    grid: {
      left: MARGIN,
      right: MARGIN + 8,
      top: LEGEND_TOP + 26 + legendLines * LEGEND_LINE,
      bottom: 34,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
  })
  const svg = chart.renderToSVGString({ useViewBox: true })
  chart.dispose()
  return finished(svg, title)
}

/** As a series is called that is in the legend. */
export function legendName(name: string): string {
  return shortened(name === '' ? 'all points' : name, NAME_CHARS_MAX)
}

function linesOf(names: readonly string[]): number {
  let lines = 1
  let used = 0
  for (const name of names) {
    const needs = legendName(name).length * CHARACTER + LEGEND_EXTRA
    if (used > 0 && used + needs > WIDTH - 2 * MARGIN) {
      lines++
      used = 0
    }
    used += needs
  }
  return lines
}

function finished(svg: string, title: string): string {
  const plain = svg
    .replaceAll(/<style\s*>[^]*?<\/style>\n?/g, '')
    .replaceAll(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, 'c-')
    .replaceAll(
      /^<path d="[^"]*"(?: transform="[^"]*")? fill="(?:none" pointer-events="visible|rgb\(0,0,0\)" fill-opacity="0)"[^>]*><\/path>\n/gm,
      (path) =>
        /stroke="(?!#b7b9be|none)/.test(path) && !/stroke-width="0"/.test(path) ? path : '',
    )
    .replaceAll('></path>', '/>')
    .trim()
  const end = plain.indexOf('>') + 1
  const head = plain.slice(0, end - 1).replace(/ baseProfile="[^"]*"/, '')
  return `${head} role="img">\n<title>${escaped(title)}</title>\n<style>${darkStyle(plain)}</style>${plain.slice(end)}\n`
}

/** Each colour that is used, where the reader's system is dark. */
function darkStyle(svg: string): string {
  const dark = new Map(namedColours(DARK))
  const rules = namedColours(LIGHT).flatMap(([name, colour]) =>
    (['fill', 'stroke'] as const)
      .filter((attribute) => svg.includes(`${attribute}="${colour}"`))
      .map((attribute) => `[${attribute}="${colour}"]{${attribute}:${dark.get(name)}}`),
  )
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
