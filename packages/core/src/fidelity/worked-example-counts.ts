/**
 * The expected counts of the worked examples, by strategy: worked by hand from the rules of each kernel.
 */

import { COUNTER_KEYS, type CounterKey, type EventKey } from '../machine/counters.ts'

export type Counts = Partial<Record<CounterKey | EventKey, number>>

/** One row for each strategy: what differs between them. */
export type ByStrategy = Readonly<Record<string, Counts>>

/** The strategies by how they gather, in the order of their versions. */
export const KINDS: Readonly<Record<string, 'pages' | 'ranges' | 'runs'>> = {
  'linux-6.1': 'pages',
  'linux-6.5': 'pages',
  'linux-6.5-laf': 'pages',
  'range-v1': 'ranges',
  'range-v2': 'ranges',
  'linux-6.9': 'runs',
  'linux-6.10': 'runs',
  'linux-6.12': 'runs',
  'linux-6.18': 'runs',
  'linux-6.18-npm': 'runs',
}

/** The same for all strategies of a kind, unless one is named. */
export function byKind(rows: Readonly<Record<string, Counts>>): ByStrategy {
  return Object.fromEntries(
    Object.entries(KINDS).map(([strategy, kind]) => [strategy, rows[strategy] ?? rows[kind] ?? {}]),
  )
}

const N = 1024
/** Page by page: linux-6.1, linux-6.5, linux-6.5-laf. */
const PAGES: Counts = {
  ptesCleared: N,
  pteTables: 2,
  gatherRecords: N,
  gatherSlots: N,
  batchPages: 2,
  tlbFlushes: 1,
  freeChunks: 3,
  rmapCalls: N,
  mapcountAtomics: N,
  refcountAtomics: N,
  statUpdates: N,
  swapcacheChecks: N,
  ptlAcquisitions: 2,
}

/** Small pages: 8, 510, 506 slots; 8, 4 * 255 and one more; 7, 509, 508. */
export const SMALL: ByStrategy = byKind({
  pages: { ...PAGES, lruvecLockAcquisitions: 33, pcpLockAcquisitions: 33, memcgUnchargeBatches: 3 },
  ranges: {
    ...PAGES,
    batchPages: 4,
    freeChunks: 5,
    lruvecLockAcquisitions: 33,
    pcpLockAcquisitions: 33,
    memcgUnchargeBatches: 5,
  },
  runs: { ...PAGES, lruvecLockAcquisitions: 35, pcpLockAcquisitions: 35, memcgUnchargeBatches: 35 },
})
export const SMALL_FREED: Counts = { foliosFreed: N, pagesFreed: N }

const FREED_128: Counts = {
  lruvecLockAcquisitions: 128,
  pcpLockAcquisitions: 128,
  memcgUnchargeBatches: 128,
}
/** Ranges 1 to 7 are whole folios, 8 and 9 are folio 8 cut after its first page, 10 to 129 whole. */
const CUT_129: Counts = {
  ...PAGES,
  gatherRecords: 129,
  gatherSlots: 129,
  batchPages: 1,
  freeChunks: 2,
  rmapCalls: 129,
  nrPagesMappedAtomics: 129,
  refcountAtomics: 129,
  statUpdates: 129,
  swapcacheChecks: 129,
}
const RUNS_128: Counts = {
  ...PAGES,
  gatherRecords: 128,
  gatherSlots: 256,
  batchPages: 1,
  freeChunks: 2,
  rmapCalls: 128,
  refcountAtomics: 128,
  statUpdates: 128,
  swapcacheChecks: 128,
}

/** 128 folios of order 3, without what is counted when they are freed and queued. */
export const ORDER_3: ByStrategy = {
  'linux-6.1': PAGES,
  'linux-6.5': { ...PAGES, nrPagesMappedAtomics: N },
  'linux-6.5-laf': { ...PAGES, nrPagesMappedAtomics: N },
  'range-v1': CUT_129,
  'range-v2': CUT_129,
  'linux-6.9': { ...RUNS_128, nrPagesMappedAtomics: N },
  'linux-6.10': { ...RUNS_128, nrPagesMappedAtomics: N, largeMapcountAtomics: 128 },
  'linux-6.12': { ...RUNS_128, nrPagesMappedAtomics: 128, largeMapcountAtomics: 128 },
  'linux-6.18': { ...RUNS_128, nrPagesMappedAtomics: 128, largeMapcountAtomics: 128 },
  'linux-6.18-npm': { ...RUNS_128, mapcountAtomics: 0, largeMapcountAtomics: 128 },
}

/** Freed: large ones one by one, from v6.9 on with those of a folio batch: 4 records, then 124. */
export const ORDER_3_FREED: ByStrategy = byKind({
  pages: FREED_128,
  ranges: FREED_128,
  runs: { lruvecLockAcquisitions: 5, pcpLockAcquisitions: 5, memcgUnchargeBatches: 5 },
})

/** `queued` folios go on the deferred split queue and off it again. */
function queued(folios: number, calls: number): Counts {
  return {
    deferredSplitCalls: calls,
    deferredSplitInserts: folios,
    deferredSplitRemovals: folios,
    splitLockAcquisitions: 2 * folios,
  }
}

/** 6.1 takes split_queue_lock to free any large folio, queued or not. */
export const ORDER_3_QUEUED: ByStrategy = {
  'linux-6.1': { splitLockAcquisitions: 128 },
  'linux-6.5-laf': queued(128, N),
  'range-v1': queued(1, 1),
  'range-v2': queued(1, 1),
  'linux-6.9': queued(128, 128),
}

/** Half a PTE-mapped THP: page by page, as one range, as one run. */
const HALF_PAGES: Counts = {
  ptesCleared: 256,
  gatherRecords: 256,
  gatherSlots: 256,
  batchPages: 1,
  tlbFlushes: 1,
  freeChunks: 2,
  rmapCalls: 256,
  mapcountAtomics: 256,
  nrPagesMappedAtomics: 256,
  refcountAtomics: 256,
  statUpdates: 256,
  swapcacheChecks: 256,
  ptlAcquisitions: 1,
}
const HALF_RANGE: Counts = {
  ...HALF_PAGES,
  gatherRecords: 1,
  gatherSlots: 1,
  batchPages: 0,
  freeChunks: 1,
  rmapCalls: 1,
  nrPagesMappedAtomics: 1,
  refcountAtomics: 1,
  statUpdates: 1,
  swapcacheChecks: 1,
}
const HALF_RUN: Counts = { ...HALF_RANGE, gatherSlots: 2 }
export const HALF: ByStrategy = {
  'linux-6.1': { ...HALF_PAGES, nrPagesMappedAtomics: 0 },
  'linux-6.5': HALF_PAGES,
  'linux-6.5-laf': HALF_PAGES,
  'range-v1': HALF_RANGE,
  'range-v2': HALF_RANGE,
  'linux-6.9': { ...HALF_RUN, nrPagesMappedAtomics: 256 },
  'linux-6.10': { ...HALF_RUN, nrPagesMappedAtomics: 256, largeMapcountAtomics: 1 },
  'linux-6.12': { ...HALF_RUN, largeMapcountAtomics: 1 },
  'linux-6.18': { ...HALF_RUN, largeMapcountAtomics: 1 },
  'linux-6.18-npm': {
    ...HALF_RUN,
    mapcountAtomics: 0,
    nrPagesMappedAtomics: 0,
    largeMapcountAtomics: 1,
    // the folio is wholly mapped for the statistics while one of its pages is
    statUpdates: 0,
  },
}
/** From v6.12 on a THP is on the queue since the fault: the call sets PG_partially_mapped under the lock. */
const FLAGGED: Counts = { deferredSplitCalls: 1, splitLockAcquisitions: 1 }
export const HALF_QUEUED: ByStrategy = byKind({
  pages: { deferredSplitCalls: 256, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  ranges: { deferredSplitCalls: 1, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  runs: { deferredSplitCalls: 1, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  'linux-6.12': FLAGGED,
  'linux-6.18': FLAGGED,
  'linux-6.18-npm': FLAGGED,
})
/** The second half: calls that find the folio queued, and what is counted when the folio is freed. */
export const SECOND_HALF_CALLS: Readonly<Record<string, number>> = {
  'linux-6.1': 256,
  'linux-6.5': 256,
  'linux-6.5-laf': 256,
  'linux-6.9': 1,
}
export const THP_FREED: Counts = {
  pteTables: 1,
  deferredSplitRemovals: 1,
  splitLockAcquisitions: 1,
  lruvecLockAcquisitions: 1,
  pcpLockAcquisitions: 1,
  memcgUnchargeBatches: 1,
  foliosFreed: 1,
  pagesFreed: 512,
}

/** A clean and a dirty table of a file: nothing is freed. The flush for the page tables comes on top of the example's. */
const DELAYED: Counts = {
  ...PAGES,
  batchPages: 1,
  fullBreaks: 1,
  forcedFlushes: 2,
  tlbFlushes: 3,
  freeChunks: 4,
  ptlAcquisitions: 3,
  zapPteRangeCalls: 3,
  rmapSlotsInspected: N,
}
export const DIRTY: ByStrategy = byKind({
  pages: DELAYED,
  // all rmaps late, one forced flush at the end of the dirty table
  ranges: {
    ...PAGES,
    batchPages: 4,
    forcedFlushes: 1,
    tlbFlushes: 2,
    freeChunks: 5,
    zapPteRangeCalls: 2,
    rmapSlotsInspected: 0,
  },
  runs: DELAYED,
  // no delayed rmap yet, and so no bound of one page batch
  'linux-6.1': {
    ...PAGES,
    forcedFlushes: 1,
    tlbFlushes: 2,
    zapPteRangeCalls: 2,
    rmapSlotsInspected: 0,
  },
})

/** 64 folios of order 4: pcp lists take none. */
export const ORDER_4: ByStrategy = Object.fromEntries(
  Object.entries(ORDER_3).map(([strategy, order3]) => {
    const half = (key: CounterKey): Counts => {
      const count = order3[key] ?? 0
      // per folio, or per range: 64 and the one that is cut
      if (count === 128) return { [key]: 64 }
      if (count === 129) return { [key]: 65 }
      if (count === 256) return { [key]: 128 }
      return { [key]: count }
    }
    return [strategy, Object.assign({}, ...COUNTER_KEYS.map(half)) as Counts]
  }),
)
export const ORDER_4_FREED: ByStrategy = byKind({
  pages: { lruvecLockAcquisitions: 64, memcgUnchargeBatches: 64, zoneLockAcquisitions: 64 },
  ranges: { lruvecLockAcquisitions: 64, memcgUnchargeBatches: 64, zoneLockAcquisitions: 64 },
  runs: { lruvecLockAcquisitions: 3, memcgUnchargeBatches: 3, zoneLockAcquisitions: 64 },
})
export const ORDER_4_QUEUED: ByStrategy = {
  'linux-6.1': { splitLockAcquisitions: 64 },
  'linux-6.5-laf': queued(64, N),
  'range-v1': queued(1, 1),
  'range-v2': queued(1, 1),
  'linux-6.9': queued(64, 64),
}

const PMD: Counts = {
  gatherRecords: 1,
  gatherSlots: 1,
  tlbFlushes: 1,
  freeChunks: 1,
  rmapCalls: 1,
  mapcountAtomics: 1,
  nrPagesMappedAtomics: 1,
  // NR_ANON_THPS and NR_ANON_MAPPED
  statUpdates: 2,
  refcountAtomics: 1,
  swapcacheChecks: 1,
  lruvecLockAcquisitions: 1,
  pcpLockAcquisitions: 1,
  memcgUnchargeBatches: 1,
  ptlAcquisitions: 1,
  foliosFreed: 1,
  pagesFreed: 512,
  depositedTablesFreed: 1,
}
const UNQUEUED: Counts = { deferredSplitRemovals: 1, splitLockAcquisitions: 1 }
export const PMD_MAPPED: ByStrategy = byKind({
  pages: PMD,
  ranges: PMD,
  runs: PMD,
  // split_queue_lock is taken whether the folio is queued or not
  'linux-6.1': { ...PMD, nrPagesMappedAtomics: 0, splitLockAcquisitions: 1 },
  'linux-6.10': { ...PMD, largeMapcountAtomics: 1 },
  'linux-6.12': { ...PMD, ...UNQUEUED, largeMapcountAtomics: 1 },
  'linux-6.18': { ...PMD, ...UNQUEUED, largeMapcountAtomics: 1 },
  'linux-6.18-npm': { ...PMD, ...UNQUEUED, largeMapcountAtomics: 1, nrPagesMappedAtomics: 0 },
})
