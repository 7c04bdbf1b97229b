/**
 * Tests of `mmgather run --trace` on the real command: every format, what is refused, files that cannot be written on.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

const VIRTUAL = ['run', '--engine', 'virtual', '--pages', '200', '--cpus', '4', '--processes', '4']

describe('formats', () => {
  test.each([
    ['perfetto', /^\n/],
    ['ftrace', /^# tracer: nop\n/],
    ['collapsed', /^cpuMain/],
    ['speedscope', /^\{"\$schema":"https:\/\/www\.speedscope\.app/],
  ])('%s', async (format, start) => {
    const cwd = emptyFolder()
    const flags = format === 'perfetto' ? [] : ['--trace-format', format]
    const { code, stdout, stderr } = await mmgather([...VIRTUAL, '--trace', 't.out', ...flags], {
      cwd,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^engine +virtual, 4 CPUs/m)
    expect(stderr).toMatch(/^trace written to t.out \([\d,]+ (?:events|stacks), \d+\.\d MiB\)\n$/)
    expect(readFileSync(join(cwd, 't.out'), 'latin1')).toMatch(start)
  })

  test('the report is the one without a trace, and does not name it in the command', async () => {
    const cwd = emptyFolder()
    const [plain, traced] = await Promise.all([
      mmgather([...VIRTUAL, '--json']),
      mmgather([...VIRTUAL, '--json', '--trace', 't.pf', '-q'], { cwd }),
    ])
    expect(traced.stdout).toBe(plain.stdout)
    expect(traced.stderr).toBe('')
  })

  test('a strategy of a file is traced like one that ships', async () => {
    const cwd = emptyFolder()
    const mine = new URL('../../../docs/strategies/pages-per-hold.ts', import.meta.url).pathname
    const flags = ['--strategy', mine, '--trace', 't.txt', '--trace-format', 'collapsed']
    const { code, stderr } = await mmgather([...VIRTUAL, ...flags], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('trace written') })
    expect(readFileSync(join(cwd, 't.txt'), 'utf8')).toMatch(/^cpuMain;runProcess;.* \d+$/m)
  })
})

describe('live runs', () => {
  const LIVE = ['run', '--pages', '20000', '--trace', 't.out']

  test.each([
    ['perfetto', 'wasm', /^\n/],
    ['ftrace', 'js', /^# tracer: nop\n#\n# mmgather: live run, sampled every 250 µs: /],
  ])('%s, %s', async (format, code, start) => {
    const cwd = emptyFolder()
    const flags = ['--trace-format', format, '--code', code, '--sample-us', '250']
    const { code: exit, stdout, stderr } = await mmgather([...LIVE, ...flags], { cwd })
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^runs +1 after 1 warm-up run/m)
    expect(stdout).toMatch(/^ +mmgather run exit-order0 --pages 20000 --code \w+$/m)
    expect(stderr).toMatch(
      /^trace written to t\.out \([\d,]+ events, \d+\.\d MiB\)\nthe trace is sampled: one sample in 250 µs was asked for, one in \S+ .s taken \([\d,]+, [\d,]+ missed, longest gap \S+ .s\)\n$/,
    )
    expect(readFileSync(join(cwd, 't.out'), 'utf8')).toMatch(start)
  })

  test('a full disk: the run is not lost, and the trace is', async () => {
    const flags = ['--trace', '/dev/full', '--json']
    const { code, stdout, stderr } = await mmgather(['run', '--pages', '600', ...flags])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --trace \/dev\/full: no space left on the device; /m)
    expect((JSON.parse(stdout) as RunReport).outcome.kind).toBe('completed')
  })
})

describe('limits', () => {
  test('what is left out is said, and the file stays below the limit', async () => {
    const cwd = emptyFolder()
    const flags = ['--pages', '3000', '--trace', 't.pf', '--trace-limit', '1']
    const { code, stderr } = await mmgather([...VIRTUAL, ...flags], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: trace: to stay within --trace-limit 1, .* of virtual time on/)
    expect(statSync(join(cwd, 't.pf')).size).toBeLessThanOrEqual(2 ** 20)
  })

  test('a full disk: the run is not lost, and the trace is', async () => {
    const { code, stdout, stderr } = await mmgather([...VIRTUAL, '--trace', '/dev/full', '--json'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --trace \/dev\/full: no space left on the device; /m)
    expect((JSON.parse(stdout) as RunReport).outcome.kind).toBe('completed')
  })
})

describe('what is refused, before anything runs', () => {
  test.each<[string[], RegExp]>([
    ...(['collapsed', 'speedscope'] as const).map((format): [string[], RegExp] => [
      ['run', '--trace', 't', '--trace-format', format],
      new RegExp(
        `^error: --trace-format: .* \\(got "${format}"\\); allowed perfetto or ftrace with --engine live; for ${format}, use --engine virtual\n$`,
      ),
    ]),
    [
      ['run', '--trace', 't', '--sample-us', '0'],
      /^error: --sample-us: is too small \(got 0\); allowed an integer from 10 to 1000000\n$/,
    ],
    [
      ['run', '--trace', 't', '--sample-us', 'often'],
      /^error: --sample-us: must be an integer \(got "often"\)/,
    ],
    [['run', '--sample-us', '50'], /^error: --sample-us: .*; add --trace FILE\n$/],
    [
      [...VIRTUAL, '--trace', 't', '--sample-us', '50'],
      /^error: --sample-us: is an option of the live engine; .*every event; .*--engine live\n$/,
    ],
    [
      ['run', '--runs', '3', '--trace', 't'],
      /^error: --trace: writes the trace of one run \(got "3 runs"\); leave --runs out/,
    ],
    [
      [...VIRTUAL, '--runs', '2', '--trace', 't'],
      /^error: --trace: writes the trace of one run \(got "2 runs"\)/,
    ],
    [[...VIRTUAL, '--trace-format', 'ftrace'], /^error: --trace-format: .*; add --trace FILE\n$/],
    [[...VIRTUAL, '--trace-limit', '5'], /^error: --trace-limit: .*; add --trace FILE\n$/],
    [[...VIRTUAL, '--trace', 't', '--trace-format', 'perfeto'], /did you mean perfetto/],
    [[...VIRTUAL, '--trace', 't', '--trace-limit', '0'], /^error: --trace-limit: is too small/],
    [
      [...VIRTUAL, '--trace', 'no/such/folder'],
      /^error: --trace no\/such\/folder: there is no such file or folder/,
    ],
    [[...VIRTUAL, '--trace', 't', '--out', 't'], /is the file of --out itself/],
  ])('%s', async (args, message) => {
    const cwd = emptyFolder()
    const { code, stderr } = await mmgather(args, { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(existsSync(join(cwd, 't'))).toBe(false)
  })

  test('a file that was there keeps its content', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 't'), 'mine')
    const { code } = await mmgather([...VIRTUAL, '--trace', 't', '--cpus', '0'], { cwd })
    expect(code).toBe(2)
    expect(readFileSync(join(cwd, 't'), 'utf8')).toBe('mine')
  })
})
