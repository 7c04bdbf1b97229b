/**
 * Tests of `mmgather sweep` on the real command: what it writes, how it goes on, what it explains, how it ends.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTER_KEYS, type RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, SCENARIOS } from '../support.ts'
import { GRID, JOURNAL, journalOf, sortedLines, sweep, textOf } from './support.ts'

describe('the journal', () => {
  test('has each point once, with the figures that run has', async () => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await sweep(cwd)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^points +8 = 2 x 2 x 2 seeds: 8 run, 0 without figures$/m)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    const { header, entries } = journalOf(cwd)
    expect(header).toMatchObject({
      seeds: 2,
      set: { pages: 64 },
      scenario: { name: 'exit-order0' },
    })
    expect(entries).toHaveLength(8)
    expect(new Set(entries.map(({ key }) => key)).size).toBe(8)
    const point = { axes: { cpus: 2, processes: 2, order: 2 }, seed: 2 }
    const entry = entries.find((each) => JSON.stringify(each.point) === JSON.stringify(point))
    const flags = '--engine virtual --pages 64 --cpus 2 --processes 2 --order 2 --seed 2 --json'
    const run = await mmgather(['run', 'exit-order0', ...flags.split(' ')])
    const report = JSON.parse(run.stdout) as RunReport
    expect(entry).toMatchObject({
      result: {
        teardownNs: report.time.teardown.median,
        counters: report.counters,
        locks: report.locks,
        lineTransfers: report.virtual?.lineTransfers,
      },
    })
    expect(COUNTER_KEYS.length).toBeGreaterThan(10)
  })

  test('is the same bytes, but for the order of its lines, however many points run at a time', async () => {
    const folders = [emptyFolder(), emptyFolder(), emptyFolder()]
    await Promise.all(folders.map((cwd, i) => sweep(cwd, ['--jobs', String(i + 1)])))
    const [one, ...others] = folders.map((cwd) => sortedLines(textOf(cwd)))
    for (const other of others) expect(other).toEqual(one)
  })

  test('comes from a sweep file as well', async () => {
    const cwd = emptyFolder()
    writeFileSync(
      join(cwd, 's.yaml'),
      `schema: mmgather/sweep@1
name: mine
scenario: order4.yaml
set: { pages: 64 }
axes: [{ cpus: [1, 2] }, { strategy: [linux-6.5-laf, range-v1] }]
`,
    )
    writeFileSync(join(cwd, 'order4.yaml'), readFileSync(join(SCENARIOS, 'exit-64-order4.yaml')))
    const { code, stderr } = await mmgather(
      ['sweep', 's.yaml', '--axis', 'cpus=1..4*2', '-o', JOURNAL, '-q'],
      { cwd },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { header, entries } = journalOf(cwd)
    expect(header.name).toBe('mine')
    const cpus = entries.map(({ point }) => Number(point.axes.cpus))
    expect(cpus.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 4, 4])
    const refused = await mmgather(['sweep', 's.yaml', '-o', 's.yaml'], { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('--out s.yaml: is the sweep file itself')
  })
})

describe('run again', () => {
  test('does what is missing, and more values and seeds', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const first = textOf(cwd)
    const again = await sweep(cwd, ['--explain'])
    expect(again.stdout.match(/ reuse .*: in the journal$/gm)).toHaveLength(8)
    expect(again.stdout).toMatch(/^points +8 = 2 x 2 x 2 seeds: 0 run, 8 reused, 0 without/m)
    expect(textOf(cwd)).toBe(first)
    const more = await mmgather(
      [
        'sweep',
        'exit-order0',
        '--pages',
        '64',
        '--axis',
        'cpus+processes=1,2,3',
        '--axis',
        'order=0,2',
        '--seeds',
        '3',
        '-o',
        JOURNAL,
        '--json',
      ],
      { cwd },
    )
    expect(JSON.parse(more.stdout)).toMatchObject({
      points: 18,
      run: 10,
      reused: 8,
      missing: 0,
      failures: [],
    })
    expect(textOf(cwd).startsWith(first)).toBe(true)
    expect(journalOf(cwd).entries).toHaveLength(18)
    expect(journalOf(cwd).header.seeds).toBe(3)
  })

  test('runs the points of a strategy file that was changed', async () => {
    const cwd = emptyFolder()
    const file = join(cwd, 'mine.ts')
    const text = (
      size: number,
    ) => `import { linux65Laf, type Strategy } from '@mmgather/core/kernel'
export const mine: Strategy = { ...linux65Laf, id: 'mine', pagevecSize: ${size} }
`
    writeFileSync(file, text(15))
    const args = ['sweep', '--pages', '64', '--axis', 'strategy=linux-6.5,./mine.ts', '-o', JOURNAL]
    const first = await mmgather(args, { cwd })
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    writeFileSync(file, text(7))
    const { code, stdout } = await mmgather([...args, '--explain'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/ reuse +strategy=linux-6.5 seed=1: in the journal$/m)
    expect(stdout).toMatch(/ run .* strategy=.\/mine.ts seed=1: .\/mine.ts was/m)
    const { entries } = journalOf(cwd)
    expect(entries).toHaveLength(2)
    expect(textOf(cwd).trimEnd().split('\n')).toHaveLength(4)
  })
})

describe('a point without figures', () => {
  test('is recorded and does not stop the others', async () => {
    const cwd = emptyFolder()
    const args = [
      'sweep',
      '--pages',
      '64',
      '--axis',
      'order=0,1,2',
      '--strategy',
      'linux-6.5-laf',
      '-o',
      JOURNAL,
    ]
    const { code, stdout } = await mmgather(args, { cwd })
    expect(code).toBe(2)
    expect(stdout).toMatch(/^points +3: 3 run, 1 without figures$/m)
    expect(stdout).toMatch(/ - order=1 seed=1: scenario: /)
    const { entries } = journalOf(cwd)
    expect(entries.map((entry) => ('error' in entry ? entry.error.kind : 'result')).sort()).toEqual(
      ['result', 'result', 'scenario'],
    )
    const again = await mmgather([...args, '--json'], { cwd })
    expect(again.code).toBe(2)
    expect(JSON.parse(again.stdout)).toMatchObject({
      run: 0,
      reused: 3,
      failures: [{ kind: 'scenario' }],
    })
  })

  test.for([
    [['--axis', 'cpus=1,2', '--events-max', '10'], 5, 'bounds'],
    [['--axis', 'cpus=1,2', '--events-max', '10', '--no-verify'], 5, 'bounds'],
  ] as const)('has the exit code of its end: %s', async ([flags, code, kind]) => {
    const cwd = emptyFolder()
    const result = await mmgather(['sweep', ...flags, '--pages', '3000', '-o', JOURNAL, '--json'], {
      cwd,
    })
    expect(result.code).toBe(code)
    const { failures } = JSON.parse(result.stdout) as { failures: { kind: string }[] }
    expect(failures.map((failure) => failure.kind)).toContain(kind)
  })

  test('that breaks an invariant: exit code 3', async () => {
    const cwd = emptyFolder()
    const scenario = join(SCENARIOS, 'range-v1-pmd-then-pte.yaml')
    const { code, stdout } = await mmgather(
      ['sweep', scenario, '--axis', 'strategy=linux-6.5-laf,range-v1', '-o', JOURNAL],
      { cwd },
    )
    expect(code).toBe(3)
    expect(stdout).toMatch(/ - strategy=range-v1 seed=1: violated: mapcount: /)
  })

  test('is a usage error if there is no other, and nothing is written', async () => {
    const cwd = emptyFolder()
    const { code, stderr } = await mmgather(
      ['sweep', 'kernel-build', '--axis', 'pages=64,128', '-o', JOURNAL],
      { cwd },
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: pages: needs exactly one anonymous VMA/)
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('--dry-run', () => {
  test('lists the points and runs none', async () => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await mmgather([...GRID, '--dry-run'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^points +8 = 2 x 2 x 2 seeds; 8 to be run$/m)
    expect(stdout).toMatch(
      /^estimate +[\d.]+ m?s on \d threads?, at most [\d.]+ [MG]iB of memory$/m,
    )
    expect(
      stdout.match(/^\d  run +[\d.]+ [mµ]?s +[\d.]+ MiB  cpus\+processes=\d order=\d/gm),
    ).toHaveLength(8)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(readdirSync(cwd)).toEqual([])
  })

  test('knows the journal, and leaves it as it is', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const whole = textOf(cwd)
    const torn = whole.slice(0, -100)
    writeFileSync(join(cwd, JOURNAL), torn)
    const { stdout } = await sweep(cwd, ['--dry-run', '--json'])
    const { points } = JSON.parse(stdout) as { points: { does: string; key: string }[] }
    expect(points.filter(({ does }) => does === 'run')).toHaveLength(1)
    expect(textOf(cwd)).toBe(torn)
    for (const { key } of points) expect(whole).toContain(key)
  })
})

describe('--verify-journal', () => {
  test('of a journal that is not there is refused', async () => {
    const cwd = emptyFolder()
    const { code, stderr } = await sweep(cwd, ['--verify-journal', '3'])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^error: --verify-journal: there is no such journal \(got ".*"\); run the sweep first/,
    )
  })

  test('finds the same bytes again, and a line that has others', async () => {
    const cwd = emptyFolder()
    await sweep(cwd)
    const good = await sweep(cwd, ['--verify-journal', '100'])
    expect(good).toMatchObject({
      code: 0,
      stdout: '8 of 8 points gave the same bytes again\n',
      stderr: '',
    })
    writeFileSync(join(cwd, JOURNAL), textOf(cwd).replace(/"teardownNs":\d+/, '"teardownNs":1'))
    const bad = await sweep(cwd, ['--verify-journal', '8'])
    expect(bad).toMatchObject({ code: 3, stdout: '7 of 8 points gave the same bytes again\n' })
    expect(bad.stderr).toMatch(/^error: .*"seed":\d.* gave other bytes than the line/)
    expect((await sweep(cwd, ['--verify-journal', '3', '--json'])).stdout).toContain('"checked": 3')
  })
})

describe('wrong usage', () => {
  test.for([
    [[], /^error: --out: is missing: the figures of the points need a file; /],
    [
      ['--axis', 'cpux=1', '-o', 'x'],
      /^error: --axis: is no key of an axis .* did you mean cpus\?$/m,
    ],
    [
      ['--axis', 'cpus=1', '--axis', 'cpus=2', '-o', 'x'],
      /^error: --axis cpus: is varied by two axes; /,
    ],
    [
      ['--axis', 'cpus=1', '--cpus', '2', '-o', 'x'],
      /^error: --axis cpus: is varied, and set by a flag for all points; /,
    ],
    [
      ['--axis', 'pages=1..100000', '--seeds', '11', '-o', 'x'],
      /^error: --axis: makes 1100000 points: 100000 x 11; allowed at most 1000000; /,
    ],
    [
      ['--axis', 'strategy=linux-6.5-lav', '-o', 'x'],
      /^error: --axis strategy: there is no such strategy .* did you mean linux-6.5-laf\?$/m,
    ],
    [['--axis', 'profile=altra', '-o', 'x'], /^error: --profile: there is no such profile/m],
    [
      ['--engine', 'live', '-o', 'x'],
      /^error: unknown option --engine; see mmgather sweep --help$/m,
    ],
  ] as const)('%s', async ([args, text]) => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await mmgather(['sweep', ...args], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(text)
    expect(readdirSync(cwd)).toEqual([])
  })
})
