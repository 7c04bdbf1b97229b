/**
 * Tests of mmgather calibrate on the real command: where the profile goes, and what stops it.
 */
import type { ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseProfileText } from '@mmgather/core'
import { describe, expect, test } from 'vitest'
import { emptyFolder, mmgather, type Result, type RunOptions } from './support.ts'

function calibrateIn(folder: string, args: string[], options: RunOptions = {}): Promise<Result> {
  const env = { XDG_CONFIG_HOME: folder, HOME: folder }
  return mmgather(['calibrate', '--quick', ...args], { cwd: folder, env, ...options })
}

async function interruptWhenOpen(child: ChildProcess, name: string): Promise<void> {
  while (child.exitCode === null && !openFiles(child).some((path) => path.endsWith(`/${name}`))) {
    await sleep(10)
  }
  await sleep(300)
  child.kill('SIGINT')
}

/** The files that a process has open, as Linux tells it. */
function openFiles({ pid }: ChildProcess): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

function read(...path: string[]): string {
  return readFileSync(join(...path), 'utf8')
}

describe('the profile', () => {
  test('goes to the configuration, where profiles finds it; the table fits 80 columns', async () => {
    const folder = emptyFolder()
    const { code, stdout, stderr } = await calibrateIn(folder, [])
    expect(code).toBe(0)
    expect(stderr).toBe(`profile written to ${folder}/mmgather/host.json\n`)
    expect(stdout).toMatch(/^machine .*\ntopology .*\nclock +[\d,]+ MHz$/m)
    expect(stdout).toMatch(/^access +[\d.]+ \S+ +[\d.]+ \S+ +[\d.]+ \S+ +\d+/m)
    expect(stdout).toMatch(/^FROM [a-z0-9-]+: .*irqSave/m)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(parseProfileText(read(folder, 'mmgather/host.json')).name).toBe('host')
    const list = await mmgather(['profiles'], { env: { XDG_CONFIG_HOME: folder } })
    expect(list.stdout).toMatch(/^host +\d+ /)
  })

  test('goes to FILE, in place of what was there; -q says nothing', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'p.json'), 'x'.repeat(100_000))
    const { code, stdout, stderr } = await calibrateIn(folder, ['-o', 'p.json', '-q'])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(parseProfileText(read(folder, 'p.json')).name).toBe('host')
    expect(existsSync(join(folder, 'mmgather'))).toBe(false)
  })

  test('goes to stdout with -', async () => {
    const { code, stdout } = await calibrateIn(emptyFolder(), ['-o', '-'])
    expect(code).toBe(0)
    expect(parseProfileText(stdout).cycles.atomic.source).toMatch(/^measured: /)
  })
})

describe('what cannot be written is an error before anything is measured', () => {
  test.for([
    ['no/such/p.json', 'there is no such file or folder'],
    ['.', 'is a directory'],
  ] as const)('%s', async ([path, words]) => {
    const { code, stdout, stderr } = await calibrateIn(emptyFolder(), ['--out', path])
    const allowed = 'allowed the path of a file that can be written'
    const text = `error: --out ${path}: ${words}; ${allowed}\n`
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: text })
  })

  test('a configuration that is no folder', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'mmgather'), '')
    const { code, stderr } = await calibrateIn(folder, [])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: \S+\/mmgather: .*; name a file with --out\n$/)
  })

  test('a full disk', async () => {
    const { code, stderr } = await calibrateIn(emptyFolder(), ['--out', '/dev/full'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --out \/dev\/full: no space left on the device; /)
  })
})

describe('interrupted', () => {
  /** Sends SIGINT a moment after the command has opened the file: then it measures. */
  const interrupt = (folder: string, args: string[], path: string): Promise<Result> =>
    mmgather(['calibrate', ...args], {
      cwd: folder,
      env: { XDG_CONFIG_HOME: folder },
      onStart: (child) => void interruptWhenOpen(child, path),
    })

  test('leaves no file, and the exit code is 130', async () => {
    const folder = emptyFolder()
    const { code, stdout, stderr } = await interrupt(folder, ['-o', 'p.json'], 'p.json')
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toContain('interrupted: no profile is written\n')
    expect(existsSync(join(folder, 'p.json'))).toBe(false)
  })

  test('leaves a file that was there as it was', async () => {
    const folder = emptyFolder()
    mkdirSync(join(folder, 'mmgather'))
    writeFileSync(join(folder, 'mmgather/host.json'), 'old')
    expect((await interrupt(folder, [], 'host.json')).code).toBe(130)
    expect(read(folder, 'mmgather/host.json')).toBe('old')
  })
})
