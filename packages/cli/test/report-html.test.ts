/**
 * Tests of `mmgather report` in HTML on the real command: one file, its data, timelines of runs that are done again.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunReport } from '@mmgather/core'
import type { ReportData } from '@mmgather/report'
import { expect, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

const RUN = [
  'run',
  '--engine',
  'virtual',
  '--pages',
  '200',
  '--cpus',
  '4',
  '--processes',
  '4',
  '-q',
]

/** The data that is embedded in a page. */
function dataOf(html: string): ReportData {
  const [, text = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/.exec(html) ?? []
  return JSON.parse(text) as ReportData
}

test('a file that ends in .html is a page, with a timeline and functions', async () => {
  const cwd = emptyFolder()
  await mmgather([...RUN, '--out', 'r.json'], { cwd })
  const { code, stdout, stderr } = await mmgather(['report', 'r.json', '-o', 'r.html'], { cwd })
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' })
  const html = readFileSync(join(cwd, 'r.html'), 'utf8')
  expect(html).toMatch(/^<!doctype html>/)
  // no address of anything that a browser would fetch
  expect(html.replaceAll(/<script[^]*?<\/script>/g, '')).not.toMatch(/(?:src|href)=|url\(|@import/)
  const { runs, title } = dataOf(html)
  expect(title).toBe('exit-order0')
  expect(runs[0]?.timeline?.cpus).toHaveLength(4)
  expect(runs[0]?.functions.length).toBeGreaterThan(20)
  const again = await mmgather(['report', 'r.json', '--format', 'html'], { cwd })
  expect(again.stdout).toBe(html)
})

test('--no-timeline does nothing again', async () => {
  const cwd = emptyFolder()
  await mmgather([...RUN, '--out', 'r.json'], { cwd })
  await mmgather(['report', 'r.json', '-o', 'r.html', '--no-timeline'], { cwd })
  const { runs } = dataOf(readFileSync(join(cwd, 'r.html'), 'utf8'))
  expect(runs[0]).toMatchObject({ functions: [] })
  expect(runs[0]?.timeline).toBeUndefined()
  const { code, stderr } = await mmgather(['report', 'r.json', '--no-timeline'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: --no-timeline: is an option of the format html/)
})

test('runs that cannot be done again say why', async () => {
  const cwd = emptyFolder()
  const { stdout } = await mmgather([...RUN.filter((word) => word !== '-q'), '--json'])
  const report = JSON.parse(stdout) as RunReport
  const { virtual } = report
  if (virtual === undefined) throw new Error('not virtual')
  const others: RunReport[] = [
    { ...report, version: '0.0.9' },
    { ...report, strategyFile: 'mine.ts' },
    { ...report, virtual: { ...virtual, profile: 'mine' } },
    {
      ...report,
      scenario: { ...report.scenario, machine: { ...report.scenario.machine, cpus: 0 } },
    },
    { ...report, time: { ...report.time, teardown: { median: 1, min: 1, max: 1 } } },
  ]
  others.forEach((other, i) => writeFileSync(join(cwd, `${i}.json`), JSON.stringify(other)))
  const files = others.map((_, i) => `${i}.json`)
  const { code } = await mmgather(['report', ...files, '-o', 'r.html', '-q'], { cwd })
  expect(code).toBe(0)
  const { runs } = dataOf(readFileSync(join(cwd, 'r.html'), 'utf8'))
  expect(runs.map(({ noTimeline }) => noTimeline)).toEqual([
    expect.stringMatching(/^it was made by mmgather 0\.0\.9/),
    expect.stringMatching(/^its strategy is a file/),
    'its profile mine does not ship',
    'this version does not take its scenario',
    'done again, the run came out otherwise',
  ])
})

test('a live run and a sweep are in the page too', async () => {
  const cwd = emptyFolder()
  const small = ['--pages', '64']
  await mmgather(['run', ...small, '--runs', '1', '--warmup', '0', '--out', 'live.json', '-q'], {
    cwd,
  })
  const axes = ['--axis', 'cpus+processes=1,2', '--axis', 'swapClusterMax=8,32']
  await mmgather(['sweep', 'exit-order0', ...small, ...axes, '-o', 's.jsonl', '-q'], { cwd })
  const { code, stderr } = await mmgather(
    ['report', 'live.json', 's.jsonl', '-o', 'r.html', '-q'],
    { cwd },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { runs, sweeps } = dataOf(readFileSync(join(cwd, 'r.html'), 'utf8'))
  expect(runs[0]).toMatchObject({
    engine: 'live',
    noTimeline:
      'only a run in virtual time can be done again to draw it (mmgather run --trace samples a live one)',
  })
  expect(sweeps[0]?.cells).toHaveLength(4)
})
