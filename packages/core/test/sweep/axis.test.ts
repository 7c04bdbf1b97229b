/**
 * Tests of axes as text: the grammar of values, linked keys, and what is wrong with those that are refused.
 */
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'

import { AXIS_KEYS, type Axis, parseAxis } from '../../src/index.ts'
import { SweepError } from '../../src/sweep/sweep-error.ts'

function numbersOf(text: string): number[] {
  return parseAxis(`pages=${text}`).values.map(([value]) => Number(value))
}

function axisOrError(text: string): Axis | SweepError {
  try {
    return parseAxis(text)
  } catch (error) {
    if (error instanceof SweepError) return error
    throw error
  }
}

function refusal(text: string): string {
  const found = axisOrError(text)
  if (found instanceof SweepError) return found.message
  throw new Error(`${text} was not refused`)
}

describe('values', () => {
  test.for([
    ['1,2,4..256', [1, 2, 4, 8, 16, 32, 64, 128, 256]],
    ['1,2,3..6', [1, 2, 3, 4, 5, 6]],
    ['10,20,30..60', [10, 20, 30, 40, 50, 60]],
    ['3..7', [3, 4, 5, 6, 7]],
    ['1..100+33', [1, 34, 67, 100]],
    ['2..54*3', [2, 6, 18, 54]],
    [' 5 , 7 ', [5, 7]],
    ['7,1..3*3,20', [7, 1, 3, 20]],
    ['1..4*2,100..300+100', [1, 2, 4, 100, 200, 300]],
  ] as const)('%s', ([text, values]) => {
    expect(numbersOf(text)).toEqual(values)
  })

  const progression = fc.record({
    first: fc.integer({ min: 1, max: 50 }),
    step: fc.integer({ min: 2, max: 9 }),
    count: fc.integer({ min: 4, max: 6 }),
    isProduct: fc.boolean(),
  })

  test('a progression is the same however it is written', () => {
    fc.assert(
      fc.property(progression, ({ first, step, count, isProduct }) => {
        const terms = Array.from({ length: count }, (_, i) =>
          isProduct ? first * step ** i : first + step * i,
        )
        const last = terms.at(-1)
        expect(numbersOf(terms.join())).toEqual(terms)
        expect(numbersOf(`${first}..${last}${isProduct ? '*' : '+'}${step}`)).toEqual(terms)
        expect(numbersOf(`${terms.slice(0, 2).join()},${terms[2]}..${last}`)).toEqual(terms)
      }),
    )
  })

  test('any text gives good values or a SweepError', () => {
    const characters = fc.constantFrom(...Array.from('0123456789.,+*:=- '))
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 20 }), (text) => {
        const found = axisOrError(`order=${text}`)
        const values = found instanceof SweepError ? [0] : found.values.map(([n]) => Number(n))
        expect(values.every((n) => Number.isInteger(n) && n >= 0 && n <= 10)).toBe(true)
        expect(new Set(values).size).toBe(values.length)
        expect(values.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('keys', () => {
  test('are those of flags, in both forms', () => {
    expect(parseAxis('swap-cluster-max=1,8')).toEqual(parseAxis('swapClusterMax=1,8'))
    expect(parseAxis('strategy=linux-6.5,./mine.ts#own').values).toEqual([
      ['linux-6.5'],
      ['./mine.ts#own'],
    ])
  })

  test('that are linked have one value for all, or one each', () => {
    const both: Axis = {
      keys: ['cpus', 'processes'],
      values: [
        [1, 1],
        [2, 2],
        [4, 4],
      ],
    }
    expect(parseAxis('cpus+processes=1..4*2')).toEqual(both)
    expect(parseAxis('cpus+processes=1:1,2:2,4:4')).toEqual(both)
    expect(parseAxis('strategy+order=linux-6.5:0,range-v1:3')).toEqual({
      keys: ['strategy', 'order'],
      values: [
        ['linux-6.5', 0],
        ['range-v1', 3],
      ],
    })
  })
})

describe('what is refused says what is wrong, what is allowed, or the way out', () => {
  test.for([
    ['cpus', '--axis: names no key and no values (got "cpus"); as cpus=1,2,4..256'],
    [
      'cpux=1',
      `--axis: is no key of an axis (got "cpux"); allowed ${AXIS_KEYS.join(', ')}; did you mean cpus?`,
    ],
    ['seed=1..3', '--axis: is no axis (got "seed"); repeat points with --seeds N'],
    ['cpus=0', '--axis cpus: is too small (got 0); allowed an integer from 1 to 1024'],
    ['cpus=512..2048*2', '--axis cpus: is too large (got 2048); allowed an integer from 1 to 1024'],
    [
      'lock=tas',
      '--axis lock: is not one of the values (got "tas"); allowed one of ttas, ticket, qspinlock; did you mean ttas?',
    ],
    [
      'cpus=1,,2',
      '--axis cpus: has an empty value (got "1,,2"); allowed values separated by commas',
    ],
    ['cpus=2,1,2', '--axis: has a value twice (got "2"); leave one of them out'],
    [
      'cpus=8..1',
      '--axis cpus: goes from a value to no larger one (got "8..1"); allowed integers and ranges, as 1,2,4..256 or 0..100+10 or 1..256*2',
    ],
    [
      'cpus=2,4..16',
      '--axis cpus: may go on in several ways after one value (got "4..16"); write 4..16+1, or 4..16*2, or another step',
    ],
    [
      'cpus=1,3,4..16',
      '--axis cpus: does not go on as the two values before it do (got "4..16"); write 4..16+1, or 4..16*2, or another step',
    ],
    [
      'cpus=1..100*3',
      '--axis cpus: does not come to 100 in steps of *3 (got "1..100*3"); the values go from 81 to 243: write one of them as the end',
    ],
    [
      'order=0..8*2',
      '--axis order: never comes to its end (got "0..8*2"); allowed a step of at least +1 or *2, and no multiples of 0',
    ],
    [
      'jitter=0..1000000000',
      '--axis jitter: has too many values (got "0..1000000000"); allowed at most 100000',
    ],
    ['cpus+cpus=1', '--axis: has a key twice (got "cpus"); leave one of them out'],
    [
      'cpus+order=1:2:3',
      '--axis: has not a value for each key (got "1:2:3"); allowed one value for all, or 2 joined by colons',
    ],
    [
      'cpus+order=1..4:0',
      '--axis: links keys with different numbers of values: cpus has 4, order has 1',
    ],
  ] as const)('%s', ([text, message]) => {
    expect(refusal(text)).toBe(message)
  })
})
