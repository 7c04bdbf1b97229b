/**
 * Loading a strategy file: what is refused, and where its modules lie.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import {
  disposeStrategyFile,
  importDerivedStrategy,
  importStrategy,
  loadStrategyFile,
  StrategyFileError,
} from '../../src/index.ts'
import { fixture, load, PAGES_PER_HOLD, written } from './support.ts'

async function violationsOf(path: string): Promise<readonly string[]> {
  const error = await loadStrategyFile(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StrategyFileError)
  return (error as StrategyFileError).violations
}

const HEAD = "import { linux65Laf, type Strategy } from '@mmgather/core/kernel'\n"

/** A file whose record has these members. */
function record(members: string, before = ''): string {
  return written(`${HEAD}${before}export const mine: Strategy = { ...linux65Laf, ${members} }\n`)
}

describe('a file that can be used', () => {
  test('has its id, its parameters, and a module for each form, in a folder of its own', async () => {
    const file = await load(PAGES_PER_HOLD)
    expect(file).toMatchObject({
      id: 'pages-per-hold',
      name: 'pagesPerHold',
      named: PAGES_PER_HOLD,
      kernel: { id: 'pages-per-hold', slotWords: 2, maxGatherBatch: 255 },
    })
    expect(structuredClone(file)).toEqual(file)
    for (const url of Object.values(file.modules)) expect(existsSync(new URL(url))).toBe(true)
    const folder = dirname(dirname(fileURLToPath(file.modules.live)))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('is gone when it is disposed of', async () => {
    const file = await loadStrategyFile(fixture('own-id'))
    disposeStrategyFile(file)
    expect(existsSync(file.folder)).toBe(false)
  })

  test('imports others, from other folders', async () => {
    const file = await load(fixture('two-files'))
    const strategy = await importStrategy(file)
    expect(strategy.folioRemoveRmapPtes.name).toBe('countAndRemove')
    const derived = await importDerivedStrategy(file, 'conditional')
    expect(derived.folioRemoveRmapPtes.constructor.name).toBe('GeneratorFunction')
  })

  test('lies anywhere, under any name', async () => {
    const path = written(
      `${HEAD}export const mine: Strategy = { ...linux65Laf, id: 'mine' }\n`,
      "it's #1 ü.ts",
    )
    expect(await load(path)).toMatchObject({ id: 'mine', named: path })
    expect(await load(`${path}#mine`)).toMatchObject({ name: 'mine' })
  })

  test('of several strategies names one', async () => {
    const file = await load(`${fixture('two-records')}#ranges`)
    expect(file).toMatchObject({ id: 'my-ranges', name: 'ranges' })
    expect(file.named).toBe(`${fixture('two-records')}#ranges`)
  })
})

describe('a file that cannot', () => {
  test.each([
    ['/nowhere/mine.ts', '/nowhere/mine.ts: there is no such file'],
    [dirname(PAGES_PER_HOLD), `${dirname(PAGES_PER_HOLD)}: is no file`],
    [
      fixture('no-record'),
      'exports no strategy record; write export const mine = defineStrategy({',
    ],
    [fixture('two-records'), `exports 2 strategies; name one: ${fixture('two-records')}#pages, `],
    [`${fixture('two-records')}#none`, 'exports no strategy named none; it has pages, ranges'],
    [fixture('same-id'), 'linux-6.5-laf is the id of a strategy that ships: give this one its own'],
    [fixture('syntax-error'), /syntax-error\.ts:7:1: does not parse: /],
    [
      fixture('plain-stops'),
      "a member of 'plain' cannot stop a CPU, but store() → lruvecLockIrqsave()",
    ],
  ])('%s', async (path, reason) => {
    const violations = await violationsOf(path)
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(reason)
  })

  test('because it is no TypeScript', async () => {
    const violations = await violationsOf(written('export const mine = {}', 'mine.js'))
    expect(violations.join()).toContain('a strategy is a TypeScript file')
  })

  test('is told everything at once, with places', async () => {
    const violations = await violationsOf(fixture('broken-rules'))
    const places = violations.map((line) => /broken-rules\.ts:(\d+:\d+): /.exec(line)?.[1])
    expect(places).toEqual(['4:30', '5:22', '6:10', '9:16', '10:3', '17:3'])
  })

  test.each([
    ["id: ''", 'mine: id is a name of letters, digits'],
    ["id: 'a b'", 'mine: id is a name of letters, digits'],
    ["id: 'x', slotWords: 3", 'mine.slotWords is 3; allowed: an integer from 1 to 2'],
    ["id: 'x', pagevecSize: 0", 'mine.pagevecSize is 0; allowed: an integer from 1 to 31'],
    ["id: 'x', batchRmap: 2", 'mine.batchRmap is 2; allowed: an integer from 0 to 1'],
    ["id: 'x', tlbFlushRmaps: 1", 'mine.tlbFlushRmaps must be a function'],
    ["id: 'x', plain: { tlbStorePage: g }", 'mine.plain.tlbDiscardRmaps is missing'],
    [
      "id: 'x', tlbFlushRmaps: f",
      'mine.tlbFlushRmaps has 4 parameters, but is called with 3 arguments',
    ],
  ])('because of its record: %s', async (members, reason) => {
    const f =
      'function f(a: number, b: number, c: number, d: number): void {}\nfunction g(): boolean {\n  return false\n}\n'
    const violations = await violationsOf(record(members, f))
    expect(violations).toHaveLength(1)
    expect(violations[0]).toContain(reason)
  })
})
