/**
 * Tests of Ctrl-C and SIGTERM: what was finished is printed, and the exit code is 130.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RunReport } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather } from './support.ts'

const ENDLESS = ['run', '--pages', '600', '--runs', '1000000']
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
    const { code, stdout, stderr } = await mmgather(ENDLESS, { onStart: send('SIGINT') })
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

  test('ends soon, by SIGTERM too', async () => {
    let sentAt = 0
    const { code } = await mmgather(ENDLESS, {
      onStart: (child) => {
        void sleep(WARM_MS).then(() => {
          sentAt = performance.now()
          child.kill('SIGTERM')
        })
      },
    })
    expect(code).toBe(130)
    expect(performance.now() - sentAt).toBeLessThan(5000)
  })
})

describe('a job that does not stop when asked', () => {
  /** Sends a SIGINT at each of these times (ms after the first); returns exit code and output. */
  async function interrupt(...times: number[]): Promise<{ code: number | null; stderr: string }> {
    const module = new URL('../src/io/interrupts.ts', import.meta.url).href
    const program = `
      const { catchInterrupts } = await import('${module}')
      catchInterrupts()
      setTimeout(() => process.exit(7), 4000)
      console.log('ready')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdout.once('data', () => {
      for (const time of times) setTimeout(() => child.kill('SIGINT'), time)
    })
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, stderr }
  }

  test('is ended by a second signal a second later, and not by one right after', async () => {
    expect(await interrupt(0, 300, 600)).toEqual({ code: 7, stderr: STOPPING })
    expect(await interrupt(0, 300, 1400)).toEqual({ code: 130, stderr: STOPPING })
  })
})
