/**
 * The worked examples of the behavioural specification (G.2 to G.6, G.9, G.13), every counter, for the strategies that
 * exist. Standard conditions: 2 MiB-aligned mapping, natural order, one memcg, everything on the LRU, no bulk free.
 */
import { expect, test } from 'vitest'

import type { CounterKey, ScenarioInput, VmaInput } from '../../src/index.ts'
import { runScenario, scenarioOf } from '../support/run.ts'

type Counts = Partial<Record<CounterKey, number>>

const ZERO: Record<CounterKey, number> = {
  ptesCleared: 0,
  pteTables: 0,
  gatherRecords: 0,
  gatherSlots: 0,
  batchPages: 0,
  fullBreaks: 0,
  forcedFlushes: 0,
  tlbFlushes: 0,
  freeChunks: 0,
  rmapCalls: 0,
  mapcountAtomics: 0,
  nrPagesMappedAtomics: 0,
  largeMapcountAtomics: 0,
  refcountAtomics: 0,
  statUpdates: 0,
  swapcacheChecks: 0,
  deferredSplitCalls: 0,
  deferredSplitInserts: 0,
  deferredSplitRemovals: 0,
  lruvecLockAcquisitions: 0,
  memcgUnchargeBatches: 0,
  pcpLockAcquisitions: 0,
  zoneLockAcquisitions: 0,
  splitLockAcquisitions: 0,
  ptlAcquisitions: 0,
  foliosFreed: 0,
  pagesFreed: 0,
}

/** Counters not named are 0. */
function counts(named: Counts): Record<CounterKey, number> {
  return { ...ZERO, ...named }
}

function anon(strategy: string, vma: Partial<VmaInput>, more: Partial<ScenarioInput> = {}) {
  const base = { kind: 'anon', pages: 1024, ...vma } as VmaInput
  return runScenario(scenarioOf({ strategy, processes: [{ vmas: [base] }], ...more }))
}

const n = 1024
const perPage = { gatherRecords: n, gatherSlots: n, rmapCalls: n, mapcountAtomics: n }
const twoTables = { ptesCleared: n, pteTables: 2, ptlAcquisitions: 2, tlbFlushes: 1, pagesFreed: n }
const S0_1024 = {
  ...twoTables,
  ...perPage,
  batchPages: 2,
  freeChunks: 3,
  refcountAtomics: n,
  swapcacheChecks: n,
  statUpdates: n,
}

test.each(['linux-6.5', 'linux-6.5-laf'])('G.2 %s: 1,024 order-0 pages', (strategy) => {
  // chunks 8, 510, 506: 1 + 16 + 16 holds of 32 slots
  const { counters } = anon(strategy, {})
  expect(counters).toEqual(
    counts({
      ...S0_1024,
      lruvecLockAcquisitions: 33,
      pcpLockAcquisitions: 33,
      memcgUnchargeBatches: 3,
      foliosFreed: n,
    }),
  )
})

test('G.2 range-v1: 1,024 order-0 pages', () => {
  // chunks 8, 255, 255, 255, 251: 1 + 8 + 8 + 8 + 8
  const { counters } = anon('range-v1', {})
  expect(counters).toEqual(
    counts({
      ...S0_1024,
      batchPages: 4,
      freeChunks: 5,
      lruvecLockAcquisitions: 33,
      pcpLockAcquisitions: 33,
      memcgUnchargeBatches: 5,
      foliosFreed: n,
    }),
  )
})

const order3 = { folios: [{ order: 3, count: 1 }] }
const largeFreed = {
  lruvecLockAcquisitions: 128,
  pcpLockAcquisitions: 128,
  memcgUnchargeBatches: 128,
  foliosFreed: 128,
}

test('G.3 linux-6.5-laf: 128 order-3 folios, each queued at its first page', () => {
  expect(anon('linux-6.5-laf', order3).counters).toEqual(
    counts({
      ...S0_1024,
      ...largeFreed,
      nrPagesMappedAtomics: n,
      deferredSplitCalls: n,
      deferredSplitInserts: 128,
      deferredSplitRemovals: 128,
      splitLockAcquisitions: 256,
    }),
  )
})

test('G.3 linux-6.5: 128 order-3 folios, never queued', () => {
  expect(anon('linux-6.5', order3).counters).toEqual(
    counts({ ...S0_1024, ...largeFreed, nrPagesMappedAtomics: n }),
  )
})

/** Ranges 1 to 7 are whole folios, 8 and 9 are folio 8 cut after its first page, 10 to 129 whole. */
const CUT_129 = {
  ...twoTables,
  gatherRecords: 129,
  gatherSlots: 129,
  batchPages: 1,
  freeChunks: 2,
  rmapCalls: 129,
  mapcountAtomics: n,
  nrPagesMappedAtomics: 129,
  refcountAtomics: 129,
  swapcacheChecks: 129,
}

test('G.3 range-v1: 129 ranges, one spurious insertion where the local batch cuts a folio', () => {
  expect(anon('range-v1', order3).counters).toEqual(
    counts({
      ...CUT_129,
      ...largeFreed,
      statUpdates: 129,
      deferredSplitCalls: 1,
      deferredSplitInserts: 1,
      deferredSplitRemovals: 1,
      splitLockAcquisitions: 2,
    }),
  )
})

const thp = { pages: 512, folios: [{ order: 9, count: 1 }] }
const half = (from: number) => ({ munmap: { vma: 0, from, pages: 256 } })
const S0_HALF = {
  ptesCleared: 256,
  gatherRecords: 256,
  gatherSlots: 256,
  batchPages: 1,
  freeChunks: 2,
  rmapCalls: 256,
  mapcountAtomics: 256,
  nrPagesMappedAtomics: 256,
  statUpdates: 256,
  refcountAtomics: 256,
  swapcacheChecks: 256,
  deferredSplitCalls: 256,
  deferredSplitInserts: 1,
  splitLockAcquisitions: 1,
  ptlAcquisitions: 1,
  tlbFlushes: 1,
}
const S1_HALF = {
  ptesCleared: 256,
  gatherRecords: 1,
  gatherSlots: 1,
  freeChunks: 1,
  rmapCalls: 1,
  mapcountAtomics: 256,
  nrPagesMappedAtomics: 1,
  statUpdates: 1,
  refcountAtomics: 1,
  swapcacheChecks: 1,
  deferredSplitCalls: 1,
  deferredSplitInserts: 1,
  splitLockAcquisitions: 1,
  ptlAcquisitions: 1,
  tlbFlushes: 1,
}

test.each([
  ['linux-6.5', S0_HALF],
  ['linux-6.5-laf', S0_HALF],
  ['range-v1', S1_HALF],
] as const)(
  'G.4 %s: munmap of the first half of a PTE-mapped THP queues it',
  (strategy, expected) => {
    const { counters } = anon(strategy, thp, { teardown: [half(0)] })
    expect(counters).toEqual(counts(expected))
  },
)

/** Freed by the second half: off the queue, one lock of each kind. */
const THP_FREED = {
  deferredSplitRemovals: 1,
  lruvecLockAcquisitions: 1,
  pcpLockAcquisitions: 1,
  memcgUnchargeBatches: 1,
  foliosFreed: 1,
  pagesFreed: 512,
}

test.each([
  // every call returns early in the second half
  ['linux-6.5-laf', S0_HALF, 512, 2],
  // nothing is mapped after the second half: no call
  ['range-v1', S1_HALF, 1, 2],
] as const)('G.4 %s: both halves, one after the other', (strategy, one, calls, splitLocks) => {
  const { counters } = anon(strategy, thp, { teardown: [half(0), half(256)] })
  const twice = Object.fromEntries(Object.entries(one).map(([key, value]) => [key, value * 2]))
  expect(counters).toEqual(
    counts({
      ...twice,
      ...THP_FREED,
      // the page tables go with the second half
      pteTables: 1,
      deferredSplitCalls: calls,
      deferredSplitInserts: 1,
      splitLockAcquisitions: splitLocks,
    }),
  )
})

const forked = (strategy: string) =>
  runScenario(
    scenarioOf({
      strategy,
      machine: { cpus: 2 },
      processes: [{ count: 2, share: 2, vmas: [{ kind: 'anon', pages: n, ...order3 }] }],
    }),
  )

test('G.5 linux-6.5-laf: fork-shared order-3 folios, the first exit drops no _nr_pages_mapped', () => {
  const { perCpu } = forked('linux-6.5-laf')
  expect(perCpu[0]).toEqual(counts({ ...S0_1024, statUpdates: 0, pagesFreed: 0 }))
  expect(perCpu[1]).toEqual(anon('linux-6.5-laf', order3).counters)
})

test('G.5 range-v1: the first exit subtracts 0 from _nr_pages_mapped 129 times', () => {
  const { perCpu } = forked('range-v1')
  expect(perCpu[0]).toEqual(counts({ ...CUT_129, pagesFreed: 0 }))
  expect(perCpu[1]).toEqual(anon('range-v1', order3).counters)
})

const dirtyFile = (strategy: string) =>
  runScenario(
    scenarioOf({
      strategy,
      files: [{ name: 'data', pages: n }],
      processes: [
        { vmas: [{ kind: 'file', file: 'data', pages: n, dirty: { from: 512, every: 1 } }] },
      ],
    }),
  )

test('G.6 linux-6.5: a clean and a dirty table; the gather may finish one page batch only', () => {
  const { counters, events } = dirtyFile('linux-6.5')
  expect(counters).toEqual(
    counts({
      ...S0_1024,
      pagesFreed: 0,
      batchPages: 1,
      fullBreaks: 1,
      forcedFlushes: 2,
      // the final flush for the page tables comes on top of the two of the example
      tlbFlushes: 3,
      freeChunks: 4,
      ptlAcquisitions: 3,
    }),
  )
  expect(events.zapPteRangeCalls).toBe(3)
  expect(events.rmapSlotsInspected).toBe(518 + 506)
})

test('G.6 range-v1: all rmaps late, one forced flush at the end of the dirty table', () => {
  const { counters, events } = dirtyFile('range-v1')
  expect(counters).toEqual(
    counts({
      ...S0_1024,
      pagesFreed: 0,
      batchPages: 4,
      forcedFlushes: 1,
      tlbFlushes: 2,
      freeChunks: 5,
    }),
  )
  expect(events.zapPteRangeCalls).toBe(2)
  expect(events.rmapSlotsInspected).toBe(0)
})

const order4 = { folios: [{ order: 4, count: 1 }] }
const straightToBuddy = {
  lruvecLockAcquisitions: 64,
  memcgUnchargeBatches: 64,
  zoneLockAcquisitions: 64,
  foliosFreed: 64,
}

test('G.9 linux-6.5-laf: order-4 folios are not allowed on pcp lists', () => {
  expect(anon('linux-6.5-laf', order4).counters).toEqual(
    counts({
      ...S0_1024,
      ...straightToBuddy,
      nrPagesMappedAtomics: n,
      deferredSplitCalls: n,
      deferredSplitInserts: 64,
      deferredSplitRemovals: 64,
      splitLockAcquisitions: 128,
    }),
  )
})

test('G.9 range-v1: 65 ranges', () => {
  expect(anon('range-v1', order4).counters).toEqual(
    counts({
      ...CUT_129,
      ...straightToBuddy,
      gatherRecords: 65,
      gatherSlots: 65,
      rmapCalls: 65,
      nrPagesMappedAtomics: 65,
      refcountAtomics: 65,
      swapcacheChecks: 65,
      statUpdates: 65,
      deferredSplitCalls: 1,
      deferredSplitInserts: 1,
      deferredSplitRemovals: 1,
      splitLockAcquisitions: 2,
    }),
  )
})

test.each(['linux-6.5', 'linux-6.5-laf', 'range-v1'])('G.13 %s: one PMD-mapped THP', (strategy) => {
  const { counters, events } = anon(strategy, { ...thp, mapped: 'pmd' })
  expect(counters).toEqual(
    counts({
      gatherRecords: 1,
      gatherSlots: 1,
      freeChunks: 1,
      tlbFlushes: 1,
      rmapCalls: 1,
      mapcountAtomics: 1,
      nrPagesMappedAtomics: 1,
      // NR_ANON_THPS and NR_ANON_MAPPED
      statUpdates: 2,
      refcountAtomics: 1,
      swapcacheChecks: 1,
      lruvecLockAcquisitions: 1,
      memcgUnchargeBatches: 1,
      pcpLockAcquisitions: 1,
      ptlAcquisitions: 1,
      foliosFreed: 1,
      pagesFreed: 512,
    }),
  )
  expect(events.depositedTablesFreed).toBe(1)
})
