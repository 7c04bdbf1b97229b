/**
 * Random valid scenarios in the input form, with every kind of VMA and every optional key at times.
 */
import { fc } from '@fast-check/vitest'

import type {
  FolioPatternInput,
  ProgramStepInput,
  RunInput,
  ScenarioInput,
  SelectionInput,
  SwapRunInput,
  TeardownInput,
  VmaInput,
} from '../../src/scenario/input.ts'
import { SCENARIO_SCHEMA } from '../../src/scenario/scenario.ts'

const selection: fc.Arbitrary<SelectionInput> = fc.oneof(
  fc.constantFrom<SelectionInput>('none', 'all'),
  fc.record(
    {
      from: fc.nat(99),
      every: fc.integer({ min: 1, max: 99 }),
      length: fc.integer({ min: 1, max: 9 }),
    },
    { requiredKeys: ['every'] },
  ),
)
const memcg = fc.constantFrom('root', 'main', 'a', 'a/b', 'c.slice/d_1')
const pattern = (most: number): fc.Arbitrary<FolioPatternInput[]> =>
  fc.array(
    fc.record(
      { order: fc.nat(most), count: fc.integer({ min: 1, max: 9 }), memcg },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 3 },
  )
const pages = fc.integer({ min: 1, max: 2000 })
const common = {
  label: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  holes: selection,
  swap: selection,
  migration: selection,
  young: selection,
  dirty: selection,
  locked: fc.boolean(),
  recency: fc.boolean(),
  mappedByOthers: fc.nat(9),
  tableMemcg: memcg,
}
const anon = fc.record(
  {
    kind: fc.constant('anon' as const),
    pages,
    folios: pattern(10),
    ...common,
    mlocked: selection,
    swapcache: selection,
    swapcacheShared: selection,
    active: selection,
    isolated: selection,
    pinned: selection,
  },
  { requiredKeys: ['kind', 'pages'] },
)
const huge = fc.record(
  {
    kind: fc.constant('anon' as const),
    pages: fc.constantFrom(512, 1024),
    folios: fc.constant<FolioPatternInput[]>([{ order: 9 }]),
    mapped: fc.constant('pmd' as const),
    start: fc.integer({ min: 2 ** 20, max: 2 ** 25 }).map((n) => `0x${(n * 2 ** 21).toString(16)}`),
    hugeZero: selection,
  },
  { requiredKeys: ['kind', 'pages', 'folios', 'mapped'] },
)
const exact = fc.record({
  kind: fc.constant('anon' as const),
  pages: fc.constant(64),
  runs: fc.constant<RunInput[]>([
    { at: 0, pages: 6, folio: 1, page: 3 },
    { at: 20, pages: 2, folio: 0, dirty: true },
  ]),
  swapRuns: fc.constantFrom<SwapRunInput[]>([], [{ at: 40, pages: 4 }]),
})
const file = fc.record(
  {
    kind: fc.constant('file' as const),
    file: fc.constant('f'),
    offset: fc.nat(99),
    pages: fc.integer({ min: 1, max: 400 }),
    ...common,
  },
  { requiredKeys: ['kind', 'file', 'pages'] },
)
const device = fc.record(
  {
    kind: fc.constant('device' as const),
    pages,
    memory: fc.constantFrom('coherent' as const, 'fsdax' as const),
    folios: pattern(9),
  },
  { requiredKeys: ['kind', 'pages'] },
)
const special = fc.record({ kind: fc.constantFrom('zero' as const, 'pfnmap' as const), pages })
const vma: fc.Arbitrary<VmaInput> = fc.oneof(anon, huge, exact, file, device, special)
const teardown: fc.Arbitrary<TeardownInput> = fc.constantFrom<TeardownInput>(
  'exit',
  ['exit'],
  [{ munmap: { vma: 0, pages: 1 } }, 'exit'],
)
/** Programs that need no VMA of the process: what they map they number behind up to five of those. */
const program: fc.Arbitrary<ProgramStepInput[]> = fc.constantFrom<ProgramStepInput[]>(
  [{ delay: { ns: 5 } }, { mmap: { pages: 9 } }],
  [
    {
      repeat: {
        times: 2,
        steps: [{ delay: { ns: 0 } }, { reclaim: { memcg: 'root', rounds: 1 } }],
      },
    },
  ],
  [
    { mmap: { pages: 100, order: 4, memcg: 'a/b' } },
    { repeat: { times: 9, steps: [{ delay: { ns: 1 } }] } },
  ],
)
const group = fc.record(
  {
    name: fc.constantFrom('p', 'worker'),
    count: fc.integer({ min: 1, max: 20 }),
    share: fc.integer({ min: 1, max: 5 }),
    memcg,
    lruAdd: fc.constantFrom('drained' as const, 'pending' as const),
    // At most one VMA chooses its start: two could overlap.
    vmas: fc.array(vma, { minLength: 1, maxLength: 5 }).map((vmas) => {
      const first = vmas.findIndex((one) => one.start !== undefined)
      return vmas.map((one, i) => {
        if (i === first) return one
        const { start: _start, ...rest } = one
        return rest
      })
    }),
    teardown: teardown.filter((one) => one === 'exit' || one.at(-1) === 'exit'),
    program,
  },
  { requiredKeys: ['vmas', 'teardown'] },
)

export const scenarioInputs: fc.Arbitrary<ScenarioInput> = fc
  .record(
    {
      name: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
      description: fc.string({ unit: 'grapheme', maxLength: 40 }),
      seed: fc.nat(),
      machine: fc.record(
        {
          cpus: fc.integer({ min: 1, max: 64 }),
          memmap: fc.constantFrom('flatmem' as const, 'vmemmap' as const, 'sparsemem' as const),
          lock: fc.constantFrom('ttas' as const, 'ticket' as const, 'qspinlock' as const),
          lruvecs: fc.nat(8),
          initOnFree: fc.boolean(),
          memcgStock: fc.nat(64),
          pcp: fc.record(
            {
              batch: fc.integer({ min: 1, max: 63 }),
              high: fc.nat(999),
              highMin: fc.nat(99),
              highMax: fc.integer({ min: 100, max: 9999 }),
              lists: fc.array(
                fc.record(
                  {
                    order: fc.constantFrom(0 as const, 2 as const, 9 as const),
                    count: fc.integer({ min: 1, max: 9 }),
                  },
                  { requiredKeys: ['count'] },
                ),
                { maxLength: 3 },
              ),
              freeFactor: fc.nat(5),
              freeCount: fc.nat(2016),
              freeHighBatch: fc.boolean(),
            },
            { requiredKeys: [] },
          ),
        },
        { requiredKeys: [] },
      ),
      tunables: fc.record(
        {
          swapClusterMax: fc.integer({ min: 1, max: 64 }),
          pagevecSize: fc.constantFrom(15, 31),
          needReschedMean: fc.constantFrom(0, 2, 99),
          deferredSplit: fc.constantFrom('pmd' as const, 'large' as const),
        },
        { requiredKeys: [] },
      ),
      processes: fc.array(group, { minLength: 1, maxLength: 4 }),
      teardown,
    },
    { requiredKeys: ['processes'] },
  )
  .map((rest) => ({
    schema: SCENARIO_SCHEMA,
    files: [{ name: 'f', pages: 499 }],
    folios: [
      { id: 0, count: 1 },
      { id: 1, count: 9, order: 2, pins: 1 },
    ],
    ...rest,
  }))
