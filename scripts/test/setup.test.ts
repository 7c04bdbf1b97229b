/**
 * What every npm script relies on: exit codes and signals pass through, and stamps see changes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { run } from '../setup/run.mjs'
import { filesBelow, hashOf } from '../setup/stamp.mjs'

const RUN = new URL('../setup/run.mjs', import.meta.url).href
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mmgather-setup-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('run', () => {
  it('resolves to the exit code of the program', async () => {
    expect(await run(process.execPath, ['-e', 'process.exit(7)'])).toBe(7)
  })

  it('resolves to 128 + n when signal n ended the program', async () => {
    expect(await run(process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")'])).toBe(137)
  })

  it('rejects with the name of a program that is not there', async () => {
    await expect(run(join(folder, 'nothing'), [])).rejects.toThrow(/cannot start .*nothing/)
  })

  it('passes on a signal once, however often it comes, and then the exit code', async () => {
    const child = `
      let seen = 0
      process.on('SIGINT', () => {
        if (++seen === 1) setTimeout(() => process.exit(130 - seen + 1), 300)
      })
      setTimeout(() => {}, 10000)
      console.log('ready')`
    const parent = `
      import { run } from ${JSON.stringify(RUN)}
      process.exitCode = await run(process.execPath, ['-e', ${JSON.stringify(child)}])`
    const running = spawn(process.execPath, ['--input-type=module', '-e', parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(running.stdout, 'data')
    running.kill('SIGINT')
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
    running.kill('SIGINT')
    expect(await once(running, 'exit')).toEqual([130, null])
  })
})

describe('a stamp', () => {
  it('changes with the content, the name and the absence of a file', () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    writeFileSync(a, 'one')
    writeFileSync(b, 'one')
    const first = hashOf([a])
    expect(hashOf([a])).toBe(first)
    expect(hashOf([b])).not.toBe(first)
    writeFileSync(a, 'two')
    expect(hashOf([a])).not.toBe(first)
    rmSync(a)
    expect(hashOf([a])).not.toBe(first)
  })

  it('finds no files below a folder that is not there', () => {
    expect(filesBelow(join(folder, 'nothing'))).toEqual([])
  })
})
