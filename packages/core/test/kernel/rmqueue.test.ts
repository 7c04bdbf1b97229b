/** Allocating pages: orders, the lists they come from, and what happens when the zone runs dry. */
import { beforeEach, describe, expect, test } from 'vitest'

import {
  bindLiveCpu,
  bindMachine,
  collectCounters,
  cpuAddress,
  createMachine,
  type Machine,
  parseScenario,
  populate,
  verify,
} from '../../src/index.ts'
import { ZONE } from '../../src/machine/globals.ts'
import {
  MAX_ORDER,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LOCK,
  PG_HEAD,
  PG_MOVABLE,
  ZONE_FREE_PAGES,
} from '../../src/machine/layout.ts'
import { load, store } from '../../src/machine/memory.ts'
import { folioOrder, pageFolio, pageToPfn } from '../../src/machine/page.ts'
import { freeThePage } from '../../src/mm/page-alloc.ts'
import { allocKernelPage, folioAlloc, getFreePage } from '../../src/mm/rmqueue.ts'

let machine: Machine
let cpu = 0
const zoneFree = (): number => load(ZONE + ZONE_FREE_PAGES)

const scenario = parseScenario({
  schema: 'mmgather/scenario@1',
  machine: { pcp: { batch: 31, high: 500, count: 20 } },
  processes: [{ program: [{ mmap: { pages: 64 } }, { touch: { vma: 0 } }] }],
})

beforeEach(() => {
  machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  cpu = cpuAddress(0)
  bindLiveCpu({ cpu })
})

describe('a folio of order', () => {
  test.each([0, 1, 2, 3, 4, 8, 9, 10])(
    '%i comes aligned, compound, with one reference, and goes back',
    (order) => {
      const census = populate(machine, scenario)
      const free = zoneFree() + load(cpu + PCP_COUNT)
      const folio = folioAlloc(cpu, order)
      expect(pageToPfn(folio) % (1 << order)).toBe(0)
      expect(load(folio + PAGE_FLAGS)).toBe(order === 0 ? PG_MOVABLE : PG_MOVABLE | PG_HEAD)
      expect(load(folio + PAGE_REFCOUNT)).toBe(1)
      expect(folioOrder(folio)).toBe(order)
      expect(pageFolio(folio + PAGE_WORDS * ((1 << order) - 1))).toBe(folio)
      expect(zoneFree() + load(cpu + PCP_COUNT)).toBe(free - (1 << order))
      store(folio + PAGE_REFCOUNT, 0)
      freeThePage(cpu, folio, order)
      expect(zoneFree() + load(cpu + PCP_COUNT)).toBe(free)
      // freed, and never counted as allocated by a fault
      const rules = verify(machine, census).map(({ rule }) => rule)
      expect(rules).toEqual(['pgfree-conserved', 'pgalloc-conserved'])
    },
  )
})

test('refills: 31 pages, 31 >> order folios, at least 2', () => {
  const taken = (order: number): number => {
    const before = zoneFree()
    folioAlloc(cpu, order)
    return (before - zoneFree()) >> order
  }
  expect([0, 1, 2, 3, 9].map(taken)).toEqual([31, 15, 7, 3, 2])
  expect(collectCounters(machine).zoneLockAcquisitions).toBe(5)
})

test('a pcp lock that is taken: the zone itself', () => {
  store(cpu + PCP_LOCK, 1)
  const before = zoneFree()
  expect(folioAlloc(cpu, 0)).not.toBe(0)
  expect(zoneFree()).toBe(before - 1)
  expect(collectCounters(machine)).toMatchObject({
    pcpLockAcquisitions: 0,
    zoneLockAcquisitions: 1,
  })
  // GFP_NOWAIT has only the list
  expect(getFreePage(cpu)).toBe(0)
})

test('a zone that runs dry: large folios first, the lists of the CPU last', () => {
  while (folioAlloc(cpu, MAX_ORDER) !== 0);
  expect(zoneFree()).toBe(0)
  expect([9, 3, 1].map((order) => folioAlloc(cpu, order))).toEqual([0, 0, 0])
  // 20 unmovable pages of the CPU: drained for user memory
  expect(load(cpu + PCP_COUNT)).toBe(20)
  const pages = Array.from({ length: 10 }, () => folioAlloc(cpu, 0))
  expect(new Set(pages).size).toBe(10)
  expect(pages).not.toContain(0)
  const tables = Array.from({ length: 10 }, () => allocKernelPage(cpu))
  expect(tables).not.toContain(0)
  expect(folioAlloc(cpu, 0)).toBe(0)
  expect(allocKernelPage(cpu)).toBe(0)
})
