/**
 * Tests of the file that results go to: checked before, filled after, never left half-written.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { openOutputFile } from '../../src/io/output-file.ts'
import { emptyFolder } from '../support.ts'

function problemOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('an output file', () => {
  test('is made and filled', () => {
    const path = join(emptyFolder(), 'new')
    const parts = Array.from({ length: 30_000 }, (_, i) => `part ${i}\n`)
    openOutputFile('--out', path).write(parts)
    expect(readFileSync(path, 'utf8')).toBe(parts.join(''))
  })

  test('that is written stays, whatever comes after', () => {
    const path = join(emptyFolder(), 'new')
    const out = openOutputFile('--out', path)
    out.write(['done'])
    out.discard()
    expect(readFileSync(path, 'utf8')).toBe('done')
  })

  test('keeps its old content until it is written, and loses all of it then', () => {
    const path = join(emptyFolder(), 'old')
    writeFileSync(path, 'something longer')
    const out = openOutputFile('--out', path)
    expect(readFileSync(path, 'utf8')).toBe('something longer')
    out.write(['new'])
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  test('that is not needed is as before: there, or not', () => {
    const folder = emptyFolder()
    openOutputFile('--out', join(folder, 'new')).discard()
    expect(existsSync(join(folder, 'new'))).toBe(false)
    writeFileSync(join(folder, 'old'), 'old')
    openOutputFile('--out', join(folder, 'old')).discard()
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old')
  })

  test('goes away if its content cannot be made', () => {
    const path = join(emptyFolder(), 'new')
    const broken = function* (): Generator<string> {
      yield 'x'.repeat(100_000)
      throw new TypeError('no more')
    }
    const out = openOutputFile('--out', path)
    expect(() => out.write(broken())).toThrow(TypeError)
    out.discard()
    expect(existsSync(path)).toBe(false)
  })

  test('on a full disk is an error', () => {
    const out = openOutputFile('--out', '/dev/full')
    expect(problemOf(() => out.write(['x']))).toBe('--out /dev/full: no space left on the device')
  })

  test('must be possible', () => {
    const folder = emptyFolder()
    const input = join(folder, 'in.yaml')
    writeFileSync(input, 'a: 1')
    mkdirSync(join(folder, 'dir'))
    linkSync(input, join(folder, 'same'))
    const problem = (name: string): string =>
      problemOf(() =>
        openOutputFile('--out', join(folder, name), [{ path: input, is: 'the scenario file' }]),
      ).replace(/^.*: /, '')
    expect(problem('no/such')).toBe('there is no such file or folder')
    expect(problem('dir')).toBe('is a directory')
    expect(problem('in.yaml/x')).toBe('a part of the path is not a folder')
    expect(problem('n'.repeat(300))).toBe('the name is too long')
    expect(problem('same')).toBe('is the scenario file itself')
    expect(readFileSync(input, 'utf8')).toBe('a: 1')
  })
})
