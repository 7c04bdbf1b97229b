/** Cache lines in virtual time: what each access costs, who has the line then, and which lines need no order. */
import { beforeEach, describe, expect, test } from 'vitest'

import { createMachine, populate } from '../../src/engines/boot.ts'
import { costTable, topologyOf } from '../../src/engines/virtual/cost.ts'
import { bindMachine, type Machine } from '../../src/machine/machine.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import {
  ACCOUNT_TRANSFER,
  bindVirtualClock,
  charge,
  enterCpu,
  leaveCpu,
  NR_ACCOUNTS,
  nowCycles,
} from '../../src/sync/virtual-clock.ts'
import {
  addUser,
  bindVirtualLines,
  chargeAtomic,
  chargeMarkedLoad,
  distanceOf,
  enterLines,
  fetchToLoad,
  fetchToStore,
  giveLine,
  lineOf,
  needsNoOrder,
  postAllocHook,
} from '../../src/sync/virtual-lines.ts'
import { SEPARATE_ARRAYS } from '../../src/sync/array-source.ts'
import { bindVirtualCosts, claimNewPages } from '../../src/sync/virtual-costs.ts'
import { PAGE_WORDS } from '../../src/machine/layout.ts'
import { flatProfile } from '../engines/virtual/support.ts'

const COSTS = { access: 3, atomic: 17, memory: 70 }
const TRANSFER = [0, 20, 50, 110, 230]
const OPERATION = COSTS.access + COSTS.atomic
/** CPUs 0 and 1 are siblings, 2 is in their cluster, 4 in their socket, 8 in the other one. */
const TOPOLOGY = { threadsPerCore: 2, coresPerCluster: 2, clustersPerSocket: 2, sockets: 2 }
const CPUS = 16

let machine: Machine
let clocks: Float64Array
let accounts: Float64Array
let transfers: Float64Array
/** A line that nobody has claimed. */
let line = 0

beforeEach(() => {
  const scenario = overrideScenario(presetScenario('exit-one-order0'), { cpus: CPUS, pages: 64 })
  machine = createMachine(scenario)
  populate(machine, scenario)
  bindMachine(machine)
  const profile = flatProfile({}, TOPOLOGY)
  bindVirtualCosts({ ...costTable(profile), ...COSTS }, 0)
  ;({ clocks, accounts } = bindVirtualClock(new Float64Array(CPUS), SEPARATE_ARRAYS))
  const topology = topologyOf(profile, CPUS)
  transfers = bindVirtualLines(machine.words.length, TRANSFER, topology, SEPARATE_ARRAYS)
  line = machine.globals.MEMMAP
})

/** Cycles that `access` takes the CPU; by default it starts long after all transfers. */
function cost(cpu: number, access: () => void, at = Math.max(...clocks) + 10_000): number {
  clocks[cpu] = at
  enterCpu(cpu, Infinity)
  enterLines(cpu)
  access()
  const cycles = nowCycles() - at
  leaveCpu()
  return cycles
}

const load = (cpu: number): number => cost(cpu, () => fetchToLoad(line))
const store = (cpu: number): number => cost(cpu, () => fetchToStore(line))
const atomic = (cpu: number): number => cost(cpu, () => chargeAtomic(line))

describe('a line', () => {
  test('that is in no cache comes from memory, once', () => {
    expect([load(0), load(0), store(0), store(0)]).toEqual([COSTS.memory, 0, 0, 0])
    expect(transfers).toEqual(new Float64Array(5))
  })

  test('that another CPU wrote moves whole to the reader', () => {
    store(0)
    expect(load(2)).toBe(50)
    // it had it alone, written: storing is free for it, and no longer for the first
    expect(store(2)).toBe(0)
    expect(load(0)).toBe(50)
  })

  test('that others only read is shared: reads are hits, a write invalidates', () => {
    load(0)
    expect(load(2)).toBe(50)
    expect([load(8), load(4), load(0)]).toEqual([0, 0, 0])
    expect(store(8)).toBe(110)
    expect(load(0)).toBe(230)
  })

  test('that was handed over belongs to the new owner', () => {
    store(0)
    giveLine(line, 4)
    expect(store(4)).toBe(0)
  })

  test.for([
    [1, 1, 20],
    [2, 2, 50],
    [4, 3, 110],
    [8, 4, 230],
  ] as const)('comes to CPU %i from distance %i', ([cpu, distance, cycles]) => {
    expect(distanceOf(0, cpu)).toBe(distance)
    store(0)
    expect(store(cpu)).toBe(cycles)
    expect([...transfers].indexOf(1)).toBe(distance)
    expect(accounts[cpu * NR_ACCOUNTS + ACCOUNT_TRANSFER]).toBe(cycles)
  })

  test('under way is busy: a second fetch begins when the first is there', () => {
    store(0)
    const at = Math.max(...clocks) + 1000
    expect(cost(2, () => fetchToStore(line), at)).toBe(50)
    expect(cost(4, () => fetchToStore(line), at + 10)).toBe(50 - 10 + 110)
  })

  test('that a CPU asked for with a later clock keeps nobody waiting', () => {
    store(0)
    const at = Math.max(...clocks) + 1000
    expect(cost(2, () => fetchToStore(line), at + 5000)).toBe(50)
    expect(cost(4, () => fetchToStore(line), at)).toBe(110)
    // who comes while that later transfer is under way waits for it all the same
    expect(cost(6, () => fetchToStore(line), at + 5010)).toBe(40 + 50)
  })

  test('costs an atomic the operation besides, and a marked load the access', () => {
    expect([atomic(0), atomic(0)]).toEqual([OPERATION + COSTS.memory, OPERATION])
    expect(atomic(8)).toBe(OPERATION + 230)
    expect(cost(8, () => chargeMarkedLoad(line))).toBe(COSTS.access)
    expect(cost(0, () => chargeMarkedLoad(line))).toBe(COSTS.access + 230)
  })
})

test('a struct page is a line, eight entries of a page table are one, all else goes by 16 words', () => {
  const { MEMMAP, PT_BASE } = machine.globals
  expect(lineOf(MEMMAP + PAGE_WORDS) - lineOf(MEMMAP)).toBe(1)
  expect(lineOf(MEMMAP + PAGE_WORDS - 1)).toBe(lineOf(MEMMAP))
  expect([lineOf(PT_BASE + 7), lineOf(PT_BASE + 8)]).toEqual([lineOf(PT_BASE), lineOf(PT_BASE) + 1])
  expect([lineOf(31), lineOf(32)]).toEqual([1, 2])
  expect(lineOf(PT_BASE - 1)).toBeLessThan(lineOf(PT_BASE))
  expect(lineOf(MEMMAP - 1)).toBeLessThan(lineOf(MEMMAP))
})

describe('a private line', () => {
  function needsNone(cpu: number, address = line): boolean {
    let answer = false
    cost(cpu, () => {
      answer = needsNoOrder(address)
    })
    return answer
  }

  test('needs no order for its CPU, and for no other', () => {
    expect(needsNone(3)).toBe(false)
    addUser(line, 3)
    addUser(line, 3)
    expect([needsNone(3), needsNone(4)]).toEqual([true, false])
  })

  test('ends with a second user', () => {
    addUser(line, 3)
    addUser(line, 4)
    addUser(line, 3)
    expect([needsNone(3), needsNone(4)]).toEqual([false, false])
  })

  test('the block of a CPU itself needs no order', () => {
    const { CPU_BASE, CPU_STRIDE } = machine.globals
    expect(needsNone(2, CPU_BASE + 2 * CPU_STRIDE)).toBe(true)
    expect(needsNone(2, CPU_BASE + 3 * CPU_STRIDE - 1)).toBe(true)
    expect(needsNone(2, CPU_BASE + 3 * CPU_STRIDE)).toBe(false)
    expect(needsNone(2, CPU_BASE + 2 * CPU_STRIDE - 1)).toBe(false)
  })

  test('an atomic of another CPU is a wrong claim', () => {
    addUser(line, 3)
    atomic(3)
    expect(() => atomic(4)).toThrow('an atomic operation on a line private to another CPU')
  })

  test('a plain store of another CPU ends it, a plain load does not', () => {
    addUser(line, 3)
    store(3)
    load(4)
    expect(needsNone(3)).toBe(true)
    store(4)
    expect([needsNone(3), needsNone(4)]).toEqual([false, false])
    expect(atomic(5)).toBe(OPERATION + 20)
  })

  test('new pages belong to the CPU that allocates, if that is claimed', () => {
    const pages = [0, 1, 2, 3, 4].map((page) => line + page * PAGE_WORDS)
    const owned = (): boolean[] => pages.map((page) => needsNone(3, page))
    claimNewPages(true)
    cost(3, () => postAllocHook(line, 2))
    expect(owned()).toEqual([true, true, true, true, false])
    claimNewPages(false)
    cost(3, () => postAllocHook(line, 1))
    expect(owned()).toEqual([false, false, true, true, false])
  })
})

test('charging is exact over many small amounts', () => {
  expect(cost(0, () => Array.from({ length: 1000 }, () => charge(7)))).toBe(7000)
})
