/**
 * The written file: parsing gives the scenario back, runs and folios take one line each, comments stay narrow.
 */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Capture } from '../../src/capture/capture.ts'
import { captureToYaml, captureYamlLines } from '../../src/capture/scenario-yaml.ts'

const captureOf = (scenario: Partial<Capture['scenario']>, notes: string[] = []): Capture => ({
  scenario: { schema: 'mmgather/scenario@1', processes: [], ...scenario },
  notes,
  stats: {
    folios: 'read',
    processes: 1,
    vmas: 0,
    presentPages: 0,
    leftOutPages: 0,
    swapEntries: 0,
    pmdMapped: 0,
    folioCount: 0,
    sharedFolios: 0,
    runs: 0,
  },
  about: { kernel: '6.1' },
})

const NASTY = [
  'a: b',
  '- x',
  '{a}',
  '[b]',
  'a, b',
  "it's",
  '"q"',
  '# no',
  '',
  'true',
  '1e3',
  '0x10',
  'null',
  '*a',
  '&a',
  '!t',
  'a #b',
  ' lead',
  'trail ',
  '%',
  '@',
  '`',
  'ü',
  '~',
  'a:',
]

test('parsing gives any scenario back', () => {
  const scenario: Capture['scenario'] = {
    schema: 'mmgather/scenario@1',
    name: 'captured: x, {y}',
    folios: [{ id: 0, count: 2, order: 0, kind: 'file', memcg: 'a/b', lru: false }],
    processes: NASTY.map((name) => ({
      name,
      memcg: 'on',
      vmas: [
        { kind: 'anon', start: '0x1000', pages: 4, label: name, runs: [] },
        {
          kind: 'pfnmap',
          start: '0x6000',
          pages: 4,
          label: name,
          holes: { from: 1, every: 4, length: 4 },
        },
        {
          kind: 'anon',
          start: '0x10000',
          pages: 9,
          label: name,
          locked: true,
          runs: [],
          swapRuns: [{ at: 0, pages: 1 }],
        },
        {
          kind: 'anon',
          start: '0x20000',
          pages: 9,
          runs: [{ at: 0, pages: 1, folio: 0, young: true }],
          swapRuns: [],
        },
      ],
    })),
  }
  expect(parse(captureToYaml(captureOf(scenario)))).toEqual(scenario)
})

test('each run and each group of folios is a line', () => {
  const text = captureToYaml(
    captureOf({
      folios: [
        { id: 0, count: 3, order: 0, kind: 'anon', memcg: 'a/b' },
        { id: 3, count: 1, order: 9, kind: 'anon', memcg: 'a/b' },
      ],
      processes: [
        {
          name: 'p',
          memcg: 'a/b',
          vmas: [
            {
              kind: 'anon',
              start: '0x1000',
              pages: 9,
              runs: [
                { at: 0, pages: 3, folio: 0 },
                { at: 4, pages: 1, folio: 3, page: 7 },
              ],
            },
          ],
        },
      ],
    }),
  )
  expect(text).toBe(`# Captured from Linux 6.1.
schema: mmgather/scenario@1
folios:
  - { id: 0, count: 3, order: 0, kind: anon, memcg: a/b }
  - { id: 3, count: 1, order: 9, kind: anon, memcg: a/b }
processes:
  - name: p
    memcg: a/b
    vmas:
      - kind: anon
        start: "0x1000"
        pages: 9
        runs:
          - { at: 0, pages: 3, folio: 0 }
          - { at: 4, pages: 1, folio: 3, page: 7 }
`)
})

test('comments are wrapped, and no note can end its comment', () => {
  const lines = [
    ...captureYamlLines(captureOf({}, ['read: '.padEnd(400, 'word '), 'changed: a\nb: c'])),
  ]
  const comments = lines.filter((line) => line.startsWith('#'))
  expect(comments.length).toBeGreaterThan(4)
  for (const line of comments) expect(line.length).toBeLessThanOrEqual(100)
  expect(comments.at(-1)).toBe('# changed: a b: c\n')
})

test('half a million runs are written in one pass', () => {
  const runs = Array.from({ length: 500_000 }, (_, i) => ({ at: 2 * i, pages: 1, folio: i }))
  const vmas = [{ kind: 'anon' as const, start: '0x1000', pages: 1_000_000, runs }]
  let lines = 0
  for (const _ of captureYamlLines(captureOf({ processes: [{ name: 'p', vmas }] }))) lines++
  expect(lines).toBeGreaterThan(500_000)
})
