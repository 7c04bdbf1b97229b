/**
 * Cache lines in virtual time: what each access costs, and who has the line afterwards.
 */
import { beforeEach, describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../../src/engines/boot.ts'
import { CPU_BASE, CPU_STRIDE, MEMMAP, PT_BASE } from '../../../src/machine/globals.ts'
import { PAGE_WORDS } from '../../../src/machine/layout.ts'
import { presetScenario } from '../../../src/scenario/presets.ts'
import {
  bindVirtualClock,
  enterCpu,
  leaveCpu,
  NR_ACCOUNTS,
  nowCycles,
} from '../../../src/sync/virtual-clock.ts'
import {
  addUser,
  bindVirtualLines,
  chargeAccesses,
  chargeAtomic,
  claimNewPages,
  enterLines,
  fetchToLoad,
  fetchToStore,
  lineOf,
  needsNoOrder,
  postAllocHook,
  transfersByDistance,
} from '../../../src/sync/virtual-lines.ts'

const ACCESS = 3
const ATOMIC = 20
const MEMORY = 50
const TRANSFER = [0, 100, 200, 300, 400]
/** CPU 0 and 1 are siblings, 2 is in their cluster, 3 in their socket, 4 elsewhere. */
const TOPOLOGY = {
  core: Int32Array.of(0, 0, 1, 2, 3),
  cluster: Int32Array.of(0, 0, 0, 1, 2),
  socket: Int32Array.of(0, 0, 0, 0, 1),
}
const clocks = new Float64Array(5)

/** What a CPU is charged for something, from its clock on. */
function cost(cpu: number, action: () => void): number {
  enterCpu(cpu, Infinity)
  enterLines(cpu)
  const before = nowCycles()
  action()
  const cycles = nowCycles() - before
  leaveCpu()
  return cycles
}

const load = (cpu: number, address: number): number => cost(cpu, () => fetchToLoad(address))
const store = (cpu: number, address: number): number => cost(cpu, () => fetchToStore(address))
const atomic = (cpu: number, address: number): number => cost(cpu, () => chargeAtomic(address))

let page = 0

beforeEach(() => {
  const scenario = presetScenario('exit-order0')
  const machine = createMachine(scenario)
  populate(machine, scenario)
  clocks.fill(0)
  const accounts = new Float64Array(5 * NR_ACCOUNTS)
  bindVirtualClock({ clocks, accounts, wake: () => {} })
  const costs = { access: ACCESS, atomic: ATOMIC, memory: MEMORY, transfer: TRANSFER }
  bindVirtualLines(machine.words.length, costs, TOPOLOGY)
  page = MEMMAP + 10 * PAGE_WORDS
})

describe('a line', () => {
  test('is a struct page, eight entries of a page table, or sixteen other words', () => {
    expect(lineOf(page)).toBe(lineOf(page + PAGE_WORDS - 1))
    expect(lineOf(page + PAGE_WORDS)).toBe(lineOf(page) + 1)
    expect(lineOf(PT_BASE + 7)).toBe(lineOf(PT_BASE))
    expect(lineOf(PT_BASE + 8)).toBe(lineOf(PT_BASE) + 1)
    expect(lineOf(31)).toBe(lineOf(16))
    expect(lineOf(32)).toBe(lineOf(16) + 1)
  })

  test('in no cache costs the memory once, and is the CPU that touched it', () => {
    expect([load(0, page), load(0, page + 1), store(0, page)]).toEqual([MEMORY, 0, 0])
  })

  test('that another CPU has written costs the transfer of its distance, and moves whole', () => {
    for (const [cpu, cycles] of [
      [1, 100],
      [2, 200],
      [3, 300],
      [4, 400],
    ] as const) {
      const address = page + cpu * PAGE_WORDS
      store(0, address)
      // later than any transfer under way
      clocks[cpu] = 1_000_000
      expect(load(cpu, address)).toBe(cycles)
      expect(store(cpu, address)).toBe(0)
    }
    expect([...transfersByDistance()]).toEqual([0, 1, 1, 1, 1])
  })

  test('that others have only read is shared: hits for all, until it is written', () => {
    load(0, page)
    expect(load(2, page)).toBe(TRANSFER[2])
    expect([load(0, page), load(3, page), load(4, page)]).toEqual([0, 0, 0])
    expect(store(2, page)).toBe(TRANSFER[3])
    clocks[0] = 1_000_000
    expect(load(0, page)).toBe(TRANSFER[2])
  })

  test('on its way keeps the next CPU waiting', () => {
    store(0, page)
    expect(store(2, page)).toBe(200)
    // CPU 3 asks at the same time, 0, and gets it after that transfer
    expect(store(3, page)).toBe(200 + 300)
  })
})

describe('charges', () => {
  test('of atomics are those of the access and of the line', () => {
    expect(atomic(0, page)).toBe(ATOMIC + ACCESS + MEMORY)
    expect(atomic(0, page)).toBe(ATOMIC + ACCESS)
    clocks[1] = 1_000_000
    expect(atomic(1, page)).toBe(ATOMIC + ACCESS + 100)
  })

  test('of stretches are so many accesses', () => {
    expect(cost(0, () => chargeAccesses(7))).toBe(7 * ACCESS)
  })
})

describe('private lines', () => {
  const needsNone = (cpu: number, address: number): boolean => {
    let answer = false
    cost(cpu, () => {
      answer = needsNoOrder(address)
    })
    return answer
  }

  test("are a CPU's own block, and those that one CPU was named for", () => {
    addUser(page, 2)
    expect(needsNone(0, CPU_BASE + 5)).toBe(true)
    expect(needsNone(1, CPU_BASE + 5)).toBe(false)
    expect(needsNone(1, CPU_BASE + CPU_STRIDE + 5)).toBe(true)
    expect([needsNone(2, page), needsNone(1, page)]).toEqual([true, false])
  })

  test('are nobody’s if two CPUs were named', () => {
    addUser(page, 2)
    addUser(page, 1)
    addUser(page, 2)
    expect([needsNone(1, page), needsNone(2, page)]).toEqual([false, false])
  })

  test('must not meet an atomic of another CPU', () => {
    addUser(page, 2)
    atomic(2, page)
    expect(() => atomic(1, page)).toThrow(
      /an atomic operation on a line private to another CPU .*privateTo=2, cpu=1/,
    )
  })

  test('end with a plain store of another CPU, which has the page from the allocator', () => {
    addUser(page, 2)
    store(1, page)
    expect([needsNone(1, page), needsNone(2, page)]).toEqual([false, false])
    expect(() => atomic(2, page)).not.toThrow()
  })

  test('begin with an allocation, page by page, unless background actors look at anybody’s', () => {
    claimNewPages(true)
    cost(3, () => postAllocHook(page, 1))
    expect([needsNone(3, page), needsNone(3, page + PAGE_WORDS)]).toEqual([true, true])
    expect(needsNone(3, page + 2 * PAGE_WORDS)).toBe(false)
    claimNewPages(false)
    cost(3, () => postAllocHook(page, 1))
    expect(needsNone(3, page)).toBe(false)
  })
})
