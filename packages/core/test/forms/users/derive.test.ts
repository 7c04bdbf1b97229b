/**
 * What a user's file becomes: JavaScript whose lines are those of the source, derived as core's own text is.
 */
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

import { codeOf } from './support.ts'

const TEXT = `import { countEvents, linux65, type Strategy } from '@mmgather/core/kernel'
import { E_FREE_CHUNKS, folioFlags, load, store } from '@mmgather/core/machine'
import { atomicAdd, spinLock } from '@mmgather/core/sync'

const STEP = 2

export interface Unused {
  readonly a: number
}

function once(cpu: number, slots: number, nr: number): void {
  for (let i = 0; i < nr; i++) atomicAdd(1, slots + i)
  while (load(cpu + STEP) !== 0) {
    store(cpu + STEP, folioFlags(load(slots)) as number)
  }
  if (nr > 1) spinLock(slots, load(slots))
  for (let i = 0; i < nr; i++) spinLock(slots + i, 1)
  countEvents(cpu, E_FREE_CHUNKS, 1)
}

export const mine: Strategy = { ...linux65, id: 'mine', freeSlotsAndSwapCache: once }
`

describe.each(['live', 'conditional', 'profiled'] as const)('%s', (form) => {
  test('is JavaScript, with the lines of the source', () => {
    const code = codeOf(TEXT, form)
    expect(parseSync('mine.js', code, { lang: 'js' }).errors).toEqual([])
    const lines = code.split('\n')
    const declared = (line: string): string[] =>
      /(?:function\*?|const) (\w+)/.exec(line)?.slice(1) ?? []
    expect(lines.map(declared)).toEqual(TEXT.split('\n').map(declared))
    expect(lines).toHaveLength(TEXT.split('\n').length)
    expect(code).not.toContain('interface')
  })
})

test('live is the text itself, without its types', () => {
  const code = codeOf(TEXT, 'live')
  expect(code).toContain("from 'core:api/kernel.ts'")
  expect(code).toContain('atomicAdd(1, slots + i)')
  expect(code).not.toMatch(/\$|function\*|: number| as number/)
})

const CASTS = `import type { Strategy } from '@mmgather/core/kernel'
import { atomicAdd, readOnce } from '@mmgather/core/sync'

type Word = number

export function once(cpu: number, at: Word, strategy: Strategy): number {
  atomicAdd(1, ((at as number) + 1) as Word)
  return readOnce((at + 2) /* words */ as Word) as number
}
`

test.each([
  ['live', 'atomicAdd(1,((at)+1))', 'returnreadOnce((at+2)/*words*/)\n'],
  [
    'conditional',
    '$ahead(((at)+1))&&(yield0),atomicAdd(1,((at)+1))',
    '$ahead((at+2))&&(yield0),readOnce((at+2)/*words*/))',
  ],
] as const)('%s: what is said of types goes, the parentheses around it stay', (form, ...lines) => {
  const code = codeOf(CASTS, form).replaceAll(' ', '')
  for (const line of lines) expect(code).toContain(line)
})

describe('conditional', () => {
  const code = codeOf(TEXT, 'conditional')

  test('imports the derived modules and the engine', () => {
    expect(code).toContain("from 'core:generated/conditional/api/kernel.ts'")
    expect(code).toContain("from 'core:generated/conditional/api/sync.ts'")
    expect(code).toContain("from 'core:sync/virtual.ts'")
  })

  test('suspends before ordered primitives and behind those that wait, also in bare bodies', () => {
    expect(code).toContain('function* once')
    expect(code).toContain('$slack < 0 && $ahead(slots + i) && (yield 0), atomicAdd(1, slots + i)')
    expect(code).toMatch(/spinLock\(slots \+ i, 1\) && \(yield 1\) \}/)
    expect(code).toMatch(/spinLock\(slots, load\(slots\)\) && \(yield 1\) \}/)
  })

  test('charges accesses in functions of core as core does, and its own block a quarter, without asking for the line', () => {
    // a load, the load in folioFlags, and two of the own block (one in the test of the loop), in quarters
    expect(code).toMatch(
      /\$chargeAccesses\(10\); \$storeOwn\(cpu \+ STEP, folioFlags\(load\(slots\)\)/,
    )
    expect(code).toContain('$loadOwn(cpu + STEP)')
    expect(code).toContain("} from 'core:sync/virtual-memory.ts'")
  })

  test('every loop tells each of its turns, with its place', () => {
    expect(code.match(/\$turn\("mine\.ts:\d+"\)/g)).toEqual([
      '$turn("mine.ts:12")',
      '$turn("mine.ts:13")',
      '$turn("mine.ts:17")',
    ])
  })
})
