/**
 * Memory models: where the struct pages of a folio may lie apart, what works by page frames works, and what adds to page
 * pointers meets the struct pages of others, as the review of the range series said (docs/memory-models.md).
 */
import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  createMachine,
  LimitsError,
  parseScenarioText,
  populate,
  runOneCpu,
  STRATEGIES,
  strategyOf,
  verify,
} from '../../src/index.ts'
import type { MachineConfigInput, Scenario } from '../../src/index.ts'
import { collectCounters } from '../../src/metrics/collect.ts'
import { randomScenario } from '../support/random-scenario.ts'
import { runScenario, scenarioOf } from '../support/run.ts'
import { parseScenario } from '../../src/scenario/parse-scenario.ts'
import { ScenarioError } from '../../src/scenario/errors.ts'

const IDS = STRATEGIES.map(({ strategy }) => strategy.id)

function scenarioFile(name: string, strategy: string): Scenario {
  const file = new URL(`../../../../scenarios/${name}.yaml`, import.meta.url)
  return { ...parseScenarioText(readFileSync(file, 'utf8')), strategy }
}

interface Broken {
  rule: string
  pfn: number
  message: string
}

/** What verify finds after a run, with the page that its message names. */
function brokenAfter(scenario: Scenario): { broken: Broken[]; records: number } {
  const machine = createMachine(scenario)
  const census = populate(machine, scenario)
  expect(verify(machine, census)).toEqual([])
  runOneCpu(machine, strategyOf(scenario))
  const broken = verify(machine, census).map(({ rule, message }) => {
    const pfn = Number(/pfn (\d+)/.exec(message)?.[1])
    return { rule, pfn, message }
  })
  return { broken, records: collectCounters(machine).gatherRecords }
}

/** The rules that a page breaks. */
function rulesOf(broken: Broken[], pfn: number): string[] {
  return broken.filter((one) => one.pfn === pfn).map(({ rule }) => rule)
}

/** What is said about a page that breaks a rule. */
function messageOf(broken: Broken[], wanted: string, on: number): string {
  return broken.find(({ rule, pfn }) => rule === wanted && pfn === on)?.message ?? ''
}

describe('section-boundary: half a folio, and the page whose struct page follows its chunk', () => {
  test('range-v1: the folio loses 17 references for 16 PTEs, page 160 keeps its own', () => {
    const { broken, records } = brokenAfter(scenarioFile('section-boundary', 'range-v1'))
    expect(records).toBe(1)
    // 32 pages were mapped, and 16 of them still are
    expect(rulesOf(broken, 0)).toEqual(['nr-pages-mapped', 'refcount-low'])
    expect(messageOf(broken, 'nr-pages-mapped', 0)).toContain(`expected 16, found ${32 - 17}`)
    expect(messageOf(broken, 'refcount-low', 0)).toMatch(/^16 references .* refcount 15,/)
    expect(rulesOf(broken, 160)).toEqual(['refcount-high'])
    expect(messageOf(broken, 'refcount-high', 160)).toMatch(/^0 references .* refcount 1,/)
  })

  test('range-v2: a range of frames 0 to 15, and one of frame 160', () => {
    const { broken, records } = brokenAfter(scenarioFile('section-boundary', 'range-v2'))
    expect({ broken, records }).toEqual({ broken: [], records: 2 })
  })

  test.each(IDS.filter((id) => id !== 'range-v1'))('%s is sound', (id) => {
    expect(brokenAfter(scenarioFile('section-boundary', id)).broken).toEqual([])
  })
})

describe('section-crossing: 24 pages in a row, 16 of them in the first section', () => {
  test('range-v1: the range is cut at the boundary, which is harmless', () => {
    const { broken, records } = brokenAfter(scenarioFile('section-crossing', 'range-v1'))
    expect({ broken, records }).toEqual({ broken: [], records: 2 })
  })

  test.each(['range-v2', 'linux-6.9', 'linux-6.10', 'linux-6.12', 'linux-6.18'])(
    '%s: one record, whose page++ takes the mappings of frames 160 to 167 for those of 16 to 23',
    (id) => {
      const { broken, records } = brokenAfter(scenarioFile('section-crossing', id))
      expect(records).toBe(1)
      const mapcounts = broken.filter(({ rule }) => rule.startsWith('mapcount'))
      const eight = [0, 1, 2, 3, 4, 5, 6, 7]
      expect(mapcounts.map(({ rule, pfn }) => [rule, pfn])).toEqual([
        ...eight.map((i) => ['mapcount', 16 + i]),
        ...eight.map((i) => ['mapcount-negative', 160 + i]),
      ])
      for (const { message } of mapcounts)
        expect(message).toMatch(/^0 PTEs map this page, found -?1/)
    },
  )

  test.each(['linux-6.1', 'linux-6.5', 'linux-6.5-laf', 'linux-6.18-npm'])(
    '%s is sound: it walks no pages',
    (id) => {
      expect(brokenAfter(scenarioFile('section-crossing', id)).broken).toEqual([])
    },
  )
})

/** A machine of sections of 16 pages, with a folio of 32 and as many small ones behind it. */
function toySections(sectionPlacement: number[], pages: { at: number; folio: number }[]) {
  return scenarioOf({
    strategy: 'range-v1',
    machine: { memmap: 'sparsemem', sectionSizeBits: 16, sectionPlacement },
    folios: [
      { id: 0, order: 5 },
      { id: 1, order: 0, count: 32 },
    ],
    processes: [
      {
        vmas: [
          {
            kind: 'anon',
            pages: 40,
            runs: [
              { at: 0, pages: 32, folio: 0 },
              ...pages.map(({ at, folio }) => ({ at, pages: 1, folio })),
            ],
          },
        ],
      },
    ],
  })
}

describe('a whole folio, and a page whose struct page follows the chunk of its second half', () => {
  test('range-v1: the limit behind the head never comes, and the range runs on into another folio', () => {
    // section 3, frames 48 to 63, lies behind section 1: folio 17 is frame 48
    const scenario = toySections([0, 2, 1, 3], [{ at: 32, folio: 17 }])
    const machine = createMachine(scenario)
    populate(machine, scenario)
    expect(() => {
      runOneCpu(machine, strategyOf(scenario))
    }).toThrow('the range leaves its folio')
  })

  test('the same page with another chunk behind is a range of its own', () => {
    const scenario = toySections([0, 2, 1, 4, 3], [{ at: 32, folio: 17 }])
    const { counters } = runScenario(scenario)
    expect(counters.gatherRecords).toBe(3)
    expect(counters.pagesFreed).toBe(33)
  })
})

test('a folio larger than a section is freed in blocks of a section', () => {
  const { counters } = runScenario({ ...toySections([0, 2, 1], []), strategy: 'linux-6.5' })
  expect(counters.foliosFreed).toBe(1)
  expect(counters.pagesFreed).toBe(32)
  expect(counters.pcpLockAcquisitions).toBe(0)
  expect(counters.zoneLockAcquisitions).toBe(1)
})

test('a section that the memory does not have cannot be placed', () => {
  expect(() => createMachine(toySections([0, 9], []))).toThrow(LimitsError)
  expect(() => createMachine(toySections([0, 9], []))).toThrow(
    'machine.sectionPlacement: section 9; allowed: sections 0 to',
  )
})

const MODELS: [string, MachineConfigInput][] = [
  ['flatmem', { memmap: 'flatmem' }],
  ['sections in order', { memmap: 'sparsemem', sectionSizeBits: 21 }],
  ['sections reversed', { memmap: 'sparsemem', sectionSizeBits: 22, sectionPlacement: 'reversed' }],
  ['sections shuffled', { memmap: 'sparsemem', sectionSizeBits: 21, sectionPlacement: 'shuffled' }],
  ['the second section first', { memmap: 'sparsemem', sectionSizeBits: 22, sectionPlacement: [1] }],
]

/** As vmemmap has it, or undefined if the input breaks a rule between keys. */
function parsed(input: Parameters<typeof parseScenario>[0]): Scenario | undefined {
  try {
    return parseScenario(input)
  } catch (error) {
    if (error instanceof ScenarioError) return undefined
    throw error
  }
}

test.each(MODELS)(
  'no folio crosses a section: %s counts as vmemmap does, under every strategy',
  { timeout: 120_000 },
  (_, model) => {
    fc.assert(
      fc.property(randomScenario, fc.constantFrom(...IDS), (input, strategy) => {
        const machine = { ...input.machine, memmap: 'vmemmap' as const }
        const scenario = parsed({ ...input, strategy, machine })
        fc.pre(scenario !== undefined)
        const { memmap, sectionSizeBits, sectionPlacement } = parseScenario({
          ...input,
          machine: model,
        }).machine
        const other = {
          ...scenario,
          machine: { ...scenario.machine, memmap, sectionSizeBits, sectionPlacement },
        }
        let counters
        try {
          ;({ counters } = runScenario(other))
        } catch (error) {
          // fewer than two sections
          fc.pre(!(error instanceof LimitsError))
          throw error
        }
        expect(counters).toEqual(runScenario(scenario).counters)
      }),
      { seed: 20261125, numRuns: 10 },
    )
  },
)
