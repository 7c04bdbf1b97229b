/**
 * What programs need of a machine: free pages, page tables, VMAs, words for their steps.
 *
 * Upper bounds, from the steps alone. Programs run one at a time on each CPU and leave nothing behind (they exit), so a
 * machine needs the largest of them for each CPU, and not their sum. Invariant: no run of the scenario, on any engine,
 * needs more.
 */

import { programVmas, type ProgramVma, stepRange, stepsOf } from '../scenario/program.ts'
import type { ProcessGroup, Scenario } from '../scenario/scenario.ts'
import { MAX_ORDER } from './layout.ts'
import { PROG_WORDS } from './layout-programs.ts'
import { pcpLimitsOf } from './pcp-sizes.ts'
import { AddressSpace, countRangeTables } from './populate/address-space.ts'

/** What the program of one process needs. */
interface ProgramNeeds {
  /** User pages that can be allocated at once, those of a child included. */
  pages: number
  /** Page tables, the same. */
  tables: number
  /** Spare VMAs of the process, and VMAs of a child; 0: it does not fork. */
  vmas: number
  childVmas: number
  /** Pages and tables that one exit or munmap can gather. */
  entries: number
}

/** What all programs together need. */
export interface ProgramSizes {
  /** Page frames of the free areas, a multiple of the largest block. */
  freePages: number
  /** Page-table contents of each CPU. */
  tablesOfCpu: number
  /** VMAs of the child of each CPU. */
  childVmas: number
  stepWords: number
}

const BLOCK = 2 ** MAX_ORDER

/** The needs of a group's program; nothing without one. */
export function programNeeds(group: ProcessGroup, field: string): ProgramNeeds {
  if (group.program === undefined) return { pages: 0, tables: 0, vmas: 0, childVmas: 0, entries: 0 }
  const vmas = programVmas(group)
  const steps = stepsOf(group)
  const forks = steps.some(({ step }) => step.fork !== undefined)
  const touchedBy = (inFork: boolean): number[] => {
    const touched = vmas.map(() => 0)
    for (const { step, inFork: byChild } of steps) {
      const vma = vmas[step.touch?.vma ?? 0]
      if (step.touch === undefined || vma === undefined || byChild !== inFork) continue
      const { from, to } = stepRange(step.touch, vma)
      // folios reach over the ends of the range, but not over those of the VMA
      touched[step.touch.vma] = (touched[step.touch.vma] ?? 0) + to - from + 2 ** (vma.order + 1)
    }
    return touched.map((pages, v) => Math.min(pages, vmas[v]?.pages ?? 0))
  }
  const parent = touchedBy(false)
  const child = touchedBy(true)
  // a large folio stays while one of its pages is mapped
  const copies = (vma: ProgramVma): number => (forks && vma.order > 0 ? 2 : 1)
  const space = new AddressSpace(vmas, field)
  const tables = (picked: readonly ProgramVma[]): number => countRangeTables(space, picked)
  const munmaps = steps.filter(({ step }) => step.munmap !== undefined).length
  const mapped = vmas.filter(({ mmap }) => mmap >= 0).length
  const all = vmas.reduce((sum, { pages }) => sum + pages, 0)
  return {
    pages: vmas.reduce((sum, vma, v) => sum + (parent[v] ?? 0) * copies(vma) + (child[v] ?? 0), 0),
    tables: tables(vmas.filter((_, v) => (parent[v] ?? 0) > 0)) + (forks ? tables(vmas) : 0),
    vmas: mapped + 2 * munmaps + 2,
    childVmas: forks ? vmas.length + 2 * (munmaps + teardownSplits(group)) + 2 : 0,
    entries: all + tables(vmas),
  }
}

function teardownSplits({ teardown }: ProcessGroup): number {
  return Array.isArray(teardown) ? teardown.length : 0
}

/** Words of a group's steps. */
export function programWords(group: ProcessGroup): number {
  return stepsOf(group).length * PROG_WORDS
}

/** @param pcpAdapts - 1: the kernel adapts the length of per-CPU lists. */
export function countProgramSizes(scenario: Scenario, pcpAdapts: number): ProgramSizes {
  const { machine, processes } = scenario
  const sizes = { freePages: 0, tablesOfCpu: 0, childVmas: 0, stepWords: 0 }
  const needs = processes.map((group, g) => ({
    count: group.count,
    ...programNeeds(group, `processes[${g}].program`),
  }))
  if (!processes.some(({ program }) => program !== undefined)) return sizes
  for (const group of processes) sizes.stepWords += programWords(group)
  for (const { tables, childVmas } of needs) {
    sizes.tablesOfCpu = Math.max(sizes.tablesOfCpu, tables)
    sizes.childVmas = Math.max(sizes.childVmas, childVmas)
  }
  let pages = 0
  let left = machine.cpus
  let most = 0
  for (const one of needs.toSorted((a, b) => b.pages + b.tables - a.pages - a.tables)) {
    const running = Math.min(one.count, left)
    pages += running * (one.pages + one.tables)
    most = Math.max(most, one.pages + one.tables)
    left -= running
  }
  // nothing is allocated: the free lists may be empty
  if (most === 0) return sizes
  sizes.freePages = roundToBlocks(
    pages + pages / 8 + machine.cpus * cachedPages(scenario, most, pcpAdapts),
  )
  return sizes
}

/** Pages that a CPU may have on its lists while another looks for one, and blocks that it has split. */
function cachedPages({ machine, tunables }: Scenario, most: number, pcpAdapts: number): number {
  const { batch, highMax } = pcpLimitsOf(machine, pcpAdapts)
  const gather = tunables.maxGatherBatchCount ?? 39
  // an order of its own for each list of large folios
  return Math.min(highMax, 5 * most) + Math.max(batch, BLOCK) + BLOCK + gather
}

function roundToBlocks(pages: number): number {
  return Math.ceil(pages / BLOCK) * BLOCK
}
