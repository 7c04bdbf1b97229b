/**
 * When the lists of a CPU give pages back, and how many, by the rules of each version: worked by hand for one CPU that
 * frees without allocating (the gather's own pages come from the reserve).
 */
import { expect, test } from 'vitest'

import {
  collectEvents,
  createMachine,
  findStrategy,
  parseScenario,
  populate,
  runOneCpu,
  verify,
} from '../../src/index.ts'
import type { Machine, PcpConfigInput, VmaInput } from '../../src/index.ts'
import { bindMachine } from '../../src/machine/machine.ts'
import {
  PCP_COUNT,
  PCP_FREE_COUNT,
  PCP_HIGH,
  PCP_HIGH_MIN,
  PCP_LOCK,
} from '../../src/machine/layout.ts'
import { load } from '../../src/machine/memory.ts'
import { CPU_BASE } from '../../src/machine/globals.ts'
import type { Strategy } from '../../src/mm/strategy.ts'

const linux65 = findStrategy('linux-6.5') as Strategy
/** free_factor stops at 5, as in 6.1. */
const capped: Strategy = { ...linux65, id: 'capped', pcpBatchScaleMax: 5 }
/** v6.7 */
const counting: Strategy = { ...capped, id: 'counting', pcpFreeCount: 1 }

const HIGH = 6986

function run(strategy: Strategy, vma: Partial<VmaInput>, pcp: PcpConfigInput = {}): Machine {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    strategy: 'linux-6.5',
    machine: { gatherPages: 'reserve', pcp: { count: 0, batch: 63, high: HIGH, ...pcp } },
    processes: [{ vmas: [{ kind: 'anon', pages: 1, ...vma } as VmaInput] }],
  })
  const machine = createMachine(scenario, strategy)
  const census = populate(machine, scenario, strategy)
  expect(verify(machine, census)).toEqual([])
  runOneCpu(machine, strategy)
  expect(verify(machine, census)).toEqual([])
  return machine
}

function bulks(...args: Parameters<typeof run>): number {
  return collectEvents(run(...args)).pcpBulkFrees
}

function pcpWord(machine: Machine, word: number): number {
  bindMachine(machine)
  return load(CPU_BASE + word)
}

/** Pages freed when the k-th bulk is due, if the bulks before it took so many. */
function due(...taken: number[]): number {
  return taken.reduce((sum, pages) => sum + pages, HIGH)
}

test('linux-6.5: each bulk takes twice as many, from one batch on', () => {
  const eighth = due(63, 126, 252, 504, 1008, 2016, 4032)
  expect(bulks(linux65, { pages: eighth - 1 })).toBe(7)
  expect(bulks(linux65, { pages: eighth })).toBe(8)
})

test('linux-6.1: from the sixth on, 32 batches', () => {
  const ninth = due(63, 126, 252, 504, 1008, 2016, 2016, 2016)
  expect(bulks(capped, { pages: ninth - 1 })).toBe(8)
  expect(bulks(capped, { pages: ninth })).toBe(9)
})

test('a bulk leaves a batch at least', () => {
  // 63 and 126, then high - batch: 137
  expect(bulks(capped, { pages: 200 + 63 + 126 + 137 }, { high: 200 })).toBe(4)
})

test('freeFactor: what came before the run has doubled already', () => {
  expect(bulks(capped, { pages: due(2016) }, { freeFactor: 5 })).toBe(2)
  expect(bulks(capped, { pages: due(2016) - 1 }, { freeFactor: 5 })).toBe(1)
})

test('a bulk takes whole folios from the list of the order that was freed', () => {
  // THPs: 63 to 504 pages take one, 1008 two, 2016 four; due at the 14th (7,168 pages), 15th, 16th, 17th, 18th, 20th, 24th
  const thps = (n: number) => ({ pages: n * 512, folios: [{ order: 9 }] })
  const sequence = [14, 15, 16, 17, 18, 20, 24, 28, 32]
  sequence.forEach((nth, i) => {
    expect(bulks(capped, thps(nth - 1))).toBe(i)
    expect(bulks(capped, thps(nth))).toBe(i + 1)
  })
})

test('lists: a bulk that uses up its list goes on with the next ones', () => {
  // 63 pages wanted, 4 of them order 2; then the order-9 block
  const machine = run(
    capped,
    { pages: 4, folios: [{ order: 2 }] },
    {
      high: 516,
      lists: [{ order: 9, count: 1 }],
    },
  )
  expect(collectEvents(machine).pcpBulkFrees).toBe(1)
  expect(pcpWord(machine, PCP_COUNT)).toBe(0)
})

test('free_high up to 6.6: once a bulk has doubled, blocks of order 1 to 3 empty the lists', () => {
  // the first bulk is due at 100 pages, and takes 63 (16 folios); each folio after it empties what is there
  const machine = run(capped, { pages: 400, folios: [{ order: 2 }] }, { high: 100, batch: 32 })
  // 25 folios to the first, then 75 more
  expect(collectEvents(machine).pcpBulkFrees).toBe(1 + 75)
  expect(pcpWord(machine, PCP_COUNT)).toBe(0)
})

test('v6.7: a bulk takes what was freed since the last allocation, 32 batches at most', () => {
  expect(bulks(counting, { pages: due(2016, 2016) - 1 })).toBe(2)
  expect(bulks(counting, { pages: due(2016, 2016) })).toBe(3)
})

test('v6.7: free_count is compared before the folio is added', () => {
  // 4 THPs make 2,048: the 4th is added to 1,536
  const machine = run(counting, { pages: 64 * 512, folios: [{ order: 9 }] })
  expect(pcpWord(machine, PCP_FREE_COUNT)).toBe(2048)
  // due at the 14th, then every fourth: 14, 18, ..., 62
  expect(collectEvents(machine).pcpBulkFrees).toBe(13)
})

const order2 = { pages: 4096 * 4, folios: [{ order: 2 }] }

test('v6.7: a long run of order-2 folios goes back every 16 folios', () => {
  // free_count reaches a batch with the 16th folio, so the 17th is the first; then the lists must hold a batch
  expect(bulks(counting, order2)).toBe(1 + Math.floor((4096 - 17) / 16))
})

test('v6.7 without PCPF_FREE_HIGH_BATCH: every folio from the 17th on', () => {
  expect(bulks(counting, order2, { freeHighBatch: false })).toBe(4096 - 16)
})

test('v6.7: free_high lowers high by 32 batches, to high_min at least', () => {
  const pcp = { high: 6000, highMin: 3000, highMax: 9000 }
  const folios = (n: number) => ({ pages: n * 4, folios: [{ order: 2 }] })
  const high = (n: number) => pcpWord(run(counting, folios(n), pcp), PCP_HIGH)
  expect([high(16), high(17), high(33), high(49)]).toEqual([6000, 3984, 3000, 3000])
})

test('v6.7: high grows until what is freed in a row fits', () => {
  const pcp = { high: 252, highMin: 252, highMax: 1000 }
  const machine = run(counting, { pages: 252 }, pcp)
  // the bulk is by the old high: all but a batch of 252
  expect(pcpWord(machine, PCP_COUNT)).toBe(63)
  expect(pcpWord(machine, PCP_HIGH)).toBe(252 + 63)
  expect(pcpWord(run(counting, { pages: 20_000 }, pcp), PCP_HIGH)).toBe(1000)
})

test('v6.7: without high, it starts at high_min, which is the low watermark as before', () => {
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    processes: [{ vmas: [{ kind: 'anon', pages: 1 }] }],
  })
  const words = [linux65, counting].map((strategy) => {
    const machine = createMachine(scenario, strategy)
    populate(machine, scenario, strategy)
    return [PCP_HIGH, PCP_HIGH_MIN, PCP_LOCK].map((word) => pcpWord(machine, word))
  })
  expect(words[1]).toEqual(words[0])
})
