/** Random scenarios for properties: small, with every feature that a process can have, many of them switched off. */
import * as fc from 'fast-check'

import type {
  FileObjectInput,
  FolioPatternInput,
  ProcessGroupInput,
  ScenarioInput,
  SelectionInput,
  VmaInput,
} from '../../src/index.ts'
import { programGroup } from './random-program.ts'

const often = <T>(value: fc.Arbitrary<T>, none: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(none) }, { weight: 1, arbitrary: value })

const selection: fc.Arbitrary<SelectionInput> = often(
  fc.oneof(
    fc.constant<SelectionInput>('all'),
    fc.record({
      from: fc.integer({ min: 0, max: 40 }),
      every: fc.integer({ min: 1, max: 20 }),
      length: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  'none',
)

const memcg = fc.constantFrom('root', 'a', 'b', 'a/c')

const pattern: fc.Arbitrary<FolioPatternInput[]> = fc.array(
  fc.record(
    {
      order: fc.constantFrom(0, 0, 0, 2, 3, 4, 9),
      count: fc.integer({ min: 1, max: 9 }),
      memcg,
    },
    { requiredKeys: ['order', 'count'] },
  ),
  { minLength: 1, maxLength: 3 },
)

const entries = {
  holes: selection,
  young: selection,
  dirty: selection,
  swap: selection,
  migration: selection,
}

const anonVma: fc.Arbitrary<VmaInput> = fc.record({
  kind: fc.constant('anon' as const),
  pages: fc.integer({ min: 1, max: 1400 }),
  folios: pattern,
  ...entries,
  mlocked: selection,
  swapcache: selection,
  swapcacheShared: selection,
  active: selection,
  isolated: selection,
  pinned: selection,
  locked: often(fc.boolean(), false),
  mappedByOthers: often(fc.integer({ min: 1, max: 2 }), 0),
  tableMemcg: memcg,
})

const thpVma: fc.Arbitrary<VmaInput> = fc.record({
  kind: fc.constant('anon' as const),
  pages: fc.constantFrom(512, 1024),
  folios: fc.constant([{ order: 9, count: 1 }]),
  mapped: fc.constantFrom('pmd' as const, 'pte' as const),
  dirty: selection,
  locked: often(fc.boolean(), false),
})

const fileVma: fc.Arbitrary<VmaInput> = fc.integer({ min: 1, max: 700 }).chain((pages) =>
  fc.record({
    kind: fc.constant('file' as const),
    file: fc.constantFrom('lib', 'shm', 'small'),
    pages: fc.constant(pages),
    offset: fc.integer({ min: 0, max: 1000 - pages }),
    holes: selection,
    young: selection,
    dirty: selection,
    locked: often(fc.boolean(), false),
    recency: fc.boolean(),
  }),
)

const otherVma: fc.Arbitrary<VmaInput> = fc.oneof(
  fc.record({
    kind: fc.constant('device' as const),
    pages: fc.integer({ min: 1, max: 300 }),
    memory: fc.constantFrom('coherent' as const, 'fsdax' as const, 'private' as const),
    holes: selection,
  }),
  fc.record({
    kind: fc.constantFrom('zero' as const, 'pfnmap' as const),
    pages: fc.integer({ min: 1, max: 600 }),
  }),
)

const vma = fc.oneof(
  { weight: 5, arbitrary: anonVma },
  { weight: 1, arbitrary: thpVma },
  { weight: 3, arbitrary: fileVma },
  { weight: 1, arbitrary: otherVma },
)

/** munmaps of parts of the VMAs, sometimes followed by exit. */
export function teardownOf(vmas: readonly VmaInput[]) {
  const step = fc.nat({ max: vmas.length - 1 }).chain((index) => {
    const pages = vmas[index]?.pages ?? 1
    return fc.nat({ max: pages - 1 }).chain((from) =>
      fc.record({
        munmap: fc.record({
          vma: fc.constant(index),
          from: fc.constant(from),
          pages: fc.integer({ min: 1, max: pages - from }),
        }),
      }),
    )
  })
  const steps = fc.array(step, { minLength: 1, maxLength: 4 })
  return fc.oneof(
    fc.constant('exit' as const),
    steps,
    steps.map((list) => [...list, 'exit' as const]),
  )
}

const group: fc.Arbitrary<ProcessGroupInput> = fc
  .array(vma, { minLength: 1, maxLength: 4 })
  .chain((vmas) =>
    fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      share: fc.integer({ min: 1, max: 3 }),
      memcg,
      lruAdd: fc.constantFrom('drained' as const, 'pending' as const),
      vmas: fc.constant(vmas),
      teardown: teardownOf(vmas),
    }),
  )

const machine = fc.record({
  cpus: fc.integer({ min: 1, max: 3 }),
  memmap: fc.constantFrom('vmemmap' as const, 'flatmem' as const, 'sparsemem' as const),
  sectionSizeBits: fc.constantFrom(21, 22, 23),
  sectionPlacement: fc.constantFrom(
    'sequential' as const,
    'reversed' as const,
    'shuffled' as const,
  ),
  pageTables: fc.constantFrom('gathered' as const, 'separate' as const),
  lock: fc.constantFrom('ttas' as const, 'ticket' as const, 'qspinlock' as const),
  deal: fc.constantFrom('static' as const, 'queue' as const),
  lruvecs: fc.integer({ min: 0, max: 3 }),
  pcp: fc.record({
    count: fc.integer({ min: 0, max: 70 }),
    batch: fc.constantFrom(1, 7, 63),
    high: fc.constantFrom(0, 20, 63, 252, 3000),
    lists: fc.array(
      fc.record({
        order: fc.constantFrom(0 as const, 1 as const, 3 as const, 9 as const),
        count: fc.integer({ min: 1, max: 5 }),
      }),
      { maxLength: 2 },
    ),
    freeFactor: fc.integer({ min: 0, max: 5 }),
    freeCount: fc.constantFrom(0, 63, 2016),
    freeHighBatch: fc.boolean(),
    drain: fc.constantFrom('kernel' as const, 'all' as const),
  }),
  memcgStock: fc.constantFrom(0, 1, 64),
  initOnFree: fc.boolean(),
  gatherPages: fc.constantFrom('pcp' as const, 'reserve' as const),
  placement: fc.constantFrom('sequential' as const, 'shuffled' as const, 'fragmented' as const),
})

const tunables = fc.record(
  {
    swapClusterMax: fc.constantFrom(1, 2, 31, 32, 128),
    pagevecSize: fc.constantFrom(1, 15, 31),
    mmuGatherBundle: fc.integer({ min: 2, max: 8 }),
    maxGatherBatch: fc.integer({ min: 2, max: 40 }),
    maxGatherBatchCount: fc.integer({ min: 1, max: 4 }),
    freeChunk: fc.constantFrom(1, 7, 512),
    batchPagesMax: fc.integer({ min: 0, max: 3 }),
    needReschedEvery: fc.constantFrom(0, 0, 3, 100),
    needReschedMean: fc.constantFrom(0, 0, 7),
    deferredSplit: fc.constantFrom('pmd' as const, 'large' as const),
  },
  { requiredKeys: [] },
)

const common: {
  schema: fc.Arbitrary<ScenarioInput['schema']>
  seed: fc.Arbitrary<number>
  machine: typeof machine
  tunables: typeof tunables
  files: fc.Arbitrary<FileObjectInput[]>
} = {
  schema: fc.constant('mmgather/scenario@1' as const),
  seed: fc.nat({ max: 1000 }),
  machine,
  tunables,
  files: fc.constant([
    {
      name: 'lib',
      pages: 1024,
      folios: [
        { order: 2, count: 3 },
        { order: 0, count: 5 },
      ],
      active: { every: 3 },
    },
    {
      name: 'shm',
      pages: 1024,
      shmem: true,
      memcg: 'b',
      referenced: { every: 2 },
      folios: [{ order: 4, count: 1 }],
    },
    { name: 'small', pages: 1000, dirtyFolios: { every: 2 } },
  ]),
}

/** Scenario inputs; not all of them pass the checks between keys (a caller skips those). */
export const randomScenario: fc.Arbitrary<ScenarioInput> = fc.record({
  ...common,
  processes: fc.array(group, { minLength: 1, maxLength: 3 }),
})

/** Scenario inputs of processes with programs, and at times one without; they need the page allocator. */
export const randomWorkload: fc.Arbitrary<ScenarioInput> = fc
  .record({
    ...common,
    processes: fc.array(fc.oneof({ weight: 4, arbitrary: programGroup }, group), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map((input) => ({
    ...input,
    // every memcg that a program may name exists
    folios: ['a/c', 'b'].map((name, id) => ({ id, memcg: name })),
    machine: { ...input.machine, gatherPages: 'pcp' },
  }))
