/**
 * Tests of `mmgather run --engine virtual` on the real command: determinism, every flag, how it ends.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTER_KEYS, findProfile, LOCK_CLASS_KEYS, type RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, type Result } from './support.ts'

const VIRTUAL = ['run', '--engine', 'virtual', '--pages', '600']

async function reportOf(...args: string[]): Promise<RunReport> {
  const { code, stdout } = await mmgather([...VIRTUAL, ...args, '--json'])
  expect(code).toBe(0)
  return JSON.parse(stdout) as RunReport
}

describe('the table', () => {
  test('is the same at every try, and at most 80 columns wide', async () => {
    const args = [...VIRTUAL, '--cpus', '8', '--processes', '8']
    const [one, other] = await Promise.all([mmgather(args), mmgather(args)])
    expect({ code: one.code, stderr: one.stderr }).toEqual({ code: 0, stderr: '' })
    expect(one).toEqual(other)
    expect(one.stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(one.stdout).toMatch(/^engine +virtual, 8 CPUs of skylake-104 at 2,800 MHz$/m)
    expect(one.stdout).toMatch(/^runs +1, seed 1, jitter 1.00 µs$/m)
    for (const key of COUNTER_KEYS) expect(one.stdout).toMatch(new RegExp(`\\b${key} +[\\d,]+`))
    for (const key of LOCK_CLASS_KEYS) expect(one.stdout).toMatch(new RegExp(`^${key} `, 'm'))
    for (const section of ['TIME STACK', 'WHO WAITED', 'LINE TRANSFERS', 'INTERRUPTS OFF'])
      expect(one.stdout).toContain(`\n\n${section}`)
    expect(one.stdout).not.toMatch(/FUNCTIONS|set-up/)
  })

  test('has functions if they are asked for', async () => {
    const { stdout } = await mmgather([...VIRTUAL, '--functions'])
    expect(stdout).toMatch(/^FUNCTIONS of the last run +calls +exclusive +inclusive$/m)
    expect(stdout).toMatch(/^zapPtes +\d+ /m)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})

describe('each flag does what it says', () => {
  type Case = readonly [args: string, of: (report: RunReport) => unknown, value: unknown]
  test.for<Case>([
    ['--cpus 1024', (report) => report.perCpu.length, 1024],
    ['--runs 3', (report) => [report.runs, report.time.teardown.min > 0], [3, true]],
    ['--profile altra-80', (report) => report.virtual?.profile, 'altra-80'],
    ['--jitter 0', (report) => report.virtual?.arrivalJitterNs, 0],
    ['--functions', (report) => (report.virtual?.functions ?? []).length > 20, true],
    ['--time-max 1000', (report) => report.outcome.kind, 'completed'],
    ['--events-max 1000000', (report) => report.outcome.kind, 'completed'],
    ['--no-verify', (report) => report.outcome.kind, 'completed'],
  ])('%s', async ([args, of, value]) => {
    const report = await reportOf(...args.split(' '))
    expect(of(report)).toEqual(value)
    expect(report.reproduce).toContain(` ${args}`)
  })

  test('--runs: run i has the seed + i', async () => {
    const [both, first, second] = await Promise.all([
      reportOf('--seed', '5', '--runs', '2'),
      reportOf('--seed', '5'),
      reportOf('--seed', '6'),
    ])
    const times = [first, second].map(({ time }) => time.teardown.median)
    expect([both.time.teardown.min, both.time.teardown.max]).toEqual(
      times.toSorted((a, b) => a - b),
    )
  })

  test('--profile takes a file, and --out may not overwrite it', async () => {
    const cwd = emptyFolder()
    const profile = { ...findProfile('altra-80'), name: 'mine' }
    writeFileSync(join(cwd, 'mine.json'), JSON.stringify(profile))
    const args = [...VIRTUAL, '--profile', 'mine.json']
    const { stdout } = await mmgather(args, { cwd })
    expect(stdout).toMatch(/^engine +virtual, 2 CPUs of mine at 3,000 MHz$/m)
    const refused = await mmgather([...args, '--out', 'mine.json'], { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^error: --out mine.json: is the profile itself; /)
    expect(JSON.parse(readFileSync(join(cwd, 'mine.json'), 'utf8'))).toEqual(profile)
  })
})

describe('--stacks', () => {
  test('writes collapsed stacks whose cycles are those of the CPUs', async () => {
    const cwd = emptyFolder()
    const args = [...VIRTUAL, '--stacks', 'stacks.txt', '--json']
    const { code, stdout, stderr } = await mmgather(args, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'stacks written to stacks.txt\n' })
    const lines = readFileSync(join(cwd, 'stacks.txt'), 'utf8').trimEnd().split('\n')
    expect(lines.every((line) => /^[\w.]+(;[\w.]+)* \d+$/.test(line))).toBe(true)
    const { virtual } = JSON.parse(stdout) as RunReport
    const cycles = lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
    const ns = (virtual?.cpuTime ?? []).reduce((sum, { totalNs }) => sum + totalNs, 0)
    expect(Math.abs((cycles * 1000) / (virtual?.mhz ?? 1) - ns)).toBeLessThan(10)
  })

  test('on a full disk costs the exit code, not the report', async () => {
    const { code, stdout, stderr } = await mmgather([...VIRTUAL, '--stacks', '/dev/full'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: --stacks /dev/full: no space left on the device; ' +
        'allowed the path of a file that can be written\n',
    })
    expect(stdout).toContain('REPRODUCE')
  })

  test('may not be the file of --out', async () => {
    const cwd = emptyFolder()
    const result = await mmgather([...VIRTUAL, '--stacks', 'a', '--out', 'a'], { cwd })
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toMatch(/^error: --stacks a: is the file of --out itself; /)
  })
})

describe('a run that cannot go on', () => {
  const ended = async (...args: string[]): Promise<Result> => mmgather([...VIRTUAL, ...args])

  test('past --events-max: exit code 5', async () => {
    const { code, stdout, stderr } = await ended('--events-max', '10')
    expect(code).toBe(5)
    expect(stdout).toMatch(/^outcome +given up: more than 10 events$/m)
    expect(stdout).not.toContain('TIME')
    expect(stderr).toMatch(/^error: given up: more than 10 events\nreproduce: mmgather run /)
  })

  test('past --time-max: exit code 5', async () => {
    const { code, stderr } = await ended('--time-max', '1', '--processes', '100')
    expect(code).toBe(5)
    expect(stderr).toMatch(/^error: given up: CPU \d ran past 1 ms of virtual time\n/)
  })
})
