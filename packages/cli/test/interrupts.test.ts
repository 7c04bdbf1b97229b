/**
 * Tests of Ctrl-C and SIGTERM: what was finished is printed, and the exit code is 130.
 */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, LIMIT_MS, mmgather } from './support.ts'

const ENDLESS = ['run', 'exit-one-order0', '--pages', '600', '--runs', '1000000']
const STOPPING = 'stopping; again to stop at once, without a report\n'
/** Enough for a few runs on a slow machine. */
const WARM_MS = 3000

function send(...signals: NodeJS.Signals[]): (child: ChildProcess) => void {
  return (child) => {
    void sleep(WARM_MS).then(() => {
      for (const signal of signals) child.kill(signal)
    })
  }
}

describe('an interrupted run', () => {
  test('prints its table and says so', async () => {
    const { code, stdout, stderr } = await mmgather(ENDLESS, { onStart: send('SIGTERM') })
    expect(code).toBe(130)
    const runs = /^outcome +interrupted: ([\d,]+) of 1,000,000 runs finished$/m.exec(stdout)?.[1]
    const number = runs?.replaceAll(',', '')
    expect(Number(number)).toBeGreaterThan(0)
    expect(stderr).toBe(`${STOPPING}interrupted: ${number} of 1000000 runs finished\n`)
    expect(stdout).toContain('TIME')
  })

  test('by several signals at once is interrupted once, and keeps its JSON and its file', async () => {
    const cwd = emptyFolder()
    const onStart = send('SIGINT', 'SIGTERM', 'SIGINT')
    const args = [...ENDLESS, '--json', '--out', 'r.json']
    const { code, stdout, stderr } = await mmgather(args, { cwd, onStart })
    expect(code).toBe(130)
    expect(stderr.startsWith(STOPPING)).toBe(true)
    expect((JSON.parse(stdout) as RunReport).outcome).toMatchObject({ kind: 'interrupted' })
    expect(readFileSync(join(cwd, 'r.json'), 'utf8')).toBe(stdout)
  })
})

describe('in virtual time', () => {
  const VIRTUAL = ['--pages', '600', '--runs', '1000000', '--no-verify']

  test('an interrupted run prints its table and says so', async () => {
    const args = ['run', '--engine', 'virtual', ...VIRTUAL]
    const { code, stdout, stderr } = await mmgather(args, { onStart: send('SIGINT') })
    expect(code).toBe(130)
    expect(stdout).toMatch(/^outcome +interrupted: [1-9][\d,]* of 1,000,000 runs finished$/m)
    expect(stdout).toContain('TIME STACK')
    expect(stderr.startsWith(STOPPING)).toBe(true)
  })

  test('an interrupted comparison prints what was finished of each strategy', async () => {
    const args = ['compare', '--strategies', 'range-v1,linux-6.5', ...VIRTUAL]
    const { code, stdout, stderr } = await mmgather(args, { onStart: send('SIGINT') })
    expect(code).toBe(130)
    expect(stdout).toMatch(/^outcome +range-v1: interrupted: \d/m)
    expect(stdout).toMatch(/^outcome +linux-6.5: interrupted: \d/m)
    expect(stdout).toMatch(/^teardown +\d/m)
    expect(stderr).toMatch(/^range-v1: interrupted: \d+ of 1000000 runs finished$/m)
  })
})

describe('a job that does not stop when asked', () => {
  /** The exit code (7: not ended by a signal) and stderr of a job that sends itself signals with these pauses between. */
  function interrupt(...pauses: number[]): { status: number | null; stderr: string } {
    const module = new URL('../src/io/interrupts.ts', import.meta.url).href
    const program = `
      import { setTimeout as sleep } from 'node:timers/promises'
      const { catchInterrupts } = await import('${module}')
      catchInterrupts()
      for (const pause of [0, ${pauses.join()}]) {
        await sleep(pause)
        process.kill(process.pid, 'SIGINT')
        await sleep(0)
      }
      await sleep(50)
      process.exit(7)`
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT_MS,
    })
    return { status, stderr }
  }

  test('is ended by a second signal a second later, and not by one right after', () => {
    expect(interrupt(0, 100)).toEqual({ status: 7, stderr: STOPPING })
    expect(interrupt(0, 1100)).toEqual({ status: 130, stderr: STOPPING })
  })
})
