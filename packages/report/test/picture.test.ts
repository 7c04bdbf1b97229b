/**
 * Pictures: what is drawn is what the journal says, the same bytes every time, light and dark, and hostile names are text.
 */
import { readFileSync } from 'node:fs'
import type { Axis } from '@mmgather/core'
import { describe, expect, test } from 'vitest'

import { reportData, type ReportSource } from '../src/collect.ts'
import { type PictureWish } from '../src/picture/drawing.ts'
import { DARK, LIGHT, namedColours } from '../src/picture/palette.ts'
import { reportSvg } from '../src/picture/picture.ts'
import { cpuAxis, madeJournal, madeRun, runSource, sweepSource } from './support.ts'

const STRATEGIES = { keys: ['strategy'], values: [['linux-6.5-laf'], ['range-v1']] } as const
const sweep = sweepSource(madeJournal([cpuAxis(1, 2, 3, 4, 6, 8), STRATEGIES], { pages: 64 }))
const run = runSource(madeRun({ cpus: 3, processes: 3, pages: 64 }))

const svg = (wish: PictureWish, ...sources: ReportSource[]): string =>
  reportSvg(reportData(sources.length === 0 ? [sweep] : sources), wish)

/** What is written in a picture. */
const words = (picture: string): string[] =>
  [...picture.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text)

/** Shapes of one colour that are filled. */
const filled = (picture: string, colour: string | undefined): number =>
  picture.split(` fill="${colour}"`).length - 1

test('the colours are those of the page', () => {
  const css = readFileSync(new URL('../src/page/page.css', import.meta.url), 'utf8')
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
  for (const [theme, text] of [
    [LIGHT, light],
    [DARK, dark],
  ] as const) {
    const colours = namedColours(theme)
    for (const [name, colour] of colours) expect(text).toContain(`--${name}: ${colour};`)
    expect(new Set(colours.map(([, colour]) => colour)).size).toBe(colours.length)
  }
})

describe('every chart', () => {
  test.for([
    ['scaling', { chart: 'scaling' }, sweep],
    ['figure along numbers', { chart: 'figure', figure: 'waitShare' }, sweep],
    ['figure along words', { chart: 'figure', across: 'strategy', at: ['cpus=4'] }, sweep],
    ['time of a sweep', { chart: 'time', at: ['strategy=range-v1'] }, sweep],
    ['time of a run', { chart: 'time' }, run],
  ] satisfies [string, PictureWish, ReportSource][])(
    '%s: the same bytes again, no colour without a dark one, nothing for browsers alone',
    ([, wish, source]) => {
      const picture = svg(wish, source)
      svg({ chart: 'scaling' })
      expect(svg(wish, source)).toBe(picture)
      const used = new Set(
        [...picture.matchAll(/(?:fill|stroke)="(#[0-9a-f]+)"/g)].map(([, c]) => c),
      )
      used.delete('#000')
      const known = new Map(namedColours(LIGHT).map(([name, colour]) => [colour, name]))
      const dark = new Map(namedColours(DARK))
      for (const colour of used) {
        const name = known.get(colour ?? '')
        expect(name).toBeDefined()
        expect(picture).toContain(`="${colour}"]{`)
        expect(picture).toContain(`:${dark.get(name as string)}}`)
      }
      expect(picture).not.toMatch(/ecmeta|class=|CDATA|NaN|undefined|zr\d/)
      expect(picture.length).toBeLessThan(60_000)
    },
  )
})

test('scaling: a point for each number of CPUs and a law for each curve', () => {
  const picture = svg({ chart: 'scaling' })
  for (const [i, name] of ['linux-6.5-laf', 'range-v1'].entries()) {
    expect(words(picture)).toContain(name)
    // and one in the legend
    expect(filled(picture, LIGHT.series[i])).toBe(7)
  }
  expect(picture.match(/stroke-dasharray/g)).toHaveLength(2)
})

test('figure: bars stand as high as the figures say', () => {
  const picture = svg({ chart: 'figure', figure: 'rmapCalls', across: 'strategy', at: ['cpus=4'] })
  // 64 pages of order 3: a call for each page, or for each range of folios that a batch holds
  const { metrics, cells } = reportData([sweep]).sweeps[0] ?? { metrics: [], cells: [] }
  const index = metrics.findIndex(({ id }) => id === 'rmapCalls')
  const values = cells.filter(({ at }) => at[0] === 3).map(({ medians }) => medians[index])
  expect(values).toHaveLength(2)
  const heights = [
    ...picture.matchAll(/<path d="M[\d.]+ [\d.]+l[\d.]+ 0l0 -([\d.]+)l-[\d.]+ 0Z" fill="#2f6fd0"/g),
  ].map(([, height]) => Number(height))
  expect(heights).toHaveLength(2)
  expect((heights[0] ?? 0) / (heights[1] ?? 1)).toBeCloseTo((values[0] ?? 0) / (values[1] ?? 1), 0)
  for (const value of values) expect(words(picture)).toContain(String(value))
})

test('time: the shares of a bar make a whole, an axis of one value has no part in the labels', () => {
  const one = sweepSource(
    madeJournal([cpuAxis(1, 4), { keys: ['lruvecs'], values: [[1]] }], { pages: 64 }),
  )
  const picture = svg({ chart: 'time' }, one)
  const bars = [...picture.matchAll(/<path d="M([\d.]+) [\d.]+l[\d.]+ 0l0 -([\d.]+)l/g)]
  const sums = new Map<string, number>()
  for (const [, x = '', height] of bars) sums.set(x, (sums.get(x) ?? 0) + Number(height))
  const [a = 0, b = 0] = [...sums.values()]
  expect(sums.size).toBe(2)
  expect(Math.abs(a - b)).toBeLessThan(1)
  expect(words(picture)).toContain('exit-order3 · pages 64 · lruvecs 1 · mmgather 0.1.0')
  expect(words(picture)).toEqual(expect.arrayContaining(['1', '4', 'running']))
})

test('hostile names are text', () => {
  const hostile = '<script>alert(1)</script>&"\u202E'
  const journal = madeJournal([cpuAxis(1, 2)], { pages: 32 })
  const named = sweepSource({ ...journal, header: { ...journal.header, name: hostile } })
  const picture = svg({ chart: 'scaling', title: hostile }, named)
  expect(picture).not.toMatch(/<script|\u202E.*<text/)
  expect(words(picture).some((text) => text.includes('&lt;script&gt;'))).toBe(true)
})

describe('what cannot be drawn is told', () => {
  test.for([
    ['figure', { chart: 'figure', figure: 'perPages' }, [sweep]],
    ['figure', { chart: 'time', figure: 'perPage' }, [sweep]],
    ['across', { chart: 'figure', across: 'order' }, [sweep]],
    ['across', { chart: 'scaling', across: 'strategy' }, [sweep]],
    ['at', { chart: 'figure', at: ['strategy'] }, [sweep]],
    ['at', { chart: 'figure', at: ['strategy=linux-5'] }, [sweep]],
    ['at', { chart: 'time', at: ['cpus=1'] }, [run]],
    ['chart', { chart: 'figure' }, [run]],
    ['chart', { chart: 'scaling' }, [run]],
    ['sources', { chart: 'figure', at: ['cpus=1', 'strategy=range-v1'] }, [sweep]],
    ['sources', { chart: 'scaling' }, [sweep, run]],
    ['sources', { chart: 'scaling' }, [sweep, sweep]],
  ] satisfies [string, PictureWish, ReportSource[]][])('%s: %o', ([field, wish, sources]) => {
    expect(() => svg(wish, ...sources)).toThrow(
      expect.objectContaining({
        name: 'PictureError',
        details: expect.objectContaining({ field }),
      }),
    )
  })

  test('more curves than can be told apart', () => {
    const many: Axis = { keys: ['pages'], values: Array.from({ length: 11 }, (_, i) => [i + 1]) }
    const source = sweepSource(madeJournal([cpuAxis(1, 2), many], {}))
    expect(() => svg({ chart: 'figure' }, source)).toThrow(/11 curves/)
    expect(svg({ chart: 'figure', at: ['pages=3'] }, source)).toContain('pages 3')
  })
})
