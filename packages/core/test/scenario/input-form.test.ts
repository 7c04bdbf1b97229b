/**
 * There and back: parsed scenarios as input and as text.
 */
import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'

import { scenarioToInput } from '../../src/scenario/input-form.ts'
import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { scenarioToText } from '../../src/scenario/scenario-text.ts'
import { scenarioInputs } from './arbitrary.ts'
import { vmasOf } from './support.ts'

test('round trips of input, JSON and text', () => {
  fc.assert(
    fc.property(scenarioInputs, (input) => {
      const scenario = parseScenario(input)
      const back = scenarioToInput(scenario)
      expect(parseScenario(back)).toEqual(scenario)
      expect(parseScenarioText(JSON.stringify(back))).toEqual(scenario)
      expect(parseScenarioText(scenarioToText(back))).toEqual(scenario)
      expect(parseScenarioText(scenarioToText(input))).toEqual(scenario)
      expect(parseScenarioText(scenarioToText(input, 'json'))).toEqual(scenario)
    }),
  )
})

test('start goes back to bytes, in hex', () => {
  const scenario = parseScenario(vmasOf([{ kind: 'zero', pages: 1, start: 0x7f00_0000_1000 }]))
  expect(scenario.processes[0]?.vmas[0]?.start).toBe(0x7f00_0000_1000 / 4096)
  expect(scenarioToInput(scenario).processes[0]?.vmas?.[0]?.start).toBe('0x7f0000001000')
})

test('an empty list of named folios is read back', () => {
  const scenario = parseScenario(vmasOf([{ kind: 'anon', pages: 64 }]))
  expect(parseScenarioText(scenarioToText({ ...scenarioToInput(scenario), folios: [] }))).toEqual(
    scenario,
  )
})

const input = vmasOf(
  [{ kind: 'anon', pages: 64, label: '[heap]', folios: [{ order: 3 }, { count: 8 }] }],
  {
    description: `${'folded '.repeat(15)}here`,
    machine: { cpus: 2 },
    folios: [{ id: 1 }],
    teardown: [{ munmap: { vma: 0, pages: 8 } }, 'exit'],
  },
)

test('YAML has the keys of the input and no others, short maps on one line', () => {
  expect(scenarioToText(input)).toBe(`schema: mmgather/scenario@1
processes:
  - vmas:
      - { kind: anon, pages: 64, label: "[heap]", folios: [{ order: 3 }, { count: 8 }] }
description: >-
  folded folded folded folded folded folded folded folded folded folded folded folded folded folded
  folded here
machine: { cpus: 2 }
folios:
  - { id: 1 }
teardown:
  - { munmap: { vma: 0, pages: 8 } }
  - exit
`)
})

test('JSON has the same layout', () => {
  expect(scenarioToText(input, 'json')).toBe(`{
  "schema": "mmgather/scenario@1",
  "processes": [
    {
      "vmas": [
        {
          "kind": "anon",
          "pages": 64,
          "label": "[heap]",
          "folios": [{ "order": 3 }, { "count": 8 }]
        }
      ]
    }
  ],
  "description": "${'folded '.repeat(15)}here",
  "machine": { "cpus": 2 },
  "folios": [
    { "id": 1 }
  ],
  "teardown": [
    { "munmap": { "vma": 0, "pages": 8 } },
    "exit"
  ]
}
`)
})

test.each([
  'yes',
  'null',
  '1',
  '0x10',
  '',
  ' a',
  'a ',
  'a: b',
  '- a',
  '#',
  '"',
  "it's",
  '~',
  '*a',
  'é',
  'a  b',
  'y',
  '🦊',
  '1e3',
  '.inf',
  '.',
])('a label %j comes back as text', (label) => {
  const labelled = vmasOf([{ kind: 'zero', pages: 1, label }])
  for (const style of ['yaml', 'json'] as const) {
    const back = parseScenarioText(scenarioToText(labelled, style))
    expect(back.processes[0]?.vmas[0]?.label).toBe(label)
  }
})

test('the text of a large captured process is written and read quickly', () => {
  const runs = Array.from({ length: 20_000 }, (_, i) => ({ at: 2 * i, pages: 1, folio: i }))
  const large = vmasOf([{ kind: 'anon', pages: 40_000, runs }], {
    folios: [{ id: 0, count: 20_000 }],
  })
  const before = performance.now()
  expect(parseScenarioText(scenarioToText(large, 'json'))).toEqual(parseScenario(large))
  expect(performance.now() - before).toBeLessThan(3000)
})
