/**
 * What the tests of verify share: a scenario that has nearly everything in it, machines of scenarios, the rules that
 * verify reports, and the places of words that tests break.
 */
import {
  type Census,
  createMachine,
  type Machine,
  parseScenario,
  populate,
  runOneCpu,
  type Scenario,
  strategyOf,
} from '../../../src/index.ts'
import { MM_BASE, MM_STRIDE, NR_PFNS } from '../../../src/machine/globals.ts'
import { PAGE_FLAGS } from '../../../src/machine/layout.ts'
import { load, mem } from '../../../src/machine/memory.ts'
import { pfnToPage } from '../../../src/machine/page.ts'
import { verify } from '../../../src/machine/verify/verify.ts'
import type { MachineConfigInput, ScenarioInput, VmaInput } from '../../../src/scenario/input.ts'
import { SCENARIO_SCHEMA } from '../../../src/scenario/scenario.ts'

/** A populated machine and what verify needs beside it. */
export interface Populated {
  machine: Machine
  census: Census
  scenario: Scenario
}

export function populated(input: ScenarioInput): Populated {
  const scenario = parseScenario(input)
  const machine = createMachine(scenario)
  return { machine, census: populate(machine, scenario), scenario }
}

/** Runs the whole teardown on this thread. */
export function tornDown(input: ScenarioInput): Populated {
  const made = populated(input)
  runOneCpu(made.machine, strategyOf(made.scenario))
  return made
}

/** The names of the rules that do not hold, each once, sorted. */
export function brokenRules({ machine, census }: Populated): string[] {
  const violations = verify(machine, census, { violationsMax: 1000 })
  return [...new Set(violations.map((one) => one.rule))].toSorted()
}

/** Writes a word of the bound machine. */
export function poke(address: number, value: number): void {
  mem[address] = value
}

export function add(address: number, delta: number): void {
  poke(address, load(address) + delta)
}

export function mmAt(process: number): number {
  return MM_BASE + process * MM_STRIDE
}

/** The first PFN whose page has all flags of `set` and none of `clear`. */
export function findPfn(set: number, clear: number, from = 0): number {
  for (let pfn = from; pfn < NR_PFNS; pfn++) {
    const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
    if ((flags & set) === set && (flags & clear) === 0) return pfn
  }
  throw new Error('no such page')
}

/** A scenario of one process with these VMAs. */
export function processOf(vmas: VmaInput[], keys: Partial<ScenarioInput> = {}): ScenarioInput {
  return { schema: SCENARIO_SCHEMA, processes: [{ vmas }], ...keys }
}

const HEAP: VmaInput = {
  kind: 'anon',
  pages: 1400,
  folios: [
    { order: 0, count: 20 },
    { order: 3, count: 2, memcg: 'b/c' },
    { order: 9 },
    { order: 0, memcg: 'root' },
    { order: 4 },
  ],
  holes: { from: 5, every: 50, length: 3 },
  swap: { from: 9, every: 70, length: 2 },
  migration: { from: 2, every: 200 },
  young: { every: 3 },
  dirty: { every: 2 },
  swapcache: { from: 3, every: 7, length: 2 },
  swapcacheShared: { from: 3, every: 14 },
  active: { every: 4 },
  mlocked: { from: 1, every: 9 },
  pinned: { from: 7, every: 40 },
  mappedByOthers: 0,
}

const VMAS: VmaInput[] = [
  HEAP,
  { kind: 'anon', pages: 300, folios: [{ order: 2, count: 3 }, {}], mappedByOthers: 2 },
  { kind: 'anon', pages: 64, isolated: 'all' },
  { kind: 'anon', pages: 100, locked: true, folios: [{ order: 0, count: 40 }, { order: 2 }] },
  {
    kind: 'file',
    file: 'text',
    offset: 3,
    pages: 700,
    young: 'all',
    dirty: { from: 9, every: 20 },
  },
  { kind: 'file', file: 'text', pages: 200, locked: true, recency: false },
  { kind: 'file', file: 'shm', pages: 130, dirty: 'all', holes: { every: 3 } },
  { kind: 'file', file: 'huge', pages: 1024, mapped: 'pmd', young: 'all' },
  { kind: 'file', file: 'hugeshm', pages: 512, mapped: 'pmd', dirty: 'all' },
  { kind: 'file', file: 'huge', pages: 700, offset: 100 },
  { kind: 'device', pages: 40, memory: 'coherent' },
  { kind: 'device', pages: 40, memory: 'fsdax' },
  { kind: 'device', pages: 40, memory: 'private' },
  { kind: 'zero', pages: 60 },
  { kind: 'pfnmap', pages: 600 },
  {
    kind: 'anon',
    pages: 100,
    runs: [
      { at: 3, pages: 40, folio: 0, young: true },
      { at: 50, pages: 6, folio: 10, page: 1, dirty: true },
    ],
    swapRuns: [{ at: 90, pages: 10 }],
  },
]

const HUGE_VMAS: VmaInput[] = [
  {
    kind: 'anon',
    pages: 2560,
    folios: [{ order: 9 }],
    mapped: 'pmd',
    hugeZero: { from: 1, every: 3 },
    holes: { from: 1536, every: 2560, length: 512 },
  },
  { kind: 'anon', pages: 512, folios: [{ order: 9 }], mapped: 'pmd', locked: true },
  { kind: 'device', pages: 512, memory: 'coherent', folios: [{ order: 9 }], mapped: 'pmd' },
]

/**
 * One scenario with every kind of VMA, folio and entry, of forked processes that unmap in steps.
 * @param huge - with PMDs that map anonymous memory.
 */
export function everything(machine: MachineConfigInput = {}, huge = true): ScenarioInput {
  return {
    schema: SCENARIO_SCHEMA,
    machine: { cpus: 2, pcp: { batch: 15, high: 100 }, ...machine },
    files: [
      {
        name: 'text',
        pages: 800,
        folios: [{ order: 0, count: 9 }, { order: 2, count: 5 }, { order: 4 }],
        active: { every: 2 },
        dirtyFolios: { every: 5 },
      },
      { name: 'shm', pages: 256, shmem: true, folios: [{ order: 3 }, {}], memcg: 'b' },
      { name: 'huge', pages: 1024, folios: [{ order: 9 }] },
      { name: 'hugeshm', pages: 512, shmem: true, folios: [{ order: 9 }] },
    ],
    folios: [
      { id: 0, count: 10, order: 2, swapcache: true, referenced: true },
      { id: 10, count: 2, order: 2, kind: 'shmem', active: true, pins: 2 },
    ],
    processes: [
      {
        name: 'forked',
        count: 3,
        share: 2,
        memcg: 'b/c',
        vmas: [...VMAS, ...(huge ? HUGE_VMAS : [])],
      },
      { name: 'other', memcg: 'a', vmas: VMAS.slice(0, 5) },
      { name: 'root', memcg: 'root', vmas: VMAS.slice(0, 2) },
    ],
    teardown: [
      { munmap: { vma: 0, from: 100, pages: 700 } },
      { munmap: { vma: 1, from: 10, pages: 33 } },
      'exit',
    ],
  }
}
