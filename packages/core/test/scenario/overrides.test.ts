/**
 * Overrides: what each changes, what is refused, and that nothing invalid comes out.
 */
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'

import { ScenarioError } from '../../src/scenario/errors.ts'
import type { ScenarioInput, ScenarioOverrides } from '../../src/scenario/input.ts'
import { scenarioToInput } from '../../src/scenario/input-form.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { parseScenario } from '../../src/scenario/parse-scenario.ts'
import { presetScenario, presets } from '../../src/scenario/presets.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { errorOf, groupsOf, vmasOf } from './support.ts'

const apply = (input: ScenarioInput, overrides: ScenarioOverrides): Scenario =>
  overrideScenario(parseScenario(input), overrides)
const refusal = (input: ScenarioInput, overrides: ScenarioOverrides): string =>
  errorOf(() => apply(input, overrides)).message

const EDIT = 'edit a file instead: mmgather scenarios NAME > my.yaml'
const simple = groupsOf([{ count: 6, share: 2, vmas: [{ kind: 'anon', pages: 64 }] }])

/** The memcg of every process, by its number. */
function memcgs({ processes }: Scenario): string[] {
  return processes.flatMap(({ count, memcg }) => Array.from({ length: count }, () => memcg))
}

describe('what they change', () => {
  test('nothing, and the scenario stays as it was', () => {
    const scenario = parseScenario(simple)
    const before = JSON.stringify(scenario)
    expect(overrideScenario(scenario, {})).toEqual(scenario)
    overrideScenario(scenario, { cpus: 7, pages: 8, lruvecs: 3, teardown: 'munmap' })
    expect(JSON.stringify(scenario)).toBe(before)
  })

  test('machine, tunables, strategy, seed', () => {
    const result = apply(simple, {
      strategy: 'range-v2',
      seed: 9,
      cpus: 4,
      lock: 'ticket',
      pageTables: 'gathered',
      swapClusterMax: 15,
    })
    expect(result).toMatchObject({
      strategy: 'range-v2',
      seed: 9,
      machine: { cpus: 4, lock: 'ticket', pageTables: 'gathered' },
      tunables: { swapClusterMax: 15, mmuGatherBundle: 8 },
    })
  })

  test('processes and share', () => {
    expect(apply(simple, { processes: 12, share: 4 }).processes[0]).toMatchObject({
      count: 12,
      share: 4,
    })
  })

  test('pages, order, mapped of the one anonymous VMA in every group', () => {
    const vmas = [
      {
        kind: 'anon' as const,
        pages: 8,
        folios: [
          { order: 2, memcg: 'a' },
          { memcg: 'b', count: 2 },
        ],
      },
    ]
    const result = apply(groupsOf([{ vmas }, { vmas }]), { pages: 1024, order: 9, mapped: 'pmd' })
    for (const { vmas: changed } of result.processes) {
      expect(changed[0]).toMatchObject({
        pages: 1024,
        mapped: 'pmd',
        folios: [
          { order: 9, count: 1, memcg: 'a' },
          { order: 9, count: 2, memcg: 'b' },
        ],
      })
    }
  })

  test('VMAs that were placed by default make room, those with a start do not', () => {
    const input = (start?: string): ScenarioInput =>
      vmasOf([
        { kind: 'anon', pages: 512 },
        { kind: 'zero', pages: 1, ...(start === undefined ? {} : { start }) },
        { kind: 'zero', pages: 1 },
      ])
    expect(apply(input(), { pages: 1025 }).processes[0]?.vmas.map(({ start }) => start)).toEqual([
      65536, 67072, 67584,
    ])
    expect(refusal(input('0x10201000'), { pages: 1025 })).toMatch(
      /^processes\[0\]\.vmas\[1\]\.start: the VMA overlaps/,
    )
  })

  test('lruvecs: a memcg for each group of sharing processes, in order', () => {
    const result = apply(simple, { lruvecs: 2 })
    expect(memcgs(result)).toEqual(['m0', 'm0', 'm1', 'm1', 'm0', 'm0'])
    expect(result.processes.map(({ count, share }) => [count, share])).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ])
    expect(result.machine.lruvecs).toBe(0)
  })

  test('lruvecs: counted on across groups, the last one of a group may be short', () => {
    const vmas = [{ kind: 'anon' as const, pages: 1 }]
    const result = apply(
      groupsOf([
        { count: 3, share: 2, vmas },
        { count: 2, vmas },
      ]),
      { lruvecs: 3 },
    )
    expect(memcgs(result)).toEqual(['m0', 'm0', 'm1', 'm2', 'm0'])
  })

  test('lruvecs 1 keeps the groups, 0 keeps the memcgs', () => {
    const one = apply(simple, { lruvecs: 1 })
    expect(one.processes.length).toBe(1)
    expect(memcgs(one)).toEqual(Array.from({ length: 6 }, () => 'm0'))
    expect(apply(simple, { lruvecs: 0 })).toEqual(parseScenario(simple))
  })

  test('teardown munmap takes every VMA of every process, exit takes steps away', () => {
    const input: ScenarioInput = {
      ...vmasOf([
        { kind: 'anon', pages: 8 },
        { kind: 'zero', pages: 3 },
      ]),
      teardown: [{ munmap: { vma: 0, pages: 1 } }],
    }
    const unmapped = apply(input, { teardown: 'munmap' })
    expect(unmapped.processes[0]?.teardown).toEqual([
      { munmap: { vma: 0, from: 0, pages: 8 } },
      { munmap: { vma: 1, from: 0, pages: 3 } },
    ])
    expect(unmapped.teardown).toBe('exit')
    const exits = overrideScenario(unmapped, { teardown: 'exit' })
    expect(exits.processes[0]).not.toHaveProperty('teardown')
    expect(exits.teardown).toBe('exit')
  })

  test('munmap unmaps the pages that are there after the other overrides', () => {
    expect(
      apply(simple, { pages: 100, teardown: 'munmap', lruvecs: 2 }).processes[2]?.teardown,
    ).toEqual([{ munmap: { vma: 0, from: 0, pages: 100 } }])
  })
})

describe('what they refuse', () => {
  const two = vmasOf(
    [
      { kind: 'anon', pages: 8 },
      { kind: 'file', file: 'f', pages: 2 },
      { kind: 'anon', pages: 4 },
    ],
    { files: [{ name: 'f', pages: 2 }] },
  )
  const groups = groupsOf([
    { name: 'a', vmas: [{ kind: 'anon', pages: 1 }] },
    { name: 'b', vmas: [{ kind: 'anon', pages: 1 }] },
  ])

  test.each<[ScenarioInput, ScenarioOverrides, string]>([
    [simple, { cpus: 0 }, 'cpus: is too small (got 0); allowed an integer from 1 to 1024'],
    [simple, { order: 11 }, 'order: is too large (got 11); allowed an integer from 0 to 10'],
    [
      simple,
      { cpu: 1 } as ScenarioOverrides,
      'cpu: unknown key; allowed strategy, cpus, processes, pages, order, share, mapped, lruvecs, swapClusterMax, lock, pageTables, teardown, seed; did you mean cpus?',
    ],
    [
      groups,
      { share: 2 },
      `share: needs a scenario with one process group, but there are processes[0] (a), processes[1] (b) (got 2); ${EDIT}`,
    ],
    [
      two,
      { pages: 2 },
      `pages: needs exactly one anonymous VMA in each process, but processes[0] has vmas[0] anon 8, vmas[1] file 2, vmas[2] anon 4 (got 2); ${EDIT}`,
    ],
    [
      vmasOf([{ kind: 'zero', pages: 2 }]),
      { order: 2 },
      `order: needs exactly one anonymous VMA in each process, but processes[0] has vmas[0] zero 2 (got 2); ${EDIT}`,
    ],
    [
      vmasOf([{ kind: 'anon', pages: 2, runs: [] }]),
      { order: 2 },
      `order: needs a VMA with a folio pattern, but processes[0] has runs (got 2); ${EDIT}`,
    ],
    [
      simple,
      { mapped: 'pmd' },
      [
        'processes[0].vmas[0].pages: is not a whole number of PMDs, but the VMA is mapped: pmd (got 64); allowed a multiple of 512; the next is 512',
        'processes[0].vmas[0].folios: mapped: pmd needs folios of order 9 only, here is order 0; allowed folios: [{ order: 9 }]',
      ].join('\n'),
    ],
    [
      vmasOf([{ kind: 'anon', pages: 2, folios: [{ memcg: 'a' }] }]),
      { lruvecs: 4 },
      `lruvecs: needs folios charged to their process, but processes[0].vmas[0].folios names memcgs (got 4); ${EDIT}`,
    ],
    [
      { ...simple, teardown: [{ munmap: { vma: 0, pages: 64 } }] },
      { pages: 32 },
      'teardown[0].munmap.pages: goes past the end of processes[0].vmas[0]: from 0 + pages 64 = 64, but it has 32 pages (got 64)',
    ],
    [
      simple,
      { pages: 2 ** 23 },
      'needs 25165824 pages of memory (96 GiB), most of it for processes[0].vmas[0] 25165824; allowed at most 16777216 pages (64 GiB); take fewer processes or pages, or let more processes share',
    ],
  ])('%#', (input, overrides, message) => {
    expect(refusal(input, overrides)).toBe(message)
  })
})

describe('properties', () => {
  const overrides = fc.record(
    {
      cpus: fc.integer({ min: 1, max: 1024 }),
      processes: fc.integer({ min: 1, max: 50 }),
      pages: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(512, 1024, 65536)),
      order: fc.nat(10),
      share: fc.integer({ min: 1, max: 9 }),
      mapped: fc.constantFrom('pte' as const, 'pmd' as const),
      lruvecs: fc.nat(9),
      teardown: fc.constantFrom('exit' as const, 'munmap' as const),
      seed: fc.nat(),
    },
    { requiredKeys: [] },
  )
  const names = fc.constantFrom(...presets.map(({ name }) => name))

  test('the result is valid, or the refusal says why', () => {
    let applied = 0
    fc.assert(
      fc.property(names, overrides, (name, values) => {
        const scenario = presetScenario(name)
        const { result, refused } = overriddenOrRefusal(scenario, values)
        if (refused === undefined) applied++
        expect(refused ?? '; allowed ').toMatch(/; allowed |; edit a file|but it has/)
        expect(parseScenario(scenarioToInput(result))).toEqual(result)
        expect(memcgs(result).length).toBe(
          refused === undefined && values.processes !== undefined
            ? values.processes + backgroundProcesses(scenario)
            : memcgs(scenario).length,
        )
        expect(overrideScenario(result, {})).toEqual(result)
      }),
      { numRuns: 300 },
    )
    expect(applied).toBeGreaterThan(30)
  })
})

/** Overrides leave these as they are. */
function backgroundProcesses({ processes }: Scenario): number {
  return processes.reduce((sum, group) => sum + (group.background ? group.count : 0), 0)
}

/** The result, or the scenario itself and why the overrides were refused. */
function overriddenOrRefusal(
  scenario: Scenario,
  values: ScenarioOverrides,
): { result: Scenario; refused?: string } {
  try {
    return { result: overrideScenario(scenario, values) }
  } catch (error) {
    if (error instanceof ScenarioError) return { result: scenario, refused: error.message }
    throw error
  }
}
