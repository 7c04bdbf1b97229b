/**
 * What is refused in a user's file, each with its place and a reason that says the way out.
 */
import { describe, expect, test } from 'vitest'

import { derive, violationsOf } from './support.ts'

const FROM =
  'a strategy file imports relative files and @mmgather/core/kernel, @mmgather/core/sync, @mmgather/core/machine'
const STRATEGY = "import type { Strategy } from '@mmgather/core/kernel'"

describe('imports', () => {
  test.each([
    ["import { readFileSync } from 'node:fs'", `1:30: ${FROM}`],
    ["import { runLive } from '@mmgather/workers'", `1:25: ${FROM}`],
    ["import { createMachine } from '@mmgather/core'", `1:31: ${FROM}`],
    ["import { load } from '/tmp/x.ts'", `1:22: ${FROM}`],
    [
      "import { lod } from '@mmgather/core/machine'",
      '1:10: @mmgather/core/machine has no export lod; did you mean load?',
    ],
    [
      "import { bindGlobals } from '@mmgather/core/machine'",
      '1:10: @mmgather/core/machine has no export bindGlobals',
    ],
    [
      "import { Strategy } from '@mmgather/core/kernel'",
      '1:10: Strategy is a type: import { type Strategy }, or import type { Strategy }',
    ],
    [
      "import { f } from './lib.js'",
      '1:19: there is no file ./lib.js; write it with .ts at its end',
    ],
    ["import { f } from './lib'", '1:19: there is no file ./lib; write it with .ts at its end'],
    ["import { f } from './nowhere.ts'", '1:19: there is no file ./nowhere.ts'],
    ["import { grow } from './lib.ts'", '1:10: ./lib.ts has no export grow; did you mean row?'],
  ])('%s', (text, violation) => {
    const lib = 'export function row(a: number): number {\n  return a\n}\n'
    expect(violationsOf(text, { 'lib.ts': lib })).toContain(`mine.ts:${violation}`)
  })

  test('of types, of relative files, and of the three modules of core are taken', () => {
    const text = `${STRATEGY}
import { type Strategy as S, rangeV1 } from '@mmgather/core/kernel'
import { f } from './lib.ts'
function g(a: number, strategy: Strategy): number {
  return f(a)
}
`
    const { texts } = derive(text, {
      'lib.ts':
        "import { load } from '@mmgather/core/machine'\nexport function f(a: number): number {\n  return load(a)\n}\n",
    })
    expect([...texts.keys()]).toEqual(['/user/mine.ts', '/user/lib.ts'])
  })
})

describe('rules', () => {
  test('all violations of all files at once, in the order of each text', () => {
    const text = `import { f } from './lib.ts'
function g(a: number): number {
  const $b = a / 2
  return [a][0] + f($b)
}
`
    const lib = 'export function f(a: number): number {\n  return Math.random()\n}\n'
    expect(violationsOf(text, { 'lib.ts': lib })).toEqual([
      'mine.ts:3:9: names that begin with $ are for the derived forms',
      'mine.ts:3:14: division only as (a / b) | 0',
      'mine.ts:4:10: no objects: state is reached through accessors',
      'mine.ts:4:21: names that begin with $ are for the derived forms',
      'lib.ts:2:10: only Math.imul, Math.min and Math.max are known, not Math.random',
    ])
  })

  test('files that pass on each other in a circle, and a parameter this', () => {
    const violations = violationsOf(
      "export * from './lib.ts'\nfunction f(this: number): void {}\n",
      {
        'lib.ts': "export * from './mine.ts'\n",
      },
    )
    expect(violations.map((line) => line.split(': ')[0])).toEqual([
      'mine.ts:1:1',
      'mine.ts:2:12',
      'lib.ts:1:1',
    ])
  })

  test('syntax errors have their place', () => {
    const violations = violationsOf('function f(: number): void {}')
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(/^mine\.ts:1:\d+: does not parse: /)
  })

  test('a primitive is not called without stopping from plain, by any chain', () => {
    const text = `${STRATEGY}
import { linux65, lruvecLockIrqsave } from '@mmgather/core/kernel'
function deep(cpu: number): void {
  lruvecLockIrqsave(cpu, cpu)
}
function discard(cpu: number): void {
  deep(cpu)
}
export const mine: Strategy = { ...linux65, plain: { ...linux65.plain, tlbDiscardRmaps: discard } }
`
    expect(violationsOf(text)).toEqual([
      "mine.ts:9:89: a member of 'plain' cannot stop a CPU, but discard() → deep() → lruvecLockIrqsave() → spinLock()",
    ])
  })
})

describe('records', () => {
  const record = (members: string): string =>
    `${STRATEGY}\nimport { linux65 } from '@mmgather/core/kernel'\nexport const mine: Strategy = { ...linux65, ${members} }\n`

  test.each([
    ['tlbFlushRmap: 1', '3:45: a strategy has no member tlbFlushRmap; did you mean tlbFlushRmaps?'],
    ['plain: { ...linux65.plain, stor: 1 }', '3:72: a strategy has no member plain.stor'],
    ['slotWords: 1.5', 'is the name of a function or an integer'],
    ['tlbFlushRmaps: nowhere', 'unknown name nowhere'],
  ])('%s', (members, reason) => {
    expect(violationsOf(record(members)).join('\n')).toContain(reason)
  })

  test('are found by name, in the order of the text', () => {
    expect(
      derive(`${record("id: 'a'")}\nexport const second: Strategy = { ...mine, id: 'b' }\n`)
        .records,
    ).toEqual(['mine', 'second'])
    expect(derive('export function f(a: number): void {}').records).toEqual([])
  })
})

describe('defineStrategy', () => {
  const record = (argument: string): string =>
    `import { defineStrategy, linux612 } from '@mmgather/core/kernel'\nexport const mine = defineStrategy(${argument})\n`

  test('is the record that it is given, which others may spread', () => {
    const text = record("{ ...linux612, id: 'mine', delayRmap: 0 }")
    const both = `${text}export const second = defineStrategy({ ...mine, id: 'second' })\n`
    expect(derive(both).records).toEqual(['mine', 'second'])
  })

  test.each([
    ['{ ...linux612, slotWord: 1 }', '2:51: a strategy has no member slotWord'],
    ['{ ...linux612, slotWords: 1.5 }', 'is the name of a function or an integer'],
    ['linux612', '2:21: a strategy is a record written in place'],
    ['', '2:21: a strategy is a record written in place'],
    ['{ ...linux612 }, 1', '2:21: a strategy is a record written in place'],
    ['...linux612', '2:21: a strategy is a record written in place'],
  ])('refuses %s', (argument, reason) => {
    expect(violationsOf(record(argument)).join('\n')).toContain(reason)
  })

  test('holds its functions to the rules of a record', () => {
    const text = `import { defineStrategy, linux612, lruvecLockIrqsave } from '@mmgather/core/kernel'
function discard(cpu: number): void {
  lruvecLockIrqsave(cpu, cpu)
}
export const mine = defineStrategy({ ...linux612, id: 'mine', plain: { ...linux612.plain, tlbDiscardRmaps: discard } })
`
    expect(violationsOf(text)).toEqual([
      "mine.ts:5:108: a member of 'plain' cannot stop a CPU, but discard() → lruvecLockIrqsave() → spinLock()",
    ])
  })
})
