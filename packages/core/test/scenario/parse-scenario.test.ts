/**
 * Parsing that succeeds: defaults, where VMAs are placed, text and data alike.
 */
import { describe, expect, test } from 'vitest'

import { parseScenario, parseScenarioText } from '../../src/scenario/parse-scenario.ts'
import { groupsOf, problemsOf, scenarioOf, vmasOf } from './support.ts'

const PAGE = 4096

describe('defaults', () => {
  test('of the smallest scenario', () => {
    expect(parseScenario(scenarioOf())).toEqual({
      schema: 'mmgather/scenario@1',
      name: 'unnamed',
      description: '',
      strategy: 'linux-6.5-laf',
      seed: 1,
      machine: {
        cpus: 1,
        memmap: 'vmemmap',
        sectionSizeBits: 27,
        sectionPlacement: 'sequential',
        pageTables: 'separate',
        lock: 'qspinlock',
        deal: 'static',
        lruvecs: 0,
        swap: true,
        initOnFree: false,
        memcgStock: 0,
        memory: 4194304,
        pcp: {
          count: 63,
          lists: [],
          freeFactor: 0,
          freeCount: 0,
          freeHighBatch: true,
          drain: 'kernel',
        },
        gatherPages: 'pcp',
        placement: 'sequential',
      },
      tunables: {
        swapClusterMax: 32,
        mmuGatherBundle: 8,
        freeChunk: 512,
        needReschedEvery: 0,
        needReschedMean: 0,
      },
      files: [],
      folios: [],
      processes: [
        {
          name: 'p',
          count: 1,
          share: 1,
          memcg: 'main',
          lruAdd: 'drained',
          background: false,
          cpumask: 1,
          vmas: [
            {
              kind: 'anon',
              pages: 16,
              start: 65536,
              holes: 'none',
              swap: 'none',
              migration: 'none',
              young: 'none',
              dirty: 'none',
              locked: false,
              recency: true,
              mappedByOthers: 0,
              mapped: 'pte',
              folios: [{ order: 0, count: 1 }],
              mlocked: 'none',
              swapcache: 'none',
              swapcacheShared: 'none',
              active: 'none',
              isolated: 'none',
              pinned: 'none',
              hugeZero: 'none',
            },
          ],
        },
      ],
      teardown: 'exit',
    })
  })

  test('of files, named folios, runs, device VMAs, selections and steps', () => {
    const scenario = parseScenario(
      vmasOf(
        [
          { kind: 'file', file: 'f', pages: 8 },
          { kind: 'device', pages: 8 },
          { kind: 'anon', pages: 8, runs: [{ at: 0, pages: 1, folio: 7 }], swapRuns: [] },
          { kind: 'anon', pages: 8, holes: { every: 3 } },
        ],
        {
          files: [{ name: 'f', pages: 8 }],
          folios: [{ id: 7 }],
          teardown: [{ munmap: { vma: 0, pages: 8 } }],
        },
      ),
    )
    expect(scenario.files).toEqual([
      {
        name: 'f',
        pages: 8,
        folios: [{ order: 0, count: 1 }],
        shmem: false,
        memcg: 'main',
        dirtyFolios: 'none',
        active: 'none',
        referenced: 'none',
      },
    ])
    expect(scenario.folios).toEqual([
      {
        id: 7,
        count: 1,
        order: 0,
        kind: 'anon',
        lru: true,
        active: false,
        referenced: false,
        dirty: false,
        mlocked: false,
        swapcache: false,
        mappedByOthers: 0,
        pins: 0,
      },
    ])
    const [file, device, exact, holes] = scenario.processes[0]?.vmas ?? []
    expect(file).toMatchObject({ offset: 0 })
    expect(device).toMatchObject({ memory: 'coherent', folios: [{ order: 0, count: 1 }] })
    expect(exact?.runs).toEqual([
      { at: 0, pages: 1, folio: 7, page: 0, mapped: 'pte', dirty: false, young: false },
    ])
    expect(holes?.holes).toEqual({ from: 0, every: 3, length: 1 })
    expect(scenario.teardown).toEqual([{ munmap: { vma: 0, from: 0, pages: 8 } }])
  })

  test('keys without a default stay away', () => {
    const scenario = parseScenario(scenarioOf())
    expect(Object.keys(scenario.tunables)).not.toContain('pagevecSize')
    expect(Object.keys(scenario.machine.pcp)).not.toContain('high')
    expect(Object.keys(scenario.processes[0] ?? {})).not.toContain('teardown')
  })
})

describe('start', () => {
  const startsOf = (...vmas: { pages: number; start?: string | number }[]) =>
    parseScenario(
      vmasOf(vmas.map((vma) => ({ kind: 'anon' as const, ...vma }))),
    ).processes[0]?.vmas.map(({ start }) => start)

  test('is filled in: 0x10000000, then the next 2 MiB boundary', () => {
    expect(startsOf({ pages: 1 }, { pages: 512 }, { pages: 513 }, { pages: 1 })).toEqual([
      65536, 66048, 66560, 67584,
    ])
  })

  test('follows the VMA before it in the list, wherever that lies', () => {
    expect(startsOf({ pages: 3, start: '0x7f0000000000' }, { pages: 1 })).toEqual([
      0x7f0000000000 / PAGE,
      0x7f0000000000 / PAGE + 512,
    ])
  })

  test('reads hex text and numbers, in bytes', () => {
    expect(startsOf({ pages: 1, start: '0x7F0000001000' })).toEqual([0x7f0000001000 / PAGE])
    expect(startsOf({ pages: 1, start: 8192 })).toEqual([2])
    expect(startsOf({ pages: 1, start: 0 })).toEqual([0])
    expect(startsOf({ pages: 1, start: '0x7ffffffff000' })).toEqual([2 ** 35 - 1])
  })

  test('lets VMAs touch', () => {
    expect(startsOf({ pages: 1, start: 8192 }, { pages: 1, start: 4096 })).toEqual([2, 1])
  })
})

describe('text', () => {
  test('YAML, JSON and data give the same scenario', () => {
    const input = vmasOf([{ kind: 'anon', pages: 64, folios: [{ order: 3 }], start: 4096 }])
    const yaml = `
schema: mmgather/scenario@1
processes:
  - vmas:
      - { kind: anon, pages: 64, folios: [{ order: 3 }], start: 0x1000 }
`
    const expected = parseScenario(input)
    expect(parseScenarioText(yaml)).toEqual(expected)
    expect(parseScenarioText(JSON.stringify(input))).toEqual(expected)
    expect(parseScenarioText(JSON.stringify(input, null, '\t'))).toEqual(expected)
  })

  test('takes comments, Windows line ends, a byte order mark and a few aliases', () => {
    const text =
      '\uFEFF# a comment\r\nschema: mmgather/scenario@1\r\nprocesses:\r\n  - vmas: [&v { kind: anon, pages: 4 }, *v]\r\n'
    expect(parseScenarioText(text).processes[0]?.vmas.length).toBe(2)
  })
})

test('explicit undefined counts as absent where there is a default', () => {
  expect(parseScenario({ ...scenarioOf(), seed: undefined, machine: { cpus: undefined } })).toEqual(
    parseScenario(scenarioOf()),
  )
})

test('the input is left as it is', () => {
  const input = scenarioOf({ machine: { cpus: 2 } })
  const before = JSON.stringify(input)
  parseScenario(Object.freeze(input))
  expect(JSON.stringify(input)).toBe(before)
})

test('the bounds themselves are allowed', () => {
  expect(
    problemsOf(
      scenarioOf({
        seed: 2 ** 31 - 1,
        machine: { cpus: 1024, lruvecs: 1024, memory: 2 ** 31 - 1 },
        tunables: {
          swapClusterMax: 2 ** 20,
          pagevecSize: 255,
          mmuGatherBundle: 64,
          maxGatherBatch: 16384,
          maxGatherBatchCount: 10000,
        },
      }),
    ),
  ).toEqual([])
  expect(
    problemsOf(
      groupsOf([{ count: 100_000, share: 100_000, vmas: [{ kind: 'anon', pages: 2 ** 24 }] }]),
    ),
  ).toEqual([])
  expect(
    problemsOf(vmasOf([{ kind: 'anon', pages: 2 ** 24 - 1024, folios: [{ order: 10 }] }])),
  ).toEqual([])
})

test('every kind of memcg name', () => {
  for (const memcg of ['root', 'a', 'a/b', 'user.slice/user-1000.slice', '..', 'A_1/x-y.z']) {
    expect(
      parseScenario(groupsOf([{ memcg, vmas: [{ kind: 'zero', pages: 1 }] }])).processes[0]?.memcg,
    ).toBe(memcg)
  }
})
