/**
 * Tests of `mmgather run` on the real command: what is printed where, every flag, files, and doing it again.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTER_KEYS, LOCK_CLASS_KEYS, type RunReport, type Scenario } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, SCENARIOS, SMALL } from './support.ts'

/** The report on stdout, which must be one JSON document and nothing else. */
async function reportOf(...args: string[]): Promise<RunReport> {
  const { code, stdout, stderr } = await mmgather(['run', ...args, '--json'])
  expect({ code, errors: stderr.replaceAll(/^warning: .*\n/gm, '') }).toEqual({
    code: 0,
    errors: '',
  })
  return JSON.parse(stdout) as RunReport
}

describe('the table', () => {
  test('is on stdout, at most 80 columns wide, with every counter and lock class', async () => {
    const { code, stdout, stderr } = await mmgather(['run', ...SMALL])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    for (const key of COUNTER_KEYS) expect(stdout).toMatch(new RegExp(`\\b${key} +[\\d,]+`))
    for (const key of LOCK_CLASS_KEYS) expect(stdout).toMatch(new RegExp(`^${key} +[\\d,]+ `, 'm'))
    expect(stdout).toMatch(
      /^scenario +exit-order0\nstrategy +linux-6.5-laf\nengine +live, 2 CPUs on /,
    )
    expect(stdout).toMatch(/^outcome +completed, every invariant held$/m)
    expect(stdout).toMatch(/\bptesCleared +1,200 /)
  })

  test('has no colours if NO_COLOR is set or stdout is no terminal', async () => {
    const { stdout } = await mmgather(['run', ...SMALL], {
      env: { NO_COLOR: '', FORCE_COLOR: '1' },
    })
    expect(stdout).not.toContain('\u001b')
  })

  test('says how to do it again, and that does the same', async () => {
    const args = ['run', 'exit-one-order3', '--pages', '3000', '--runs', '1', '--no-verify']
    const first = await mmgather(args)
    const again = /^REPRODUCE\n {2}mmgather (.*)\n/m.exec(first.stdout)?.[1]
    expect(again).toBe(args.join(' '))
    const counts = (text: string): string =>
      text.slice(text.indexOf('COUNTS'), text.indexOf('LOCKS'))
    const second = await mmgather((again ?? '').split(' '))
    expect(counts(second.stdout)).toBe(counts(first.stdout))
    expect(first.stdout).toMatch(/^outcome +completed, invariants not checked$/m)
  })
})

describe('the JSON document', () => {
  test('is the whole report', async () => {
    const report = await reportOf(...SMALL)
    expect(report).toMatchObject({
      schema: 'mmgather/run-report@1',
      strategy: 'linux-6.5-laf',
      engine: 'live',
      runs: 2,
      outcome: { kind: 'completed' },
      counters: { ptesCleared: 1200, foliosFreed: 1200, pagesFreed: 1200 },
      reproduce: `mmgather run exit-order0 ${SMALL.join(' ')}`,
    })
    expect(Object.keys(report.counters)).toEqual([...COUNTER_KEYS])
    expect(report.perCpu).toHaveLength(2)
    expect(report.time.teardown.median).toBeGreaterThan(0)
  })

  test('comes with its warnings on stderr, or none with --quiet', async () => {
    const once = ['--runs', '1', '--warmup', '0', '--code', 'js']
    const args = ['run', '--pages', '600', ...once, '--json']
    const loud = await mmgather(args)
    const { warnings } = JSON.parse(loud.stdout) as RunReport
    expect(warnings.length).toBeGreaterThan(0)
    expect(loud.stderr).toBe(warnings.map((warning) => `warning: ${warning}\n`).join(''))
    expect((await mmgather([...args, '--quiet'])).stderr).toBe('')
  })

  test('or nothing at all with --quiet', async () => {
    const result = await mmgather(['run', ...SMALL, '--quiet'])
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })
})

describe('each flag does what it says', () => {
  const group = (scenario: Scenario): Scenario['processes'][number] | undefined =>
    scenario.processes[0]
  const folios = (scenario: Scenario): unknown => {
    const vma = group(scenario)?.vmas[0]
    return vma?.kind === 'anon' ? vma.folios : undefined
  }
  type Case = readonly [args: string, of: (report: RunReport) => unknown, value: unknown]
  test.for<Case>([
    ['--strategy range-v1', (report) => report.strategy, 'range-v1'],
    ['--engine live', (report) => report.engine, 'live'],
    ['--cpus 3', (report) => report.perCpu.length, 3],
    ['--processes 5', (report) => group(report.scenario)?.count, 5],
    ['--pages 700', (report) => group(report.scenario)?.vmas[0]?.pages, 700],
    ['--order 4', (report) => folios(report.scenario), [{ order: 4, count: 1 }]],
    ['--share 2', (report) => group(report.scenario)?.share, 2],
    ['--order 9 --pages 1024 --mapped pmd', (report) => report.events.pmdsCleared, 4],
    ['--lruvecs 2', (report) => report.scenario.processes.map(({ memcg }) => memcg), ['m0', 'm1']],
    ['--swap-cluster-max 15', (report) => report.scenario.tunables.swapClusterMax, 15],
    ['--lock ttas', (report) => report.scenario.machine.lock, 'ttas'],
    ['--page-tables gathered', (report) => report.scenario.machine.pageTables, 'gathered'],
    [
      '--teardown munmap',
      (report) => group(report.scenario)?.teardown,
      [{ munmap: { vma: 0, from: 0, pages: 600 } }],
    ],
    ['--seed 7', (report) => [report.seed, report.scenario.seed], [7, 7]],
    ['--code wasm', (report) => report.environment.code, 'wasm'],
    ['--code js', (report) => report.environment.code, 'js'],
    ['--runs 3', (report) => report.runs, 3],
    ['--warmup 2', (report) => report.outcome.kind, 'completed'],
  ])('%s', async ([args, of, value]) => {
    const report = await reportOf(...SMALL, ...args.split(' '))
    expect(of(report)).toEqual(value)
    expect(report.outcome).toEqual({ kind: 'completed' })
    const flags = args.matchAll(/--[a-z-]+ \S+/g)
    for (const [flag] of flags) expect(report.reproduce).toContain(` ${flag}`)
  })
})

describe('a scenario file', () => {
  const TEXT = `schema: mmgather/scenario@1
name: from a file
processes: [{ vmas: [{ kind: anon, pages: 40, holes: { every: 4 } }] }]
`

  test('is run from any folder, and flags go over it', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'my.yaml'), TEXT)
    writeFileSync(join(cwd, 'plain'), TEXT)
    for (const name of ['my.yaml', './my.yaml', 'plain', join(cwd, 'my.yaml')]) {
      const { code, stdout } = await mmgather(['run', name, '--runs', '1'], { cwd })
      expect({ code, cleared: /ptesCleared +(\d+)/.exec(stdout)?.[1] }).toEqual({
        code: 0,
        cleared: '30',
      })
    }
    const { stdout } = await mmgather(['run', 'my.yaml', '--pages', '80', '--runs', '1'], { cwd })
    expect(stdout).toMatch(/^scenario +from a file\n/)
    expect(stdout).toMatch(/ptesCleared +60 /)
  })

  test('comes from stdin as -', async () => {
    const { code, stdout } = await mmgather(['run', '-', '--runs', '1'], { stdin: TEXT })
    expect(code).toBe(0)
    expect(stdout).toMatch(/ptesCleared +30 /)
  })

  // docs/findings.md, docs/memory-models.md
  const findings = ['range-v1-pmd-then-pte.yaml']
  const sections = ['section-boundary.yaml', 'section-crossing.yaml']
  const files = readdirSync(SCENARIOS).filter((file) => file.endsWith('.yaml'))

  // too many CPUs for threads
  const large = ['page-fault2-104.yaml']

  const sound = files.filter((file) => ![...findings, ...sections, ...large].includes(file))

  test.for(sound)('scenarios/%s runs', async (file) => {
    const report = await reportOf(join(SCENARIOS, file), '--runs', '1')
    expect(report.outcome).toEqual({ kind: 'completed' })
  })

  test.for(large)('scenarios/%s runs in virtual time', async (file) => {
    const report = await reportOf(join(SCENARIOS, file), '--runs', '1', '--engine', 'virtual')
    expect(report.outcome).toEqual({ kind: 'completed' })
  })

  test.for(sections)('scenarios/%s is not sound: exit code 3', async (file) => {
    const { code, stderr } = await mmgather(['run', join(SCENARIOS, file), '--runs', '1'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error: violated: \S+: /)
  })

  test.for(findings)('scenarios/%s breaks an invariant: exit code 3', async (file) => {
    const { code, stdout, stderr } = await mmgather(['run', join(SCENARIOS, file)])
    expect(code).toBe(3)
    expect(stdout).toMatch(/outcome +violated: 3 invariants\n- mapcount: /)
    expect(stderr).toMatch(/^error: violated: mapcount: 0 PTEs map this page, found 1: pfn 1: /)
    expect(stderr).toMatch(/^reproduce: mmgather run .*range-v1-pmd-then-pte\.yaml$/m)
  })
})

describe('--out', () => {
  test('writes the report and prints the table', async () => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await mmgather(['run', ...SMALL, '--out', 'r.json'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'report written to r.json\n' })
    expect(stdout).toContain('COUNTS')
    const report = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')) as RunReport
    expect(report.counters.ptesCleared).toBe(1200)
  })

  test('with --json gives the same document twice', async () => {
    const cwd = emptyFolder()
    const args = ['run', ...SMALL, '--json', '--out', 'r.json']
    const { stdout } = await mmgather(args, { cwd })
    expect(readFileSync(join(cwd, 'r.json'), 'utf8')).toBe(stdout)
  })

  const CAN_BE_WRITTEN = 'allowed the path of a file that can be written'
  test.for([
    ['/proc/none/r.json', 'there is no such file or folder'],
    ['.', 'is a directory'],
    ['my.yaml', 'is the scenario file itself'],
  ] as const)('to %s is refused before the run starts', async ([path, problem]) => {
    const cwd = emptyFolder()
    const text = `schema: mmgather/scenario@1\nprocesses: [{ vmas: [{ kind: anon, pages: 8 }] }]\n`
    writeFileSync(join(cwd, 'my.yaml'), text)
    const args = ['run', 'my.yaml', '--runs', '1000000', '--out', path]
    const result = await mmgather(args, { cwd })
    const stderr = `error: --out ${path}: ${problem}; ${CAN_BE_WRITTEN}\n`
    expect(result).toEqual({ code: 2, signal: null, stdout: '', stderr })
    expect(readFileSync(join(cwd, 'my.yaml'), 'utf8')).toBe(text)
  })

  test('on a full disk: the document is on stdout instead, nothing is lost', async () => {
    const { code, stdout, stderr } = await mmgather(['run', ...SMALL, '--out', '/dev/full'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        `error: --out /dev/full: no space left on the device; ${CAN_BE_WRITTEN}\n` +
        'the JSON report is printed on stdout instead\n',
    })
    expect((JSON.parse(stdout) as RunReport).outcome).toEqual({ kind: 'completed' })
  })

  test('leaves no file behind if nothing is run', async () => {
    const cwd = emptyFolder()
    const { code } = await mmgather(['run', '--cpus', '500', '--out', 'r.json'], { cwd })
    expect({ code, files: readdirSync(cwd) }).toEqual({ code: 2, files: [] })
  })
})
