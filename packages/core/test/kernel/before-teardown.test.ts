/**
 * What real machines have when teardown starts: folios in lru_add batches, memcg stocks, page tables of the root memcg,
 * CPUs that are asked to reschedule. Worked by hand.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ProcessGroupInput, ScenarioInput, VmaInput } from '../../src/index.ts'
import { CPU_STOCK_PAGES } from '../../src/machine/layout.ts'
import { runScenario, scenarioOf } from '../support/run.ts'

const anon = (pages: number, more: Partial<VmaInput> = {}) =>
  ({ kind: 'anon', pages, ...more }) as VmaInput

function run(vmas: VmaInput[], group: Partial<ProcessGroupInput>, more: Partial<ScenarioInput>) {
  return runScenario(
    scenarioOf({
      strategy: 'linux-6.5',
      ...more,
      machine: { pageTables: 'gathered', ...more.machine },
      processes: [{ ...group, vmas }],
    }),
  )
}

describe('lruAdd: pending', () => {
  const exit = (vmas: VmaInput[], lruAdd: 'pending' | 'drained') => run(vmas, { lruAdd }, {})

  test.each([
    [14, 14],
    [15, 0],
    [16, 1],
    [31, 1],
  ])('%i pages: %i of them wait', (pages, waiting) => {
    const drained = exit([anon(pages)], 'drained')
    const pending = exit([anon(pages)], 'pending')
    const moved = waiting > 0 ? 1 : 0
    expect(pending.events.lruAddBatchesMoved).toBe(moved)
    expect(pending.counters).toEqual({
      ...drained.counters,
      lruvecLockAcquisitions: drained.counters.lruvecLockAcquisitions + moved,
      // the batch's own references
      refcountAtomics: drained.counters.refcountAtomics + waiting,
    })
  })

  test('a large folio moves all', () => {
    const { events } = exit([anon(7), anon(4, { folios: [{ order: 2 }] })], 'pending')
    expect(events.lruAddBatchesMoved).toBe(0)
  })

  test('pages of a VMA that stays are moved too', () => {
    const teardown: ProcessGroupInput['teardown'] = [{ munmap: { vma: 0, pages: 32 } }]
    const ran = run([anon(32), anon(3)], { lruAdd: 'pending', teardown }, {})
    // 35 = 2 * 15 + 5: two of the first VMA and the three of the second
    expect(ran.counters.refcountAtomics).toBe(32 + 1 + 5)
    expect(ran.counters.pagesFreed).toBe(32 + 1)
  })

  test('shared memory waits with who touches it first; files are in the page cache already', () => {
    const waiting = (shmem: boolean, maps: number) => {
      const vma: VmaInput = { kind: 'file', file: 'f', pages: 7 }
      const more = { files: [{ name: 'f', pages: 7, shmem }] }
      const vmas = Array.from({ length: maps }, () => vma)
      const refs = (lruAdd: 'pending' | 'drained') =>
        run(vmas, { lruAdd }, more).counters.refcountAtomics
      return refs('pending') - refs('drained')
    }
    expect([waiting(true, 1), waiting(true, 2), waiting(false, 1)]).toEqual([7, 7, 0])
  })

  test('as many as the pagevec leaves over', () => {
    const pages = fc.integer({ min: 1, max: 41 })
    fc.assert(
      fc.property(pages, pages, fc.nat(3), (before, after, large) => {
        const vmas = [anon(before)]
        if (large > 0) vmas.push(anon(4 * large, { folios: [{ order: 2 }] }))
        vmas.push(anon(after))
        const drained = exit(vmas, 'drained').counters.refcountAtomics
        const added = large > 0 ? after : before + after
        expect(exit(vmas, 'pending').counters.refcountAtomics - drained).toBe(added % 15)
      }),
      { numRuns: 60 },
    )
  })
})

describe('memcgs of page tables', () => {
  const memcgs = (memcg: string, tableMemcg: string) =>
    run([anon(4, { tableMemcg })], { memcg }, {}).counters

  test('those of a memcg are uncharged with the pages', () => {
    // one chunk of 7: four pages and three tables, a run
    expect(memcgs('a', 'a').memcgUnchargeBatches).toBe(1)
    // freed last first: tables of b, then pages of a
    expect(memcgs('a', 'b').memcgUnchargeBatches).toBe(2)
  })

  test('those of the root memcg carry none: they neither start nor end a run', () => {
    expect(memcgs('a', 'root').memcgUnchargeBatches).toBe(1)
    // pages of the root memcg are a run, whose counter nobody touches
    expect(memcgs('root', 'root').memcgUnchargeBatches).toBe(1)
    expect(memcgs('root', 'a').memcgUnchargeBatches).toBe(2)
  })
})

describe('deposited page tables', () => {
  const thps = (n: number, memcgStock: number) =>
    run(
      [anon(512 * n, { mapped: 'pmd', folios: [{ order: 9 }] })],
      { memcg: 'a' },
      { machine: { memcgStock } },
    )

  test.each([
    // at the 65th page the stock goes to the counter, all of it
    [64, 0, 64],
    [65, 0, 0],
    [64, 64, 63],
    [10, 54, 64],
    [10, 55, 0],
    [130, 0, 0],
  ])('%i tables and %i pages in stock: %i stay', (n, before, after) => {
    const { machine, events } = thps(n, before)
    expect(events.depositedTablesFreed).toBe(n)
    const stock = machine.globals.CPU_BASE + CPU_STOCK_PAGES
    expect(machine.words[stock]).toBe(after)
  })
})

describe('TLB flushes that reach the CPU', () => {
  // 9,698 slots fill the gather
  const full = anon(9699)

  test('munmap: every effective one', () => {
    const teardown: ProcessGroupInput['teardown'] = [{ munmap: { vma: 0, pages: 9699 } }]
    const { counters, events } = run([full], { teardown }, {})
    expect([counters.tlbFlushes, events.tlbFlushesLocal]).toEqual([2, 2])
  })

  test('exit: the first finds the CPU in lazy TLB mode, the others do not find it', () => {
    const { counters, events } = run([full], {}, {})
    expect([counters.tlbFlushes, events.tlbFlushesLocal]).toEqual([2, 1])
  })
})

describe('a page table that makes the gather full', () => {
  test('is flushed there: no table visit is forced to, or seen again', () => {
    // 9,698 slots: 9,690 pages and eight of the 21 tables
    const teardown: ProcessGroupInput['teardown'] = [{ munmap: { vma: 0, pages: 9690 } }]
    const { counters, events } = run([anon(9690)], { teardown }, {})
    expect(counters).toMatchObject({ fullBreaks: 0, forcedFlushes: 0, tlbFlushes: 2 })
    // local and 19 batch pages, then the local one and a batch page for the other 13 tables
    expect(counters.freeChunks).toBe(20 + 2)
    expect(events.zapPteRangeCalls).toBe(19)
    expect(counters.foliosFreed).toBe(9690 + 21)
  })
})

describe('young pages of a file', () => {
  const unmap = (referenced: 'all' | 'none') =>
    run(
      [{ kind: 'file', file: 'f', pages: 40, young: 'all' }],
      {},
      { files: [{ name: 'f', pages: 40, referenced }] },
    )

  test('that were referenced before are activated, a batch at a time', () => {
    const { events, counters } = unmap('all')
    // two full batches under the ptl, the other 10 at the next drain: a lock for each, and none to free anything
    expect(counters.lruvecLockAcquisitions).toBe(3)
    expect(events.lruAddBatchesMoved).toBe(0)
    expect(unmap('none').counters.lruvecLockAcquisitions).toBe(0)
  })
})

describe('needReschedMean', () => {
  const breaks = (seed: number, needReschedMean: number) =>
    run([anon(20_000)], {}, { seed, tunables: { needReschedMean } }).events

  test('the same seed gives the same breaks, another one others', () => {
    expect(breaks(7, 50)).toEqual(breaks(7, 50))
    const counts = [1, 2, 3, 4, 5].map((seed) => breaks(seed, 50).needReschedCalls)
    expect(new Set(counts).size).toBeGreaterThan(1)
  })

  test('as often as the mean says', () => {
    // 20,000 questions and as many again as there are breaks; 3 standard deviations are below 10 %
    const { needReschedCalls } = breaks(1, 20)
    expect(needReschedCalls).toBeGreaterThan(900)
    expect(needReschedCalls).toBeLessThan(1150)
  })

  test('the least mean comes to an end', () => {
    expect(breaks(1, 2).zapPteRangeCalls).toBeGreaterThan(breaks(1, 50).zapPteRangeCalls)
  })
})
