/**
 * What parsing says about text: places, broken YAML, text that is no scenario.
 */
import { describe, expect, test } from 'vitest'

import { parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { errorOf, textMessageOf } from './support.ts'

const FIRST_LINE = 'a scenario starts with the line `schema: mmgather/scenario@1`'

describe('places', () => {
  const text = `schema: mmgather/scenario@1
machine: { cpus: 0, lok: ttas }
procesess: 4
processes:
  - name: p
    count: 4
    vmas:
      - { kind: anon, pages: 16 }
      - kind: anon
        pages: many
        holes: { length: 2 }
`

  test('every issue has line and column, in the order of the text', () => {
    const lines = textMessageOf(text, 'my.yaml').split('\n')
    expect(lines.map((line) => line.replace(/; .*/, ''))).toEqual([
      'my.yaml:2:18: machine.cpus: is too small (got 0)',
      'my.yaml:2:21: machine.lok: unknown key',
      'my.yaml:3:1: procesess: unknown key',
      'my.yaml:10:16: processes[0].vmas[1].pages: must be an integer (got "many")',
      'my.yaml:11:16: processes[0].vmas[1].holes.every: is missing',
    ])
  })

  test('without a source, the line comes first; the parts are in the issue', () => {
    expect(textMessageOf(text)).toMatch(/^2:18: machine\.cpus: is too small/)
    const error = errorOf(() => parseScenarioText(text, { source: 'my.yaml' }))
    expect(error.source).toBe('my.yaml')
    expect(error.issues[0]).toMatchObject({ path: 'machine.cpus', line: 2, column: 18 })
  })

  test('rules across keys have places too', () => {
    const past = `schema: mmgather/scenario@1
files: [{ name: lib, pages: 512 }]
processes:
  - vmas:
      - { kind: file, file: lbi, pages: 1 }
      - { kind: file, file: lib, offset: 1, pages: 512 }
`
    expect(textMessageOf(past, 'f')).toBe(
      [
        'f:5:29: processes[0].vmas[0].file: there is no such file (got "lbi"); allowed lib; did you mean lib?',
        'f:6:52: processes[0].vmas[1].pages: the mapping ends past the end of its file: offset 1 + pages 512 = 513, but lib has 512 pages (got 512); allowed at most 511 at this offset',
      ].join('\n'),
    )
  })

  test('a field that is not in the text has the place of what it is in', () => {
    const overlap = `schema: mmgather/scenario@1
processes:
  - vmas:
      - { kind: anon, pages: 1, start: 0x10200000 }
      - { kind: anon, pages: 512, start: 0x10000000 }
      - { kind: anon, pages: 1 }
`
    expect(textMessageOf(overlap)).toMatch(
      /^6:9: processes\[0\]\.vmas\[2\]\.start: the VMA overlaps vmas\[0\]/,
    )
  })
})

describe('broken YAML', () => {
  test.each([
    ['a: 1\na: 2\n', 'f:2:1: not valid YAML: Map keys must be unique'],
    ['{ "a": 1, "a": 2 }', 'f:1:11: not valid YAML: Map keys must be unique'],
    [
      'a: [1, 2',
      'f:1:9: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a: 1\n---\nb: 2\n', 'f:2:1: not valid YAML: Source contains multiple documents'],
    ['a: !!js/function x', 'f:1:4: not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function'],
    ['a: *b', 'f: not valid YAML: Unresolved alias (the anchor must be set before the alias): b'],
    ['[\n'.repeat(100_000), 'f: not valid YAML: nested too deeply'],
  ])('%#', (text, message) => {
    expect(textMessageOf(text, 'f').split('\n')[0]).toBe(message)
  })

  test('an alias bomb', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 10; i++)
      bomb.push(`b${i}: &b${i} [${`*${i === 1 ? 'a' : `b${i - 1}`}, `.repeat(9)}]`)
    expect(textMessageOf(bomb.join('\n'), 'f')).toBe(
      'f: not valid YAML: aliases (*name) stand for too much data; write the repeated parts out, or use count and every',
    )
  })

  test('data that contains itself', () => {
    expect(textMessageOf('&a { schema: mmgather/scenario@1, processes: [*a] }')).not.toBe('')
  })
})

describe('JSON', () => {
  test('mistakes have places, duplicate keys are found at any depth', () => {
    expect(
      textMessageOf('{\n  "schema": "mmgather/scenario@1",\n  "processes": [],\n  "seed": -1\n}'),
    ).toBe(
      [
        '3:16: processes: is too short (got a list of 0); allowed a list of 1 to 100000 entries',
        '4:11: seed: is too small (got -1); allowed an integer from 0 to 2147483647',
      ].join('\n'),
    )
    const twice = (inner: string) =>
      `{ "schema": "mmgather/scenario@1", "processes": [{ "vmas": [{ "kind": "zero", ${inner} }] }] }`
    expect(parseScenarioText(twice('"pages": 1, "label": "\\"pages\\": {"')).processes.length).toBe(
      1,
    )
    for (const inner of ['"pages": 1, "pages": 2', '"pages" : 1, "p\\u0061ges": 2']) {
      expect(textMessageOf(twice(inner))).toMatch(
        /^1:\d+: not valid YAML: Map keys must be unique$/,
      )
    }
  })

  test('large text has no places, but the same issues', () => {
    const text = JSON.stringify({
      schema: 'mmgather/scenario@1',
      x: 'x'.repeat(1e6),
      processes: [],
    })
    expect(
      textMessageOf(text, 'f')
        .split('\n')
        .map((line) => line.replace(/; .*/, '')),
    ).toEqual(['f: processes: is too short (got a list of 0)', 'f: x: unknown key'])
  })
})

describe('no scenario', () => {
  test.each([
    ['', `f: the text is empty; ${FIRST_LINE}`],
    ['\n# only a comment\n', `f: the text is empty; ${FIRST_LINE}`],
    ['hello', `f:1:1: must be a map of keys (got "hello"); allowed a map of keys; ${FIRST_LINE}`],
    ['42', `f:1:1: must be a map of keys (got 42); allowed a map of keys; ${FIRST_LINE}`],
    [
      '- a\n- b\n',
      `f:1:1: must be a map of keys (got a list of 2); allowed a map of keys; ${FIRST_LINE}`,
    ],
    ['null', `f:1:1: must be a map of keys (got null); allowed a map of keys; ${FIRST_LINE}`],
  ])('%j', (text, message) => {
    expect(textMessageOf(text, 'f')).toBe(message)
  })

  test('bytes that are no text at all', () => {
    expect(textMessageOf('\u007fELF\u0002\u0001\u0001\u0000\uFFFD')).not.toBe('')
  })
})

test('YAML 1.2: what looks like a number or a boolean may be text', () => {
  const text = `schema: mmgather/scenario@1
machine: { cpus: 1_000, swap: on }
processes: [{ vmas: [{ kind: anon, pages: 0x10, start: 0x7f0000000000 }] }]
`
  expect(textMessageOf(text)).toBe(
    [
      '2:18: machine.cpus: must be an integer (got "1_000"); allowed an integer from 1 to 1024; write 1000, without quotes',
      '2:31: machine.swap: must be true or false (got "on"); allowed true or false; write true or false, without quotes',
    ].join('\n'),
  )
})
