/**
 * The closed forms of a teardown's counts, for every strategy and random sizes: one process, one mapping on a 2 MiB
 * boundary, everything on the LRU, one memcg, no bulk free, and a gather that never fills as a whole.
 *
 * Expected values are written from the forms: what fills a batch, and how many entries one lock hold is good for.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { STRATEGIES } from '../../src/index.ts'
import type { CounterKey, ScenarioInput } from '../../src/index.ts'
import { runScenario, scenarioOf } from '../support/run.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20261125)
const RUNS = Number(process.env['FC_RUNS'] ?? 25)
const PTRS_PER_PTE = 512
const IDS = STRATEGIES.map(({ strategy }) => strategy.id)

/** Slots hold a page each; ranges; records of one slot or two, a batch being closed one slot early. */
const PER_PAGE = ['linux-6.1', 'linux-6.5', 'linux-6.5-laf']
const RANGES = ['range-v1', 'range-v2']
const RECORDS = IDS.filter((id) => !PER_PAGE.includes(id) && !RANGES.includes(id))

/** How batches fill: entries of the local batch, of a page batch, and of a gather whose last batch is not full. */
interface Gather {
  local: number
  page: number
  max: number
}

function gatherOf(id: string): Gather {
  if (PER_PAGE.includes(id)) return { local: 8, page: 510, max: 8 + 19 * 510 - 1 }
  if (RANGES.includes(id)) return { local: 8, page: 255, max: 8 + 39 * 255 - 1 }
  return { local: 7, page: 509, max: 7 + 19 * 509 - 1 }
}
/** Records of two slots: 4 of 8, 255 of 510. */
const TWO_SLOTS: Gather = { local: 4, page: 255, max: 4 + 19 * 255 - 1 }

/** A batch is allocated when the one before is full, whether anything follows or not. */
function batchPages(n: number, { local, page }: Gather): number {
  return n < local ? 0 : 1 + Math.floor((n - local) / page)
}

/** The entries of each batch that is not empty, which is a chunk. */
function chunks(n: number, { local, page }: Gather): number[] {
  const filled = [Math.min(n, local)]
  for (let left = n - local; left > 0; left -= page) filled.push(Math.min(left, page))
  return filled
}

/** Lock holds that are good for `each` entries of a chunk. */
function holds(batches: readonly number[], each: number): number {
  return batches.reduce((sum, size) => sum + Math.ceil(size / each), 0)
}

/** Sizes up to `max`, often small and often next to where a batch is full. */
function sizes(max: number, { local, page }: Gather): fc.Arbitrary<number> {
  const full = fc
    .tuple(fc.nat({ max: Math.floor((max - local) / page) }), fc.integer({ min: -1, max: 1 }))
    .map(([batch, off]) => Math.max(1, Math.min(max, local + batch * page + off)))
  return fc.oneof(fc.integer({ min: 1, max: Math.min(40, max) }), full, fc.integer({ min: 1, max }))
}

function countersOf(
  strategy: string,
  pages: number,
  order: number,
  tunables: ScenarioInput['tunables'] = {},
) {
  const vma = { kind: 'anon' as const, pages, folios: [{ order, count: 1 }] }
  // blocks of order 1 to 3 go back to the zone once a batch of them was freed: there is no such batch
  const pcp = { count: 0, high: 65_536, batch: 65_536 }
  const processes = [{ vmas: [vma] }]
  return runScenario(scenarioOf({ strategy, machine: { pcp }, processes, tunables })).counters
}

function forAll(
  what: fc.Arbitrary<number>,
  holdsFor: (n: number) => void,
  runs: number = RUNS,
): void {
  fc.assert(fc.property(what, holdsFor), { seed: SEED, numRuns: runs })
}

/** One visit of each table, one flush at the end. */
function visits(pages: number): Partial<Record<CounterKey, number>> {
  const tables = Math.ceil(pages / PTRS_PER_PTE)
  return {
    ptesCleared: pages,
    pteTables: tables,
    ptlAcquisitions: tables,
    fullBreaks: 0,
    forcedFlushes: 0,
    tlbFlushes: 1,
    pagesFreed: pages,
  }
}

describe.each(IDS)('%s: n pages of order 0', (id) => {
  const gather = gatherOf(id)
  const ofBatches = RECORDS.includes(id)
  const form = (n: number, pagevec: number): Partial<Record<CounterKey, number>> => {
    const batches = chunks(n, gather)
    // slots of release_pages, or folios of a folio_batch
    const locks = holds(batches, ofBatches ? pagevec : 32)
    return {
      ...visits(n),
      gatherRecords: n,
      gatherSlots: n,
      batchPages: batchPages(n, gather),
      freeChunks: batches.length,
      rmapCalls: n,
      mapcountAtomics: n,
      nrPagesMappedAtomics: 0,
      largeMapcountAtomics: 0,
      statUpdates: n,
      refcountAtomics: n,
      swapcacheChecks: n,
      deferredSplitCalls: 0,
      lruvecLockAcquisitions: locks,
      pcpLockAcquisitions: locks,
      zoneLockAcquisitions: 0,
      memcgUnchargeBatches: ofBatches ? locks : batches.length,
      foliosFreed: n,
    }
  }

  test('every counter', () => {
    forAll(sizes(gather.max, gather), (n) => {
      expect(countersOf(id, n, 0)).toMatchObject(form(n, 31))
    })
  })

  test('with a folio_batch of 15', () => {
    forAll(
      sizes(2000, gather),
      (n) => {
        expect(countersOf(id, n, 0, { pagevecSize: 15 })).toMatchObject(form(n, 15))
      },
      10,
    )
  })
})

/** What freeing folios of this order one by one locks: the pcp lists, or the zone. */
function freeLocks(order: number, locks: number, folios: number) {
  const onPcp = order <= 3 || order === 9
  return {
    pcpLockAcquisitions: onPcp ? locks : 0,
    zoneLockAcquisitions: onPcp ? 0 : folios,
  }
}

/** At most so many pages in a test, which keeps it fast. */
const PAGES_MAX = 40_000

describe.each(PER_PAGE)('%s: folios of one large order', (id) => {
  test.each([2, 3, 4, 9])('order %i', (order) => {
    const gather = gatherOf(id)
    const queues = id === 'linux-6.5-laf' || order === 9
    const folios = sizes(Math.floor(gather.max / 2 ** order), { local: 1, page: 64, max: 0 })
    forAll(
      folios,
      (f) => {
        const n = f * 2 ** order
        const inserts = queues ? f : 0
        expect(countersOf(id, n, order)).toMatchObject({
          ...visits(n),
          gatherRecords: n,
          gatherSlots: n,
          batchPages: batchPages(n, gather),
          freeChunks: chunks(n, gather).length,
          rmapCalls: n,
          mapcountAtomics: n,
          nrPagesMappedAtomics: id === 'linux-6.1' ? 0 : n,
          statUpdates: n,
          refcountAtomics: n,
          swapcacheChecks: n,
          // each page that becomes unmapped calls; the first one queues
          deferredSplitCalls: queues ? n : 0,
          deferredSplitInserts: inserts,
          deferredSplitRemovals: inserts,
          // each folio is freed by itself
          lruvecLockAcquisitions: f,
          memcgUnchargeBatches: f,
          ...freeLocks(order, f, f),
          foliosFreed: f,
        })
      },
      8,
    )
  })
})

describe.each(RANGES)('%s: folios of one large order', (id) => {
  test.each([2, 3, 4, 6, 9])('order %i', (order) => {
    const max = Math.min(8 + 39 * 254 - 1, Math.floor(PAGES_MAX / 2 ** order))
    forAll(
      sizes(max, { local: 8, page: 254, max }),
      (f) => {
        // the range that fills a batch has one page; the rest of its folio begins the next
        const fills = f < 8 ? 0 : 1 + Math.floor((f - 8) / 254)
        const ranges = f + fills
        expect(countersOf(id, f * 2 ** order, order)).toMatchObject({
          ...visits(f * 2 ** order),
          gatherRecords: ranges,
          gatherSlots: ranges,
          batchPages: fills,
          freeChunks: 1 + fills,
          rmapCalls: ranges,
          mapcountAtomics: f * 2 ** order,
          nrPagesMappedAtomics: ranges,
          statUpdates: ranges,
          refcountAtomics: ranges,
          swapcacheChecks: ranges,
          // spurious: at the first piece of a cut folio the second is still mapped
          deferredSplitCalls: fills,
          deferredSplitInserts: fills,
          deferredSplitRemovals: fills,
          splitLockAcquisitions: 2 * fills,
          lruvecLockAcquisitions: f,
          memcgUnchargeBatches: f,
          ...freeLocks(order, f, f),
          foliosFreed: f,
        })
      },
      10,
    )
  })
})

describe.each(RECORDS)('%s: folios of one large order', (id) => {
  const perPage = ['linux-6.9', 'linux-6.10'].includes(id)
  const npm = id === 'linux-6.18-npm'
  test.each([1, 2, 3, 4, 9])('order %i', (order) => {
    const max = Math.min(TWO_SLOTS.max, Math.floor(PAGES_MAX / 2 ** order))
    forAll(
      sizes(max, { ...TWO_SLOTS, max }),
      (r) => {
        const n = r * 2 ** order
        const batches = chunks(r, TWO_SLOTS)
        const locks = holds(batches, 31)
        // v6.9 queues what is not mapped any more too; order 1 has no room for the list
        const inserts = id === 'linux-6.9' && order > 1 ? r : 0
        expect(countersOf(id, n, order, { thpQueuedAtFault: false })).toMatchObject({
          ...visits(n),
          gatherRecords: r,
          gatherSlots: 2 * r,
          batchPages: batchPages(r, TWO_SLOTS),
          freeChunks: batches.length,
          rmapCalls: r,
          mapcountAtomics: npm ? 0 : n,
          nrPagesMappedAtomics: npm ? 0 : perPage ? n : r,
          largeMapcountAtomics: id === 'linux-6.9' ? 0 : r,
          statUpdates: r,
          refcountAtomics: r,
          swapcacheChecks: r,
          deferredSplitInserts: inserts,
          deferredSplitRemovals: inserts,
          splitLockAcquisitions: 2 * inserts,
          lruvecLockAcquisitions: locks,
          memcgUnchargeBatches: locks,
          ...freeLocks(order, locks, r),
          foliosFreed: r,
        })
      },
      10,
    )
  })
})
