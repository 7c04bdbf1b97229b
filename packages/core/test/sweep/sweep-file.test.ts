/**
 * Tests of sweep files: what they may hold, and what is wrong with those that cannot be used.
 */
import { describe, expect, test } from 'vitest'

import { isSweepText, parseSweepText, SweepError } from '../../src/index.ts'

const HEAD = 'schema: mmgather/sweep@1\nscenario: exit-order0\n'

const WHOLE = `${HEAD}name: batches
set: { pages: 4096, profile: altra-80, seed: 5 }
axes:
  - cpus: 1,2,4..16
    processes: [1, 2, 4, 8, 16]
  - swapClusterMax: [1, 8..32*2]
  - strategy: [linux-6.5-laf, range-v1]
seeds: 3
`

function refusal(text: string): string {
  try {
    parseSweepText(text, { source: 's.yaml' })
  } catch (error) {
    if (error instanceof SweepError) return error.message
    throw error
  }
  throw new Error('it was not refused')
}

test('a sweep file says what is varied of what', () => {
  expect(parseSweepText(WHOLE)).toEqual({
    name: 'batches',
    description: '',
    scenario: 'exit-order0',
    set: { pages: 4096, profile: 'altra-80' },
    seed: 5,
    axes: [
      { keys: ['cpus', 'processes'], values: [1, 2, 4, 8, 16].map((n) => [n, n]) },
      { keys: ['swapClusterMax'], values: [[1], [8], [16], [32]] },
      { keys: ['strategy'], values: [['linux-6.5-laf'], ['range-v1']] },
    ],
    seeds: 3,
  })
})

test('needs a scenario and nothing else', () => {
  expect(parseSweepText(HEAD)).toEqual({
    name: '',
    description: '',
    scenario: 'exit-order0',
    set: {},
    axes: [],
    seeds: 1,
  })
})

test('is told from a scenario file by its schema', () => {
  for (const text of [
    WHOLE,
    `# mine\n${HEAD}`,
    '{"schema": "mmgather/sweep@1"}',
    "'schema': 'mmgather/sweep@2'",
  ])
    expect(isSweepText(text)).toBe(true)
  for (const text of [
    'schema: mmgather/scenario@1\n',
    '# schema: mmgather/sweep@1\nschema: mmgather/scenario@1',
    '',
  ])
    expect(isSweepText(text)).toBe(false)
})

describe('what is refused has its line', () => {
  test.for([
    [
      'axis: []\n',
      '3:1: axis: unknown key; allowed schema, name, description, scenario, set, axes, seeds; did you mean axes?',
    ],
    ['seeds: 0\n', '3:8: seeds: is too small (got 0); allowed an integer from 1 to 1000000'],
    [
      'axes: [{ cpus: 1..8*3 }]\n',
      '3:16: axes[0].cpus: does not come to 8 in steps of *3 (got "1..8*3"); the values go from 3 to 9: write one of them as the end',
    ],
    [
      'axes: [{ cpus: [1, 2], processes: 3 }]\n',
      '3:8: axes[0]: links keys with different numbers of values: cpus has 2, processes has 1',
    ],
    ['axes: [{}]\n', '3:8: axes[0]: has no key; as { cpus: 1..64*2 }'],
    [
      'axes: [{ cpus: 1 }, { cpus: 2 }]\n',
      '3:23: axes[1].cpus: is varied by two axes; leave one of them out',
    ],
    [
      'set: { cpus: 1 }\naxes: [{ cpus: 2 }]\n',
      '4:10: axes[0].cpus: is set for all points, and varied; leave one of them out',
    ],
    [
      'set: { order: 11 }\n',
      '3:15: set.order: is too large (got 11); allowed an integer from 0 to 10',
    ],
    [
      'set: { order: [1] }\n',
      '3:15: set.order: is not of an allowed form (got a list of 1); allowed an integer, or text',
    ],
  ] as const)('%s', ([text, message]) => {
    expect(refusal(HEAD + text)).toBe(`s.yaml:${message}`)
  })

  test('text that is no map', () => {
    expect(refusal('hello')).toContain(
      'a sweep file starts with the line `schema: mmgather/sweep@1`',
    )
  })
})
