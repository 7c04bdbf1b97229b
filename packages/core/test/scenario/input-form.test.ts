/**
 * There and back: parsed scenarios as input and as text.
 */
import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'

import { scenarioToInput, scenarioToText } from '../../src/scenario/input-form.ts'
import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
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
    }),
  )
})

test('start goes back to bytes, in hex', () => {
  const scenario = parseScenario(vmasOf([{ kind: 'zero', pages: 1, start: 0x7f00_0000_1000 }]))
  expect(scenario.processes[0]?.vmas[0]?.start).toBe(0x7f00_0000_1000 / 4096)
  expect(scenarioToInput(scenario).processes[0]?.vmas[0]?.start).toBe('0x7f0000001000')
})

test('text has the keys of the input and no others, small maps on one line', () => {
  const input = vmasOf(
    [{ kind: 'anon', pages: 64, label: '[heap]', folios: [{ order: 3 }, { count: 8 }] }],
    {
      machine: { cpus: 2 },
      teardown: [{ munmap: { vma: 0, pages: 8 } }, 'exit'],
    },
  )
  expect(scenarioToText(input)).toBe(`schema: mmgather/scenario@1
processes:
  - vmas:
      - { kind: anon, pages: 64, label: '[heap]', folios: [ { order: 3 }, { count: 8 } ] }
machine: { cpus: 2 }
teardown:
  - { munmap: { vma: 0, pages: 8 } }
  - exit
`)
})
