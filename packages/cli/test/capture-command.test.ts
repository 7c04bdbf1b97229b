/**
 * Tests of `mmgather capture` on the real command: where the file and the notes go, and what is refused when.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseScenarioText } from '@mmgather/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

/** A process that does nothing, until the end of the test. */
async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill())
  await new Promise((resolve) => child.once('spawn', resolve))
  const { pid } = child
  if (pid === undefined) throw new Error('sleep has no pid')
  return Object.assign(child, { pid })
}

describe.skipIf(process.platform !== 'linux')('capture', () => {
  test('writes a file that runs', async () => {
    const cwd = emptyFolder()
    const { pid } = await sleeper()
    const made = await mmgather(['capture', '--pid', String(pid), '-o', 'sleep.yaml'], { cwd })
    expect({ code: made.code, stdout: made.stdout }).toEqual({ code: 0, stdout: '' })
    expect(made.stderr).toMatch(/^captured 1 processes, \d+ VMAs, /m)
    expect(made.stderr).toMatch(/\nrun it: mmgather run \.\/sleep\.yaml\n$/)
    const run = await mmgather(['run', './sleep.yaml', '--runs', '1'], { cwd })
    expect({ code: run.code, stderr: run.stderr }).toMatchObject({ code: 0 })
    expect(run.stdout).toMatch(/^outcome +completed, every invariant held$/m)
  })

  test('of several processes writes all of them to stdout for -', async () => {
    const [one, other] = await Promise.all([sleeper(), sleeper()])
    const pids = [one.pid, other.pid].map(String)
    const together = await mmgather(['capture', '--pid', ...pids, '--anonymize', '-o', '-'])
    expect(together.code).toBe(0)
    expect(together.stdout).not.toContain('sleep')
    expect(parseScenarioText(together.stdout).processes).toHaveLength(2)
    const apart = await mmgather([
      'capture',
      '--pid',
      pids[0] ?? '',
      '--pid',
      pids[1] ?? '',
      '-o',
      '-',
    ])
    expect(parseScenarioText(apart.stdout).processes).toHaveLength(2)
  })

  test('of a process that is not there leaves no file', async () => {
    const cwd = emptyFolder()
    const { code, stdout, stderr } = await mmgather(['capture', '--pid', '4194304', '-o', 'x'], {
      cwd,
    })
    expect({ code, stdout, files: readdirSync(cwd) }).toEqual({ code: 2, stdout: '', files: [] })
    expect(stderr).toMatch(
      /^error: --pid 4194304: no such process, or it ended while it was read; /,
    )
  })

  test('refuses an output that cannot be written', async () => {
    const { pid } = await sleeper()
    const to = (path: string): Promise<unknown> =>
      mmgather(['capture', '--pid', String(pid), '-o', path])
    const refused = (problem: string): unknown => ({
      code: 2,
      signal: null,
      stdout: '',
      stderr: `error: --out ${problem}; allowed the path of a file that can be written\n`,
    })
    expect(await to('/proc/none/x')).toEqual(
      refused('/proc/none/x: there is no such file or folder'),
    )
    expect(await to('/dev/full')).toEqual(refused('/dev/full: no space left on the device'))
  })

  test('names --max-pages when there are more', async () => {
    const cwd = emptyFolder()
    const { pid } = await sleeper()
    const args = ['capture', '--pid', String(pid), '--max-pages', '1', '-o', 'x']
    const { code, stderr } = await mmgather(args, { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --max-pages 1: the processes map about \d+ present pages; /)
    expect(stderr).toContain('raise --max-pages')
    expect(existsSync(join(cwd, 'x'))).toBe(false)
  })

  test('keeps what stood in a file that could not be replaced', async () => {
    const cwd = emptyFolder()
    const { pid } = await sleeper()
    await mmgather(['capture', '--pid', String(pid), '-o', 'x'], { cwd })
    const before = readFileSync(join(cwd, 'x'), 'utf8')
    await mmgather(['capture', '--pid', '4194304', '-o', 'x'], { cwd })
    expect(readFileSync(join(cwd, 'x'), 'utf8')).toBe(before)
  })
})
