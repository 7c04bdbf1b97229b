/**
 * Tests of the journal's format: lines that come back, lines that were cut off, keys.
 */
import { describe, expect, test } from 'vitest'

import {
  entryLine,
  headerLine,
  isJournalStart,
  type JournalHeader,
  JournalFormatError,
  parseJournal,
  parseJournalLine,
  pointKeyText,
  pointKeyTextBySeed,
  presetScenario,
  SWEEP_JOURNAL_SCHEMA,
} from '../../src/index.ts'

const HEADER: JournalHeader = {
  schema: SWEEP_JOURNAL_SCHEMA,
  version: '0.1.0',
  id: 'x',
  name: 'größer → kleiner',
  description: '',
  scenario: presetScenario('exit-order0'),
  set: {},
  axes: [{ keys: ['cpus'], values: [[1], [2]] }],
  seeds: 1,
  options: { verify: true },
  reproduce: 'mmgather sweep',
}

function line(cpus: number, teardownNs: number): string {
  return entryLine(
    `k${cpus}`,
    { axes: { cpus }, seed: 1 },
    JSON.stringify({ result: { teardownNs } }),
  )
}

const ERROR = entryLine(
  'k2',
  { axes: { cpus: 2 }, seed: 1 },
  '{"error":{"kind":"lost","message":"é"}}',
)
const TEXT = headerLine(HEADER) + line(1, 10) + ERROR

describe('a journal', () => {
  test('comes back as it was written', () => {
    const { header, entries } = parseJournal(TEXT)
    expect(header).toEqual(HEADER)
    expect(entries).toEqual([
      { key: 'k1', point: { axes: { cpus: 1 }, seed: 1 }, result: { teardownNs: 10 } },
      { key: 'k2', point: { axes: { cpus: 2 }, seed: 1 }, error: { kind: 'lost', message: 'é' } },
    ])
  })

  test('has the last line of each point, and the last header', () => {
    const later = { ...HEADER, seeds: 2 }
    const { header, entries } = parseJournal(TEXT + headerLine(later) + line(2, 20))
    expect(header.seeds).toBe(2)
    expect(entries.map((entry) => 'result' in entry && entry.result.teardownNs)).toEqual([10, 20])
  })

  test('that is cut off at any character has the lines before it', () => {
    const ends = [...TEXT.matchAll(/\n/g)].map(({ index }) => index + 1)
    const first = ends[0] ?? 0
    for (let length = first; length <= TEXT.length; length++) {
      const whole = ends.filter((end) => end <= length).length
      expect(parseJournal(TEXT.slice(0, length)).entries).toHaveLength(whole - 1)
    }
    for (let length = 0; length < first; length++) {
      const text = TEXT.slice(0, length)
      expect(() => parseJournal(text)).toThrow('is empty')
      expect(isJournalStart(text)).toBe(true)
    }
  })
})

describe('what is no journal', () => {
  test.for([
    '',
    'hello',
    '{"schema":"mmgather/run-report@1"}',
    '{"schema":"mmgather/sweep-journal@1',
    '[]',
  ])('%s', (text) => {
    expect(() => parseJournal(`${text}\n`)).toThrow(JournalFormatError)
  })

  test('names the format of another version', () => {
    expect(() => parseJournalLine('{"schema":"mmgather/sweep-journal@9"}', 1)).toThrow(
      'is a journal in the format mmgather/sweep-journal@9; this version reads mmgather/sweep-journal@1',
    )
  })

  test('names the line that is damaged', () => {
    const damaged = TEXT.replace('"teardownNs":10', '"teardownNs":1\0')
    expect(() => parseJournal(damaged)).toThrow(
      'line 2 is damaged; take it out, and its point is run again',
    )
  })
})

test('the text of a key does not depend on the order of keys, and depends on every value', () => {
  const content = {
    version: '1',
    scenario: presetScenario('exit-order0'),
    profile: 'p',
    arrivalJitterNs: 1000,
    options: { verify: true },
  }
  const text = pointKeyText(content)
  const { machine } = content.scenario
  const reversed = Object.fromEntries(Object.entries(machine).toReversed()) as typeof machine
  expect(pointKeyText({ ...content, scenario: { ...content.scenario, machine: reversed } })).toBe(
    text,
  )
  const others = [
    { ...content, version: '2' },
    { ...content, profile: 'q' },
    { ...content, arrivalJitterNs: 0 },
    { ...content, options: { verify: false } },
    { ...content, strategySource: 's' },
    { ...content, scenario: { ...content.scenario, seed: 2 } },
    { ...content, scenario: { ...content.scenario, machine: { ...machine, cpus: 3 } } },
  ]
  expect(new Set([text, ...others.map(pointKeyText)]).size).toBe(others.length + 1)
})

test.for(['exit-order0', '\0seed'])(
  'of points that differ in their seed it is the same text: %j',
  (name) => {
    const content = {
      version: '1',
      scenario: { ...presetScenario('exit-order0'), name, seed: 5 },
      profile: 'p',
      arrivalJitterNs: 1000,
      options: { verify: true },
    }
    const textOf = pointKeyTextBySeed(content)
    for (const seed of [0, 1, 2 ** 31 - 1])
      expect(textOf(seed)).toBe(
        pointKeyText({ ...content, scenario: { ...content.scenario, seed } }),
      )
  },
)
