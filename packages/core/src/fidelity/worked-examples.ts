/**
 * The worked examples of the behavioural specification, every counter, for every strategy.
 *
 * Owns the expected counts, worked by hand from the rules of each kernel. Standard conditions: the mapping starts on a
 * 2 MiB boundary, folios in natural order, one memcg, everything on the LRU, no bulk free, the gather's pages from a
 * reserve, page tables freed outside the gather. A counter that is not named is 0.
 */

import { COUNTER_KEYS, type CounterKey, type EventKey } from '../machine/counters.ts'
import { parseScenario } from '../scenario/parse-scenario.ts'
import type { ScenarioInput, VmaInput } from '../scenario/input.ts'
import type { Scenario } from '../scenario/scenario.ts'

type Counts = Partial<Record<CounterKey | EventKey, number>>

export interface WorkedExample {
  /** The example's number in the specification, and its part. */
  readonly workload: string
  readonly title: string
  readonly strategy: string
  readonly scenario: Scenario
  /** The CPU whose counts these are: CPUs run one after the other. */
  readonly cpu: number
  /** Every counter, and events where the example names some. */
  readonly expected: Readonly<Record<string, number>>
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

/** One row for each strategy: what differs between them. */
type ByStrategy = Readonly<Record<string, Counts>>

/** Small pages: 8, 510, 506 slots; 8, 4 * 255 and one more; 7, 509, 508. */
const SMALL: ByStrategy = byKind({
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
const SMALL_FREED: Counts = { foliosFreed: N, pagesFreed: N }

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
const ORDER_3: ByStrategy = {
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
const ORDER_3_FREED: ByStrategy = byKind({
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

const ORDER_3_QUEUED: ByStrategy = {
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
const HALF: ByStrategy = {
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
const HALF_QUEUED: ByStrategy = byKind({
  pages: { deferredSplitCalls: 256, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  ranges: { deferredSplitCalls: 1, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  runs: { deferredSplitCalls: 1, deferredSplitInserts: 1, splitLockAcquisitions: 1 },
  'linux-6.12': FLAGGED,
  'linux-6.18': FLAGGED,
  'linux-6.18-npm': FLAGGED,
})
/** The second half: calls that find the folio queued, and what is counted when the folio is freed. */
const SECOND_HALF_CALLS: Readonly<Record<string, number>> = {
  'linux-6.1': 256,
  'linux-6.5': 256,
  'linux-6.5-laf': 256,
  'linux-6.9': 1,
}
const THP_FREED: Counts = {
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
const DIRTY: ByStrategy = byKind({
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
const ORDER_4: ByStrategy = Object.fromEntries(
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
const ORDER_4_FREED: ByStrategy = byKind({
  pages: { lruvecLockAcquisitions: 64, memcgUnchargeBatches: 64, zoneLockAcquisitions: 64 },
  ranges: { lruvecLockAcquisitions: 64, memcgUnchargeBatches: 64, zoneLockAcquisitions: 64 },
  runs: { lruvecLockAcquisitions: 3, memcgUnchargeBatches: 3, zoneLockAcquisitions: 64 },
})
const ORDER_4_QUEUED: ByStrategy = {
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
const PMD_MAPPED: ByStrategy = byKind({
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

/** The strategies by how they gather, in the order of their versions. */
const KINDS: Readonly<Record<string, 'pages' | 'ranges' | 'runs'>> = {
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
function byKind(rows: Readonly<Record<string, Counts>>): ByStrategy {
  return Object.fromEntries(
    Object.entries(KINDS).map(([strategy, kind]) => [strategy, rows[strategy] ?? rows[kind] ?? {}]),
  )
}

type Rest = Omit<ScenarioInput, 'schema' | 'strategy'>

/** An example's rows, one for each strategy. */
function example(
  workload: string,
  title: string,
  rest: Rest,
  cpu: number,
  ...parts: readonly ByStrategy[]
): WorkedExample[] {
  return Object.keys(KINDS).map((strategy) => {
    const zero = Object.fromEntries(COUNTER_KEYS.map((key) => [key, 0]))
    const expected = Object.assign({}, zero, ...parts.map((part) => part[strategy])) as Record<
      string,
      number
    >
    const scenario = parseScenario({
      schema: 'mmgather/scenario@1',
      name: `${workload}: ${title}`,
      strategy,
      ...rest,
      machine: { pcp: { count: 0, high: 65_536 }, gatherPages: 'reserve', ...rest.machine },
    })
    return { workload, title, strategy, scenario, cpu, expected }
  })
}

/** The same counts for every strategy. */
function all(counts: Counts): ByStrategy {
  return byKind({ pages: counts, ranges: counts, runs: counts })
}

/** Sums of several rows of each strategy. */
function sum(...parts: readonly ByStrategy[]): ByStrategy {
  return Object.fromEntries(
    Object.keys(KINDS).map((strategy) => {
      const total: Record<string, number> = {}
      for (const part of parts) {
        for (const [key, count] of Object.entries(part[strategy] ?? {}))
          total[key] = (total[key] ?? 0) + count
      }
      return [strategy, total]
    }),
  )
}

const exit = (vma: Partial<VmaInput>): Rest => ({
  processes: [{ vmas: [{ kind: 'anon', pages: N, ...vma } as VmaInput] }],
})
const order3 = { folios: [{ order: 3 }] }
const thp = { pages: 512, folios: [{ order: 9 }] }
const halves = (...from: number[]): Rest => ({
  ...exit(thp),
  teardown: from.map((at) => ({ munmap: { vma: 0, from: at, pages: 256 } })),
})
const forked: Rest = {
  machine: { cpus: 2 },
  processes: [{ count: 2, share: 2, vmas: [{ kind: 'anon', pages: N, ...order3 }] }],
}
const dirtyFile: Rest = {
  files: [{ name: 'data', pages: N }],
  processes: [{ vmas: [{ kind: 'file', file: 'data', pages: N, dirty: { from: 512, every: 1 } }] }],
}
const freed128 = all({ foliosFreed: 128, pagesFreed: N })
const secondCalls = Object.fromEntries(
  Object.entries(SECOND_HALF_CALLS).map(([id, calls]) => [id, { deferredSplitCalls: calls }]),
)
/** With CONFIG_NO_PAGE_MAPCOUNT all 512 pages become unmapped for the statistics with the last. */
const lateStat: ByStrategy = { 'linux-6.18-npm': { statUpdates: 1 } }

/** Every example of every strategy. */
export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  ...example('G.2', '1,024 order-0 pages', exit({}), 0, SMALL, all(SMALL_FREED)),
  ...example(
    'G.3',
    '128 order-3 folios',
    exit(order3),
    0,
    ORDER_3,
    ORDER_3_FREED,
    ORDER_3_QUEUED,
    freed128,
  ),
  ...example('G.4', 'the first half of a PTE-mapped THP', halves(0), 0, HALF, HALF_QUEUED),
  ...example(
    'G.4/both',
    'both halves, one after the other',
    halves(0, 256),
    0,
    sum(HALF, HALF, HALF_QUEUED, secondCalls, lateStat, all(THP_FREED)),
  ),
  ...example(
    'G.5/first',
    '128 order-3 folios shared by fork, the first exit',
    forked,
    0,
    ORDER_3,
    // nothing becomes unmapped; the range strategies subtract 0
    all({ statUpdates: 0 }),
    Object.fromEntries(
      Object.entries(KINDS)
        .filter(([, kind]) => kind !== 'ranges')
        .map(([id]) => [id, { nrPagesMappedAtomics: 0 }]),
    ),
  ),
  ...example(
    'G.5/second',
    'the second exit',
    forked,
    1,
    ORDER_3,
    ORDER_3_FREED,
    ORDER_3_QUEUED,
    freed128,
  ),
  ...example('G.6', 'a clean and a dirty table of a file', dirtyFile, 0, DIRTY),
  ...example(
    'G.9',
    '64 order-4 folios',
    exit({ folios: [{ order: 4 }] }),
    0,
    ORDER_4,
    ORDER_4_FREED,
    ORDER_4_QUEUED,
    all({ foliosFreed: 64, pagesFreed: N }),
  ),
  ...example('G.13', 'one PMD-mapped THP', exit({ ...thp, mapped: 'pmd' }), 0, PMD_MAPPED),
]
