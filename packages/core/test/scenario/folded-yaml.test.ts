/**
 * Long lists in YAML are read by other code than the rest: it must read what the YAML library reads, or nothing.
 */
import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

import { readFoldedYaml } from '../../src/scenario/folded-yaml.ts'
import { parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { errorOf } from './support.ts'

const repeat = (line: string, n = 60): string => `${line}\n`.repeat(n)

test('lists are where they were, whatever stands around them', () => {
  const text = `head: 1
runs:
${repeat('  - { at: 1, kind: anon, dirty: true, memcg: a/b.c }')}  - { at: 2, label: "quoted, and: so" }  # not one of them
${repeat('  - { at: 3 }')}nested:
  - list:
${repeat('      - { page: 0, on: yes, y: Infinity }')}    tail: [1, 2]
end:
${repeat('- { at: 4 }')}`
  expect(readFoldedYaml(text)).toEqual({ value: parse(text) })
  const windows = text.replaceAll('\n', '\r\n')
  expect(readFoldedYaml(windows)).toEqual({ value: parse(windows) })
})

test.each([
  ['short lists', `a:\n${repeat('  - { at: 1 }', 49)}`],
  ['a list inside text', `a: |\n${repeat('  - { at: 1 }')}b: 1\n`],
  ['duplicate keys', `a:\n${repeat('  - { at: 1, at: 2 }')}`],
  [
    'octal, hex, floats, null',
    `a:\n${repeat('  - { at: 01 }')}${repeat('  - { at: 0x1 }')}${repeat('  - { at: 1.5 }')}${repeat('  - { at: null }')}`,
  ],
  ['nested maps', `a:\n${repeat('  - { at: { b: 1 } }')}`],
  ['aliased lists', `a: &a\n${repeat('  - { at: 1 }')}b: *a\n`],
])('%s are left to the library', (_what, text) => {
  expect(readFoldedYaml(text)).toBeUndefined()
})

test('any line that is read is read as the library reads it', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_./~:#,'"*&!|>%@` +-]{0,6}$/),
    fc.constantFrom(
      'true',
      'false',
      'null',
      'Null',
      'y',
      'yes',
      '0',
      '00',
      '1e3',
      '9007199254740993',
    ),
  )
  const line = fc
    .array(fc.tuple(fc.constantFrom('at', 'pages', 'folio', 'a b', ''), word), { maxLength: 3 })
    .map((pairs) => `  - { ${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')} }`)
  fc.assert(
    fc.property(line, (one) => {
      const text = `runs:\n${repeat(one, 51)}`
      const folded = readFoldedYaml(text)
      expect(folded ?? { value: 'left' }).toEqual({
        value: folded === undefined ? 'left' : parse(text),
      })
    }),
    { numRuns: 500 },
  )
})

const scenario = (n: number, last = ''): string => `schema: mmgather/scenario@1
folios:
  - { id: 0, count: ${n} }
processes:
  - vmas:
      - kind: anon
        pages: ${2 * n}
        runs:
${Array.from({ length: n }, (_, i) => `          - { at: ${2 * i}, pages: 1, folio: ${i} }`).join('\n')}
${last}`

test('a large captured process parses in little time', () => {
  const before = performance.now()
  expect(parseScenarioText(scenario(50_000)).processes[0]?.vmas[0]?.runs?.length).toBe(50_000)
  expect(performance.now() - before).toBeLessThan(3000)
})

test('mistakes in a small file have their places, in a large one at least their paths', () => {
  const last = '          - { at: 0, pages: 1, folio: 0 }\n'
  expect(errorOf(() => parseScenarioText(scenario(60, last), { source: 'f' })).message).toBe(
    'f:69:19: processes[0].vmas[0].runs[60].at: overlaps runs[0], which covers pages 0 to 0 (got 0)',
  )
  expect(errorOf(() => parseScenarioText(scenario(50_000, last), { source: 'f' })).message).toBe(
    'f: processes[0].vmas[0].runs[50000].at: overlaps runs[0], which covers pages 0 to 0 (got 0)',
  )
})

test('broken YAML after a long list has its line', () => {
  for (const n of [60, 50_000]) {
    expect(
      errorOf(() => parseScenarioText(scenario(n, 'a: [\n'), { source: 'f' })).message,
    ).toMatch(new RegExp(`^f:${n + 10}:\\d: not valid YAML: `))
  }
})
