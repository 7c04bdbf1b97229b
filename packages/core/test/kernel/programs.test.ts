/**
 * Programs on one thread, with counts worked out by hand from the rules of the kernel: faults, forks, copies, charges,
 * allocation, reclaim.
 */
import { describe, expect, test } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  collectEvents,
  cpuAddress,
  createMachine,
  parseScenario,
  populate,
  strategyOf,
  verify,
} from '../../src/index.ts'
import type { ProgramStepInput, ScenarioInput, VmaInput } from '../../src/index.ts'
import { exitMm } from '../../src/kernel/exit.ts'
import {
  CPU_STOCK_PAGES,
  MEMCG_USAGE,
  LRUVEC_WORDS,
  MEMCG_WORDS,
} from '../../src/machine/layout.ts'
import { CPU_BASE, LRUVEC_BASE, MEMCG_BASE, MM_BASE } from '../../src/machine/globals.ts'
import { load } from '../../src/machine/memory.ts'
import { shrinkInactiveList } from '../../src/mm/vmscan.ts'
import { type Ran, runScenario } from '../support/run.ts'

/** One process with this program, run and verified. */
function run(
  program: ProgramStepInput[],
  vmas: VmaInput[] = [],
  keys: Partial<ScenarioInput> = {},
): Ran {
  return runScenario(
    parseScenario({
      schema: 'mmgather/scenario@1',
      strategy: 'linux-6.5-laf',
      ...keys,
      processes: [{ vmas, program }],
    }),
  )
}

describe('page_fault2 (128 MiB, order 0)', () => {
  const loop = (times: number): ProgramStepInput[] => [
    {
      repeat: {
        times,
        steps: [{ mmap: { pages: 32_768 } }, { touch: { vma: 0 } }, { munmap: { vma: 0 } }],
      },
    },
  ]

  /*
   * Adds: 32,768 pages in batches of 15 are 2,184 full ones, and the 8 pages left are drained at the munmap: 2,185 holds.
   * Frees, one hold for 32 slots of a chunk. A gather of encoded pages has 8 + 19 * 510 = 9,698 slots: chunks of 8 (1 hold)
   * and 19 of 510 (16 holds each), 305 holds; it is full 3 times (29,094 pages), and 3,674 pages are left: 8 (1 hold), 7
   * chunks of 510 (112), one of 96 (3): 116. In all 3 * 305 + 116 = 1,031.
   */
  test.each(['linux-6.5', 'linux-6.5-laf'])('%s: lruvec holds', (strategy) => {
    const { counters, events } = run(loop(2), [], { strategy })
    expect(events.lruAddBatchesMoved).toBe(2 * 2185)
    expect(counters.lruvecLockAcquisitions).toBe(2 * (2185 + 1031))
    expect(counters).toMatchObject({
      ptesCleared: 65_536,
      fullBreaks: 2 * 3,
      tlbFlushes: 2 * 4,
      batchPages: 2 * 19,
      freeChunks: 2 * (3 * 20 + 9),
      memcgUnchargeBatches: 2 * (3 * 20 + 9),
      // of the gather, and of the lru_add batches
      refcountAtomics: 2 * 65_536,
      // a fault for each page, pmd_install and a visit for each table, and one visit more for each full gather
      ptlAcquisitions: 2 * (32_768 + 64 + 64 + 3),
      foliosFreed: 65_536,
    })
  })

  /* Ranges of one page: 8 + 39 * 255 = 9,953 slots, chunks of 8 (1) and 255 (8 each); 2,909 pages are left: 1 + 11 * 8 + 3. */
  test('range-v1: lruvec holds', () => {
    const { counters } = run(loop(1), [], { strategy: 'range-v1' })
    expect(counters.lruvecLockAcquisitions).toBe(2185 + 3 * (1 + 39 * 8) + 92)
  })

  test('what faults allocate', () => {
    const { events, counters } = run(loop(2))
    expect(events).toMatchObject({
      pageFaults: 65_536,
      ptesMapped: 65_536,
      foliosAllocated: 65_536,
      pagesAllocated: 65_536,
      // 64 PTE tables, a PMD page, a PUD page
      pageTablesAllocated: 2 * 66,
      pageTablesFreed: 2 * 66,
      memcgCharges: 65_536 / 64,
    })
    expect(counters.statUpdates).toBe(2 * 65_536)
  })
})

describe('large folios', () => {
  test('order 4: a fault, a batch and a charge for each; the zone lock each way', () => {
    const { counters, events } = run([{ mmap: { pages: 1024, order: 4 } }, { touch: { vma: 0 } }])
    expect(events).toMatchObject({
      pageFaults: 64,
      foliosAllocated: 64,
      pagesAllocated: 1024,
      ptesMapped: 1024,
      lruAddBatchesMoved: 64,
      // four folios of 16 pages from a stock of 64
      memcgCharges: 16,
    })
    expect(counters).toMatchObject({
      lruvecLockAcquisitions: 2 * 64,
      pcpLockAcquisitions: 0,
      // and one refill of the pcp list for the page tables beyond the 63 that it has: none
      zoneLockAcquisitions: 2 * 64,
      foliosFreed: 64,
    })
  })

  test('only where they fit: the ends of the VMA and pages that are there', () => {
    const { events } = run([
      { mmap: { pages: 20, order: 3 } },
      // page 9 first as one of a folio of 8, which pages 8 to 15 fill
      { touch: { vma: 0, from: 9, pages: 1 } },
      { touch: { vma: 0 } },
    ])
    // folios of 8 over 0 and 8; 16 to 19 do not hold one
    expect(events).toMatchObject({ foliosAllocated: 6, pagesAllocated: 20, pageFaults: 6 })
  })

  test('a page that is there keeps a folio away', () => {
    const { events } = run(
      [{ touch: { vma: 0 } }],
      [{ kind: 'anon', pages: 8, holes: { from: 1, every: 8, length: 7 } }],
    )
    expect(events).toMatchObject({ foliosAllocated: 7, ptesMapped: 7 })
  })

  test('orders on the pcp lists are refilled by batch >> order', () => {
    const { counters } = run([{ mmap: { pages: 512, order: 2 } }, { touch: { vma: 0 } }], [], {
      machine: { pcp: { batch: 63, high: 60_000 } },
    })
    // 128 folios, 15 for each refill: 9; and no bulk free below high
    expect(counters.zoneLockAcquisitions).toBe(9)
    expect(counters.pcpLockAcquisitions).toBe(128 + 128)
  })
})

describe('read faults', () => {
  test('map the zero page, which a write replaces', () => {
    const { counters, events } = run([
      { mmap: { pages: 50, order: 2 } },
      { touch: { vma: 0, write: false } },
      { touch: { vma: 0, write: false } },
      { touch: { vma: 0, pages: 10 } },
    ])
    expect(events).toMatchObject({
      pageFaults: 60,
      ptesMapped: 10,
      foliosAllocated: 10,
      cowCopies: 0,
    })
    expect(counters.ptesCleared).toBe(10)
  })
})

describe('fork', () => {
  test('shares all, copies what is written, reuses what is alone again', () => {
    const { counters, events } = run(
      [{ fork: { program: [{ touch: { vma: 0, pages: 10 } }] } }, { touch: { vma: 0, pages: 25 } }],
      [{ kind: 'anon', pages: 100 }],
    )
    expect(events).toMatchObject({
      forks: 1,
      ptesCopied: 100,
      ptesMapped: 100,
      cowCopies: 10,
      cowReuses: 25,
      pageFaults: 35,
      foliosAllocated: 10,
      pageTablesAllocated: 3,
    })
    expect(counters).toMatchObject({
      // the child's 100, the parent's 100
      ptesCleared: 200,
      // and the 10 pages whose copies took their place
      rmapCalls: 210,
      mapcountAtomics: 210,
      foliosFreed: 110,
      // of the fork, of each copy, of two exits
      tlbFlushes: 1 + 10 + 2,
    })
  })

  test('a large folio was shared once: its pages are copied, and the last keeps the folio', () => {
    const { counters, events } = run([
      { mmap: { pages: 64, order: 4 } },
      { touch: { vma: 0 } },
      { fork: { program: [{ delay: { ns: 5 } }] } },
      { touch: { vma: 0 } },
    ])
    // the folio has a reference for each page that is mapped: alone is only the last one
    expect(events).toMatchObject({ cowCopies: 60, cowReuses: 4, foliosAllocated: 4 + 60 })
    // queued when the first page is unmapped
    expect(counters).toMatchObject({ deferredSplitInserts: 4, deferredSplitRemovals: 4 })
    expect(counters.foliosFreed).toBe(64)
  })

  test('a child maps, unmaps and leaves nothing to its parent', () => {
    const { events, counters } = run([
      { mmap: { pages: 30 } },
      { touch: { vma: 0 } },
      {
        repeat: {
          times: 3,
          steps: [
            {
              fork: {
                program: [
                  { munmap: { vma: 0, from: 10, pages: 10 } },
                  { mmap: { pages: 600, order: 3 } },
                  { touch: { vma: 1, pages: 77 } },
                ],
              },
            },
          ],
        },
      },
    ])
    expect(events).toMatchObject({ forks: 3, ptesCopied: 90, cowCopies: 0 })
    expect(events.pagesAllocated).toBe(30 + 3 * 80)
    expect(counters.ptesCleared).toBe(30 + 3 * (30 + 80))
  })

  test('memory that is swapped, huge or moving is not copied but refused; file mappings fault in again', () => {
    const { events } = run(
      [{ fork: { program: [{ delay: { ns: 1 } }] } }],
      [
        { kind: 'file', file: 'f', pages: 40 },
        { kind: 'pfnmap', pages: 40 },
      ],
      { files: [{ name: 'f', pages: 40 }] },
    )
    expect(events).toMatchObject({ forks: 1, ptesCopied: 0 })
  })

  test('processes that share folios copy them: they are write-protected', () => {
    const { events, counters } = runScenario(
      parseScenario({
        schema: 'mmgather/scenario@1',
        strategy: 'linux-6.5-laf',
        processes: [
          {
            count: 3,
            share: 3,
            vmas: [{ kind: 'anon', pages: 40 }],
            program: [{ touch: { vma: 0, pages: 10 } }],
          },
        ],
      }),
    )
    // one after the other on one CPU: the last is alone
    expect(events).toMatchObject({ cowCopies: 20, cowReuses: 10 })
    expect(counters.foliosFreed).toBe(60)
  })
})

describe('memcg charges', () => {
  test('in batches, and the rest of the last one stays in the stock', () => {
    const { events, machine } = run([{ mmap: { pages: 100 } }, { touch: { vma: 0 } }])
    bindMachine(machine)
    expect(events.memcgCharges).toBe(2)
    expect(load(CPU_BASE + CPU_STOCK_PAGES)).toBe(28)
    // main is memcg 2, its parent the root
    expect(load(MEMCG_BASE + 2 * MEMCG_WORDS + MEMCG_USAGE)).toBe(28)
    expect(load(MEMCG_BASE + MEMCG_WORDS + MEMCG_USAGE)).toBe(28)
  })

  test('another memcg drains the stock; folios larger than a batch are charged as they are', () => {
    const { events, machine } = run([
      { mmap: { pages: 10, memcg: 'a' } },
      { touch: { vma: 0 } },
      { mmap: { pages: 512, order: 9, memcg: 'b' } },
      { touch: { vma: 1 } },
      { mmap: { pages: 10, memcg: 'root' } },
      { touch: { vma: 2 } },
      { mmap: { pages: 10, memcg: 'b' } },
      { touch: { vma: 3 } },
    ])
    bindMachine(machine)
    // 64 for a, 512 for b, none for the root, 64 for b
    expect(events.memcgCharges).toBe(3)
    expect(load(CPU_BASE + CPU_STOCK_PAGES)).toBe(54)
  })

  test('gathered page tables are charged, too', () => {
    const { counters } = run([{ mmap: { pages: 10 } }, { touch: { vma: 0 } }], [], {
      machine: { pageTables: 'gathered' },
    })
    expect(counters.foliosFreed).toBe(10 + 3)
  })
})

describe('reclaim', () => {
  test('isolates SWAP_CLUSTER_MAX pages a round and puts them back', () => {
    const { counters, events } = run([
      { mmap: { pages: 100 } },
      { touch: { vma: 0 } },
      { reclaim: { memcg: 'main', rounds: 3 } },
    ])
    expect(events).toMatchObject({ reclaimRounds: 3, reclaimIsolated: 96, reclaimFreed: 0 })
    // 6 full batches, 1 drained by the first round; 2 for each round; frees: 8 slots and 92
    expect(counters.lruvecLockAcquisitions).toBe(7 + 6 + 1 + 3)
  })

  test('an empty list is looked at once a round', () => {
    const { counters, events } = run([{ reclaim: { memcg: 'main', rounds: 5 } }])
    expect(events).toMatchObject({ reclaimRounds: 5, reclaimIsolated: 0 })
    expect(counters.lruvecLockAcquisitions).toBe(5)
  })

  test.each([0, 3])('frees what loses its last other reference meanwhile (order %i)', (order) => {
    const scenario = parseScenario({
      schema: 'mmgather/scenario@1',
      machine: { cpus: 2 },
      processes: [{ vmas: [{ kind: 'anon', pages: 64, folios: [{ order }] }] }],
    })
    const machine = createMachine(scenario)
    const census = populate(machine, scenario)
    bindMachine(machine)
    const strategy = strategyOf(scenario)
    let looks = 0
    // while CPU 1 holds what it has isolated, CPU 0 runs the exit
    const clockNs = (): number => {
      if (looks++ === 1) exitMm(cpuAddress(0), MM_BASE, strategy)
      return looks * 1000
    }
    bindLiveCpu({ cpu: cpuAddress(1), clockNs })
    shrinkInactiveList(cpuAddress(1), LRUVEC_BASE + LRUVEC_WORDS, 5000)
    bindLiveCpu({ cpu: cpuAddress(0) })
    expect(verify(machine, census)).toEqual([])
    expect(collectEvents(machine)).toMatchObject({ reclaimFreed: 32 >> order })
    expect(collectCounters(machine)).toMatchObject({ foliosFreed: 64 >> order, pagesFreed: 64 })
  })
})
