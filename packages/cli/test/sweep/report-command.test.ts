/**
 * Tests of `mmgather report` on the real command: each format, of runs and of sweeps, and what it refuses.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Journal, type RunReport, scenarioToText, presetScenario } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather } from '../support.ts'
import { JOURNAL, journalOf, sweep } from './support.ts'

const RUN = ['run', 'exit-order3', '--engine', 'virtual', '--pages', '600']

async function report(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await mmgather(['report', ...args], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** A folder with a journal and the report of a run. */
async function withFiles(): Promise<string> {
  const cwd = emptyFolder()
  await Promise.all([sweep(cwd), mmgather([...RUN, '--out', 'r.json', '-q'], { cwd })])
  return cwd
}

function rowsOf(csv: string): Record<string, string>[] {
  const [head = [], ...rows] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}

describe('text', () => {
  test('of a sweep has a line for each combination, and a grid', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const text = await report(cwd, JOURNAL)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).toMatch(/^cpus\+processes +order +teardown +spread +per page +most for +waiting$/m)
    expect(text.match(/^[12] +[02] +[\d.]+ µs /gm)).toHaveLength(4)
    expect(text).toMatch(/^cpus\+processes \\ order +0 +2$/m)
    expect(text).toMatch(/^2 +0 .* lruvec .*%  [█▏▎▍▌▋▊▉]+$/m)
  })

  test('of many axes has their values above the figures', async () => {
    const cwd = emptyFolder()
    const axes = [
      'cpus+processes=1,2',
      'strategy=linux-6.5,linux-6.5-laf',
      'lock=ttas,ticket',
      'profile=altra-80,skylake-104',
    ]
    const flags = axes.flatMap((axis) => ['--axis', axis])
    await mmgather(['sweep', '--pages', '64', ...flags, '-o', JOURNAL, '-q'], { cwd })
    const text = await report(cwd, JOURNAL)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).toMatch(
      /^cpus\+processes=1 strategy=linux-6.5 lock=ttas profile=altra-80\n +[\d.]+ µs /m,
    )
    expect(text.match(/^cpus\+processes=/gm)).toHaveLength(16)
  })

  test('of a file of somebody else sends no control characters', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const hostile = readFileSync(join(cwd, JOURNAL), 'utf8').replaceAll(
      '"name":"exit-order0"',
      '"name":"\\u001b]0;x\\u0007\\u001b[2J"',
    )
    writeFileSync(join(cwd, JOURNAL), hostile)
    const text = await report(cwd, JOURNAL)
    expect(text).toMatch(/^sweep +\?\]0;x\?\?\[2J$/m)
  })

  test('of a run is what run printed', async () => {
    const cwd = emptyFolder()
    const { stdout } = await mmgather([...RUN, '--out', 'r.json'], { cwd })
    expect(await report(cwd, 'r.json')).toBe(stdout)
  })

  test('of a sweep in which one value was refused names the reason once', async () => {
    const cwd = emptyFolder()
    await mmgather(
      ['sweep', '--pages', '64', '--axis', 'order=0,1', '--seeds', '2', '-o', JOURNAL],
      { cwd },
    )
    const text = await report(cwd, JOURNAL)
    expect(text).toMatch(/^points +4 of 2 x 2 seeds, 2 without figures$/m)
    expect(text.match(/anonymous folios of order 1/g)).toHaveLength(1)
    expect(text).toContain('order=1 seed=1 and 1 more: scenario:\n')
  })
})

describe('csv', () => {
  test('has a row for each point and run, with every figure', async () => {
    const cwd = await withFiles()
    const rows = rowsOf(await report(cwd, JOURNAL, 'r.json', '--format', 'csv'))
    expect(rows).toHaveLength(9)
    const { entries } = journalOf(cwd)
    for (const [i, entry] of entries.entries()) {
      if (!('result' in entry)) throw new Error('no figures')
      const { point, result } = entry
      expect(rows[i]).toMatchObject({
        source: JOURNAL,
        strategy: 'linux-6.5-laf',
        order: String(point.axes.order),
        seed: String(point.seed),
        teardownNs: String(result.teardownNs),
        'locks.lruvec.waitNs.total': String(result.locks.lruvec.waitNs.total),
        'time.runningNs': String(result.timeStack.runningNs),
      })
    }
    const run = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')) as RunReport
    expect(rows.at(-1)).toMatchObject({
      scenario: 'exit-order3',
      rmapCalls: String(run.counters.rmapCalls),
      error: '',
    })
  })
})

describe('json', () => {
  test('is the journal or the report, or a list of these', async () => {
    const cwd = await withFiles()
    const one = JSON.parse(await report(cwd, JOURNAL, '--format', 'json')) as { journal: Journal }
    expect(one.journal).toEqual(journalOf(cwd))
    const both = JSON.parse(await report(cwd, 'r.json', JOURNAL, '--format', 'json')) as {
      kind: string
    }[]
    expect(both.map(({ kind }) => kind)).toEqual(['run', 'sweep'])
  })
})

describe('markdown', () => {
  test('has tables of equal width in every row', async () => {
    const cwd = await withFiles()
    const text = await report(cwd, JOURNAL, 'r.json', '--format', 'markdown')
    const tables = text.split('\n\n').filter((part) => part.startsWith('| '))
    expect(tables.length).toBe(4)
    for (const table of tables) {
      const cells = table
        .trimEnd()
        .split('\n')
        .map((row) => row.split(' | ').length)
      expect(new Set(cells).size).toBe(1)
    }
    expect(text).toContain('## exit-order0\n')
    expect(text).toContain('```sh\nmmgather sweep exit-order0 ')
  })

  test('shows hostile names as text', async () => {
    const cwd = emptyFolder()
    const name = '<script>alert(1)</script> | `x` [a](b) *c*'
    writeFileSync(join(cwd, 's.yaml'), scenarioToText({ ...presetScenario('exit-order0'), name }))
    await mmgather(['sweep', 's.yaml', '--pages', '64', '--axis', 'cpus=1,2', '-o', JOURNAL], {
      cwd,
    })
    const text = await report(cwd, JOURNAL, '--format', 'markdown')
    expect(text).not.toMatch(/(?<!\\)<script/)
    expect(text).toContain(String.raw`\<script\>alert(1)\</script\> \| \`x\` \[a\](b) \*c\*`)
    const csv = await report(cwd, JOURNAL, '--format', 'csv')
    expect(csv).toContain(`,${name},`)
  })
})

describe('--out', () => {
  test('writes what stdout would get, and never over what is read', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const text = await report(cwd, JOURNAL)
    expect(await report(cwd, JOURNAL, '-o', 'r.txt')).toBe('')
    expect(readFileSync(join(cwd, 'r.txt'), 'utf8')).toBe(text)
    const refused = await mmgather(['report', JOURNAL, '-o', JOURNAL], { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('is a file that is read itself')
  })
})

describe('what is no report and no journal', () => {
  test.for([
    ['hello', 'is no JSON document, and no journal'],
    ['{}', 'is JSON, but names no format of mmgather'],
    ['{"schema":"mmgather/comparison@1"}', 'is a document in the format mmgather/comparison@1'],
    ['{"schema":"mmgather/sweep-journal@1"', 'is empty'],
  ] as const)('%s', async ([content, why]) => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'x'), content)
    const { code, stdout, stderr } = await mmgather(['report', 'x'], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      `error: x: ${why}; allowed the JSON report of a run, or the journal of a sweep; made by mmgather run --out, or mmgather sweep --out\n`,
    )
  })

  test('a file that is not there', async () => {
    const { code, stderr } = await mmgather(['report', 'no.jsonl'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: no.jsonl: there is no such file or folder; /)
  })
})
