/**
 * Strategies of users on the real command line: how runs with them end, and what is refused.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

import { type RunReport, STRATEGIES } from '@mmgather/core'
import { emptyFolder, mmgather, type Result, SCENARIOS } from './support.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/strategies', import.meta.url))
const DOCUMENTED = fileURLToPath(new URL('../../../docs/strategies', import.meta.url))

const IDS = STRATEGIES.map(({ strategy }) => strategy.id).join(', ')

function run(strategy: string, ...more: string[]): Promise<Result> {
  const args = ['run', 'exit-order3', '--pages', '1000', '--runs', '1', '-q']
  return mmgather([...args, '--strategy', strategy, ...more], { cwd: FIXTURES })
}

describe('a run with a file', () => {
  test.each(['live', 'virtual'])('%s: prints a report that names it', async (engine) => {
    const { code, stdout, stderr } = await run('./own-id.ts', '--engine', engine, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const report = JSON.parse(stdout) as RunReport
    expect(report).toMatchObject({ strategy: 'own-id', strategyFile: './own-id.ts', engine })
    expect(report.reproduce).toContain('--strategy ./own-id.ts')
  })

  test('of two files', async () => {
    expect(await run('./two-files.ts', '--engine', 'virtual')).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  test('the counts of the documented example are equal in both engines', async () => {
    const strategy = join(DOCUMENTED, 'pages-per-hold.ts')
    const scenario = join(SCENARIOS, 'small-among-ranges.yaml')
    const args = ['run', scenario, '--strategy', strategy, '--runs', '1', '-q', '--json']
    const live = await mmgather([...args, '--engine', 'live'])
    const virtual = await mmgather([...args, '--engine', 'virtual'])
    const [first, second] = [live, virtual].map(({ stdout }) => JSON.parse(stdout) as RunReport)
    expect(first?.outcome).toEqual({ kind: 'completed' })
    expect(second?.outcome).toEqual({ kind: 'completed' })
    expect(second?.counters).toEqual(first?.counters)
  })
})

describe('how a run ends', () => {
  test.each([
    ['leak', 3, /^error: violated: /],
    [
      'lock-twice',
      4,
      /^error: deadlock: CPU 0 .* waits for the lruvec lock .* which it holds itself/,
    ],
    ['opposite-order', 4, /^error: deadlock: CPU 0 .* waits for the lruvec lock .*, held by CPU 1/],
    ['endless-loop', 5, /^error: given up: CPU 0 made \d+ turns of a loop \(endless-loop\.ts:8\)/],
    ['recursion', 5, /^error: given up: CPU 0 called functions too deeply/],
  ])('virtual, %s: exit code %i', async (name, code, message) => {
    const result = await run(`${name}.ts`, '--engine', 'virtual')
    expect(result.code).toBe(code)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).toContain(`--strategy ${name}.ts`)
  })

  test('virtual, with the table: a deadlock names every CPU that waits', async () => {
    const args = ['run', 'exit-order3', '--pages', '1000', '--engine', 'virtual']
    const { stdout } = await mmgather([...args, '--strategy', './opposite-order.ts'], {
      cwd: FIXTURES,
    })
    const words = stdout.replaceAll(/\s+/g, ' ')
    expect(words).toContain('outcome deadlock: 2 CPUs will never go on')
    expect(words).toMatch(/- CPU 0 .* waits for the lruvec lock .* held by CPU 1/)
    expect(words).toMatch(/- CPU 1 .* waits for the splitQueue lock .* held by CPU 0/)
  })

  test('live: a loop is found, and the file comes before mmgather as its cause', async () => {
    const { code, stderr } = await run('./endless-loop.ts')
    expect(code).toBe(70)
    // both CPUs loop, and which is seen first is up to the machine
    expect(stderr).toMatch(/^error: failed: CPU [01]: hung/)
    expect(stderr).toContain('Look for the cause in the strategy file first')
    expect(stderr).not.toContain('bug of mmgather')
  })
})

describe('compare', () => {
  test('takes files beside ids', async () => {
    const strategies = `range-v1,${join(DOCUMENTED, 'pages-per-hold.ts')}`
    const scenario = join(SCENARIOS, 'small-among-ranges.yaml')
    const { code, stdout } = await mmgather([
      'compare',
      scenario,
      '--strategies',
      strategies,
      '-q',
      '--json',
    ])
    expect(code).toBe(0)
    expect(stdout).toContain('"pages-per-hold"')
  })

  test('refuses two files with one id', async () => {
    const folder = emptyFolder()
    const head = "import { linux65, type Strategy } from '@mmgather/core/kernel'\n"
    for (const name of ['a', 'b'])
      writeFileSync(
        join(folder, `${name}.ts`),
        `${head}export const ${name}: Strategy = { ...linux65, id: 'x' }\n`,
      )
    const args = ['compare', 'exit-order0', '--strategies', './a.ts,./b.ts']
    const { code, stderr } = await mmgather(args, { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toBe(
      'error: --strategies: two files have strategies of one id (got "x"); give the one in ./b.ts another\n',
    )
  })
})

describe('what is refused', () => {
  test.each([
    ['./nowhere.ts', 'error: ./nowhere.ts: there is no such file\n'],
    [
      'two-records.ts#none',
      'error: two-records.ts: exports no strategy named none; it has pages, ranges\n',
    ],
    [
      'rangev1',
      `error: --strategy: there is no such strategy (got "rangev1"); allowed one of ${IDS}, or a TypeScript file; did you mean range-v1?\n`,
    ],
  ])('%s', async (strategy, stderr) => {
    expect(await run(strategy)).toMatchObject({ code: 2, stdout: '', stderr })
  })

  test('every violation, each on a line with its place', async () => {
    const { code, stderr } = await run('broken-rules.ts')
    expect(code).toBe(2)
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(6)
    for (const line of lines) expect(line).toMatch(/^error: broken-rules\.ts:\d+:\d+: /)
  })

  test('a file that a scenario names: data does not run programs', async () => {
    const folder = emptyFolder()
    const file = join(folder, 'evil.yaml')
    const process = 'processes: [{ vmas: [{ kind: anon, pages: 8 }] }]'
    writeFileSync(
      file,
      `schema: mmgather/scenario@1\nname: evil\nstrategy: ./own-id.ts\n${process}\n`,
    )
    const { code, stderr } = await mmgather(['run', file], { cwd: FIXTURES })
    expect(code).toBe(2)
    expect(stderr).toContain('a strategy file is named on the command line')
  })
})

test('the modules of a file are gone when the command ends, however it does', async () => {
  const temporary = emptyFolder()
  const files = ['own-id.ts', 'lock-twice.ts', 'same-id.ts']
  for (const file of files) {
    const args = ['run', 'exit-order3', '--pages', '100', '--engine', 'virtual', '-q']
    const options = { cwd: FIXTURES, env: { TMPDIR: temporary } }
    await mmgather([...args, '--strategy', file], options)
  }
  expect(readdirSync(temporary)).toEqual([])
})
