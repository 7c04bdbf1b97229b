/**
 * The page in a headless Chromium, opened from a file as by a double click: nothing on its console, nothing asked of any
 * network, charts are drawn, zoom, sort and keys work, and hostile names are text.
 *
 * Without a Chromium these tests are skipped, and say so.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { embeddedJson, reportHtml } from '../src/html.ts'
import { reportData, type ReportSource } from '../src/collect.ts'
import { BrowserPage, findChromium, type Viewport } from './page.ts'
import { cpuAxis, madeJournal, madeRun, runSource, sweepSource } from './support.ts'

const PATIENCE_MS = 120_000
const TEMPLATE = fileURLToPath(new URL('../dist/report.html', import.meta.url))
const WIDE: Viewport = { width: 1280, height: 900 }

const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title="owned"</script>&lt;b&gt;"\'</script>'
const RTL = '\u202Eעברית gnissecorp\u202C'
const LONG = 'x'.repeat(255)

const program = findChromium()
if (program === undefined)
  process.stderr.write(
    'SKIPPED: the report in a browser; there is no Chromium in PATH, and $CHROMIUM names none\n',
  )

const folder = mkdtempSync(join(tmpdir(), 'mmgather-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, sources: readonly ReportSource[]): string {
  const file = join(folder, name)
  writeFileSync(file, [...reportHtml(sources)].join(''))
  return pathToFileURL(file).href
}

test('the page without data is built and has at most 1.5 MB', () => {
  expect(existsSync(TEMPLATE), 'npm run build makes it').toBe(true)
  expect(statSync(TEMPLATE).size).toBeLessThanOrEqual(1_500_000)
})

/** A report with names that try to get out of their place. */
function hostileSources(): ReportSource[] {
  const made = madeRun({ cpus: 2, processes: 2, pages: 64 })
  const { report } = made
  const named = (name: string): ReportSource =>
    runSource(
      {
        ...made,
        report: {
          ...report,
          strategy: name,
          warnings: [name],
          reproduce: `mmgather run '${name}'`,
          scenario: {
            ...report.scenario,
            name,
            processes: report.scenario.processes.map((group) => ({ ...group, name })),
          },
        },
      },
      name,
    )
  const journal = madeJournal([cpuAxis(1, 2), { keys: ['swapClusterMax'], values: [[8], [32]] }], {
    pages: 32,
  })
  const renamed = { ...journal, header: { ...journal.header, name: HOSTILE, reproduce: RTL } }
  return [named(HOSTILE), named(RTL), named(LONG), sweepSource(renamed, LONG)]
}

describe.skipIf(program === undefined)('in Chromium', () => {
  let page: BrowserPage
  let address: string

  beforeAll(async () => {
    const strategies = { keys: ['strategy'], values: [['linux-6.5-laf'], ['range-v1']] } as const
    const journal = madeJournal([cpuAxis(1, 2, 4, 6, 8, 12), strategies], { pages: 128 })
    const runs = ['linux-6.5-laf', 'range-v1'].map((strategy) =>
      runSource(madeRun({ cpus: 12, processes: 12, pages: 600, strategy }), `${strategy}.json`),
    )
    address = written('report.html', [...runs, sweepSource(journal)])
    page = await BrowserPage.open(program as string)
  }, PATIENCE_MS)

  afterAll(() => page?.close())

  const texts = (selector: string): Promise<string[]> =>
    page.evaluate(
      `Array.from(document.querySelectorAll(${JSON.stringify(selector)}), (each) => each.textContent)`,
    )

  test.for([
    ['light', WIDE],
    ['dark', { ...WIDE, isDark: true }],
    ['400 pixels wide', { width: 400, height: 800 }],
  ] satisfies [string, Viewport][])(
    '%s: charts are drawn, nothing complains or is asked for',
    { timeout: PATIENCE_MS },
    async ([, viewport]) => {
      page.complaints.length = 0
      page.requests.length = 0
      await page.go(address, viewport)
      expect(page.complaints).toEqual([])
      expect(page.requests).toEqual([address])
      const sections = await texts('section:not([hidden]) > h2')
      expect(sections).toEqual([
        'Summary',
        'Scaling',
        'Contention map',
        'Strategies',
        'Runs',
        'Locks',
        'Where the time went',
        'How long CPUs waited and held',
        'Timeline',
        'Batches of a gather',
        'Functions',
        'To do it again',
      ])
      const paths = await page.evaluate<number[]>(
        "Array.from(document.querySelectorAll('.chart'), (each) => each.querySelectorAll('svg path').length)",
      )
      expect(paths).toHaveLength(5)
      for (const count of paths) expect(count).toBeGreaterThan(8)
      expect(await coloured('canvas.timeline')).toBeGreaterThan(3)
      expect(await coloured('canvas.gather')).toBeGreaterThan(1)
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overflow).toBe(0)
    },
  )

  /** Different colours in a canvas. */
  function coloured(selector: string): Promise<number> {
    return page.evaluate(`(() => {
      const canvas = document.querySelector('${selector}')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      const words = new Uint32Array(data.buffer)
      return new Set(words.filter((word) => word >>> 24 === 255)).size
    })()`)
  }

  test('the choice of a theme changes colours, in charts too', async () => {
    await page.go(address, WIDE)
    const colours = (): Promise<string> =>
      page.evaluate(
        "getComputedStyle(document.body).backgroundColor + document.querySelector('.chart svg text').getAttribute('fill')",
      )
    const light = await colours()
    await choose('header select', 2)
    const dark = await colours()
    expect(dark).not.toBe(light)
    await choose('header select', 1)
    expect(await colours()).toBe(light)
  })

  async function choose(selector: string, index: number): Promise<void> {
    await page.evaluate(`(() => {
      const select = document.querySelector('${selector}')
      select.value = '${index}'
      select.dispatchEvent(new Event('change'))
    })()`)
    await page.settle()
  }

  test('lock classes sort by any column, by keys alone', async () => {
    await page.go(address, WIDE)
    const column = (n: number): Promise<string[]> => texts(`#locks tbody tr > :nth-child(${n})`)
    const names = await column(1)
    await page.evaluate("document.querySelector('#locks th:nth-child(1) button').focus()")
    await page.press('Enter')
    expect(await column(1)).toEqual(names.toSorted())
    expect(await page.evaluate("document.querySelector('#locks th:nth-child(1)').ariaSort")).toBe(
      'ascending',
    )
    await page.press('Enter')
    expect(await column(1)).toEqual(names.toSorted().toReversed())
    await page.evaluate("document.querySelector('#locks th:nth-child(9) button').focus()")
    await page.press('Enter')
    const counts = (await column(9)).map((text) => Number(text.replaceAll(',', '')))
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    expect(new Set(counts).size).toBeGreaterThan(2)
  })

  const status = async (): Promise<string> => (await texts('#timeline .status'))[0] ?? ''

  test('the timeline zooms and moves by keys', async () => {
    await page.go(address, WIDE)
    const all = await status()
    expect(all).toMatch(/^0 ns to .*, CPUs 0 to 11 of 12$/)
    await page.evaluate("document.querySelector('canvas.timeline').focus()")
    await page.press('+', 'Equal')
    const zoomed = await status()
    expect(zoomed).not.toBe(all)
    await page.press('ArrowRight')
    expect(await status()).not.toBe(zoomed)
    await page.press('ArrowLeft')
    await page.press('ArrowLeft')
    await page.press('ArrowLeft')
    expect(await status()).toMatch(/^0 ns to /)
    await page.press('Home')
    expect(await status()).toBe(all)
    await page.press('-', 'Minus')
    expect(await status()).toBe(all)
  })

  test('the timeline zooms to what is dragged over, and tells what is under the pointer', async () => {
    await page.go(address, WIDE)
    const all = await status()
    const before = await page.evaluate<string>(
      "document.querySelector('canvas.timeline').toDataURL()",
    )
    const box = await page.evaluate<{ x: number; y: number; width: number }>(
      "(() => { const c = document.querySelector('canvas.timeline'); c.scrollIntoView({ block: 'center' }); const { x, y, width } = c.getBoundingClientRect(); return { x, y, width } })()",
    )
    await page.drag({ x: box.x + 200, y: box.y + 60 }, { x: box.x + 500, y: box.y + 60 })
    const zoomed = await status()
    expect(zoomed).not.toBe(all)
    expect(await page.evaluate("document.querySelector('canvas.timeline').toDataURL()")).not.toBe(
      before,
    )
    await page.send('Input.dispatchMouseEvent', {
      type: 'mouseMoved',
      x: box.x + 300,
      y: box.y + 30,
    })
    await page.settle()
    expect(await status()).toMatch(/^CPU 0 at .*: (?:waits for|holds) /)
  })

  test('batches fill as the slider moves', async () => {
    await page.go(address, WIDE)
    const told = async (): Promise<string> => (await texts('#gather .status'))[0] ?? ''
    const full = await told()
    expect(full).toMatch(/: 600 slots with 600 pages in /)
    await page.evaluate("document.querySelector('#gather input[type=range]').focus()")
    await page.press('Home')
    expect(await told()).toMatch(/: 1 slots with 1 pages in 1 of /)
    await page.press('ArrowRight')
    expect(await told()).not.toBe(full)
  })

  test('another run is shown when it is chosen', async () => {
    await page.go(address, WIDE)
    const waits = (): Promise<string[]> => texts('#locks tbody td')
    const first = await waits()
    await choose('#run select', 1)
    expect(await waits()).not.toEqual(first)
    expect((await texts('#gather .status'))[0]).toMatch(/ with 600 pages /)
  })

  test('the map shows another figure over other axes', async () => {
    await page.go(address, WIDE)
    await page.evaluate("document.querySelector('#contention details').open = true")
    await page.settle()
    const rows = (): Promise<string[]> => texts('#contention details td')
    const first = await rows()
    expect(first).toHaveLength(6 * 2 * 3)
    await choose('#contention .controls select', 2)
    expect(await texts('#contention details th')).toContain('teardown')
    expect(await rows()).not.toEqual(first)
  })

  test('it prints: light, without controls, everything in it', async () => {
    await page.go(address, { ...WIDE, isDark: true })
    const pdf = await page.pdf()
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(50_000)
    expect(page.complaints).toEqual([])
  })

  test('hostile names are text: markup, scripts, very long, right-to-left', async () => {
    page.complaints.length = 0
    page.requests.length = 0
    const sources = hostileSources()
    const hostile = written('hostile.html', sources)
    for (const width of [1280, 400]) {
      await page.go(hostile, { width, height: 900 })
      expect(await page.evaluate('document.title')).toMatch(/^<img src=x/)
      expect(await texts('img, iframe, object, section script')).toEqual([])
      expect(await page.evaluate('document.scripts.length')).toBe(2)
      const words = (await texts('main')).join(' ')
      for (const name of [HOSTILE, RTL, LONG]) expect(words).toContain(name)
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overflow).toBe(0)
    }
    for (const i of [1, 2]) await choose('#run select', i)
    expect(page.complaints).toEqual([])
    expect(page.requests).toEqual([hostile, hostile])
  })

  test('a script that gets into the page is not run', async () => {
    const evil = join(folder, 'evil.html')
    const html = [...reportHtml([runSource(madeRun({ cpus: 1, pages: 16 }))])].join('')
    writeFileSync(evil, html.replace('<body>', '<body><script>document.title = "owned"</script>'))
    await page.go(pathToFileURL(evil).href, WIDE)
    expect(await page.evaluate('document.title')).toMatch(/ – mmgather$/)
    page.complaints.length = 0
  })
})

test('the same sources give the same page', () => {
  const sources = [runSource(madeRun({ cpus: 2, pages: 64 }))]
  expect(embeddedJson(reportData(sources))).toBe(embeddedJson(reportData(sources)))
})
