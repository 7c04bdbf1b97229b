/**
 * Builds what programs run on: their steps, the free areas of the zone, the free page-table contents and the child mm of
 * each CPU.
 *
 * Invariant: a machine without programs has none of it.
 */

import { assert } from '../../lib/assert.ts'
import { groupOfProcess } from '../../scenario/check-places.ts'
import { programVmas, type ProgramVma, stepRange } from '../../scenario/program.ts'
import type { ProcessGroup, ProgramStep } from '../../scenario/scenario.ts'
import { NR_FREE_PAGES } from '../counters.ts'
import {
  CPU_BASE,
  CPU_STRIDE,
  MAX_PAGE_ORDER,
  MEMCG_BASE,
  MM_BASE,
  MM_STRIDE,
  NR_CHILD_MMS,
  NR_CPUS,
  NR_PROCESSES,
  NR_PT,
  PROGRAMS,
  PT_FREE_NEXT,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../globals.ts'
import {
  CPU_PT_FREE,
  FREE_AREA_NR_FREE,
  FREE_AREA_WORDS,
  MEMCG_LRUVEC,
  MEMCG_WORDS,
  MIGRATE_MOVABLE,
  MM_CPUMASK,
  MM_ID,
  MM_VMA_POOL,
  PAGE_FLAGS,
  PAGE_LRU,
  PG_MEMCG_SHIFT,
  PG_MOVABLE,
  PG_TYPE_BUDDY,
  SPLIT_QUEUE_WORDS,
  VMA_FAULT_MEMCG_SHIFT,
  VMA_NEXT,
  VMA_WORDS,
  ZONE_FREE_AREA,
  ZONE_FREE_PAGES,
} from '../layout.ts'
import {
  PROG_ACCESS,
  PROG_DELAY,
  PROG_DONTNEED,
  PROG_FORK,
  PROG_MMAP,
  PROG_MUNMAP,
  PROG_NEXT,
  PROG_RECLAIM,
  PROG_REPEAT,
  PROG_SPLIT_SCAN,
  PROG_TOUCH,
  PROG_WORDS,
  PROG_WRITEBACK,
} from '../layout-programs.ts'
import type { Limits } from '../limits.ts'
import { listAddTail } from '../list.ts'
import { mem } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { ptePfn, walkPageTables } from '../pgtable.ts'
import { AddressSpace } from './address-space.ts'
import type { Builder } from './builder.ts'

/** What faults of a VMA allocate, in one word. */
export function faultWord(order: number, memcg: number): number {
  return order | (memcg << VMA_FAULT_MEMCG_SHIFT)
}

/** Writes the steps of a group's program from `at` on; returns where they end. */
export function writeProgram(
  b: Builder,
  group: ProcessGroup,
  space: AddressSpace,
  at: number,
): number {
  const vmas = programVmas(group)
  let mapped = group.vmas.length
  let next = at
  const write = (step: ProgramStep): void => {
    const here = next
    next += PROG_WORDS
    let nested: readonly ProgramStep[] = []
    if (step.repeat !== undefined) nested = step.repeat.steps
    if (step.fork !== undefined) nested = step.fork.program
    const words = stepWords(b, space, group, vmas, step, mapped)
    if (step.mmap !== undefined) mapped++
    for (const one of nested) write(one)
    mem.set(words, here)
    mem[here + PROG_NEXT] = next
  }
  for (const step of group.program ?? []) write(step)
  return next
}

/** The words of one step but PROG_NEXT. */
function stepWords(
  b: Builder,
  space: AddressSpace,
  group: ProcessGroup,
  vmas: readonly ProgramVma[],
  step: ProgramStep,
  mmap: number,
): number[] {
  const vmaOf = (index: number): ProgramVma => {
    const vma = vmas[index]
    assert(vma !== undefined, 'a step of no VMA', { index })
    return vma
  }
  const range = (one: { vma: number; from: number; pages?: number }): [number, number] => {
    const vma = vmaOf(one.vma)
    const { from, to } = stepRange(one, vma)
    const start = space.compact(vma.start)
    return [start + from, start + to]
  }
  if (step.mmap !== undefined) {
    const { order, memcg } = vmaOf(mmap)
    const fault = faultWord(order, b.memcgId(memcg))
    const pages = step.mmap.pages
    return [PROG_MMAP, 0, ...range({ vma: mmap, from: 0, pages }), fault, mmap]
  }
  if (step.touch !== undefined)
    return [PROG_TOUCH, 0, ...range(step.touch), step.touch.write ? 1 : 0]
  if (step.munmap !== undefined) return [PROG_MUNMAP, 0, ...range(step.munmap)]
  if (step.delay !== undefined) return [PROG_DELAY, 0, 0, 0, step.delay.ns]
  if (step.repeat !== undefined) return [PROG_REPEAT, 0, 0, 0, step.repeat.times]
  if (step.reclaim !== undefined) {
    const { memcg, rounds, pauseNs } = step.reclaim
    const lruvec = mem[MEMCG_BASE + b.memcgId(memcg) * MEMCG_WORDS + MEMCG_LRUVEC] as number
    return [PROG_RECLAIM, 0, 0, 0, rounds, lruvec, pauseNs]
  }
  return stepOfOthers(b, space, group, step) ?? [PROG_FORK]
}

/** The words of a step that works on what another process maps; undefined if it is none. */
function stepOfOthers(
  b: Builder,
  own: AddressSpace,
  group: ProcessGroup,
  { access, dontneed, writeback, splitScan }: ProgramStep,
): number[] | undefined {
  if (splitScan !== undefined) {
    const queue = SPLIT_QUEUE_BASE + b.memcgId(splitScan.memcg) * SPLIT_QUEUE_WORDS
    return [PROG_SPLIT_SCAN, 0, 0, 0, 0, queue]
  }
  const place = access ?? dontneed ?? writeback
  if (place === undefined) return undefined
  const { process } = place
  const of = process === undefined ? group : groupOfProcess(b.scenario, process)
  const vma = of?.vmas[place.vma]
  assert(of !== undefined && vma !== undefined, 'a step of no VMA of a process', { process })
  const space = process === undefined ? own : new AddressSpace(programVmas(of), of.name)
  const start = space.compact((vma.start ?? 0) + place.from)
  const mm = process === undefined ? 0 : MM_BASE + process * MM_STRIDE
  if (writeback !== undefined) {
    const page = pfnToPage(ptePfn(walkPageTables(mm, start)))
    return [PROG_WRITEBACK, 0, start, start + 1, page, mm]
  }
  const { pages = vma.pages - place.from } = access ?? dontneed ?? {}
  if (access !== undefined) return [PROG_ACCESS, 0, start, start + pages, access.write ? 1 : 0, mm]
  return [PROG_DONTNEED, 0, start, start + pages, 0, mm]
}

/** The free areas, in blocks of the largest order, movable as all of a zone's memory is at boot. */
export function buildFreeAreas(b: Builder, limits: Limits): void {
  const area = ZONE + ZONE_FREE_AREA + MAX_PAGE_ORDER * FREE_AREA_WORDS
  const end = limits.freePfn + limits.programs.freePages
  for (let pfn = limits.freePfn; pfn < end; pfn++) mem[pfnToPage(pfn) + PAGE_FLAGS] = PG_MOVABLE
  for (let pfn = limits.freePfn; pfn < end; pfn += 2 ** MAX_PAGE_ORDER) {
    const page = pfnToPage(pfn)
    mem[page + PAGE_FLAGS] = PG_MOVABLE | PG_TYPE_BUDDY | (MAX_PAGE_ORDER << PG_MEMCG_SHIFT)
    listAddTail(page + PAGE_LRU, area + MIGRATE_MOVABLE * 2)
    mem[area + FREE_AREA_NR_FREE] = (mem[area + FREE_AREA_NR_FREE] as number) + 1
  }
  mem[ZONE + ZONE_FREE_PAGES] = limits.programs.freePages
  b.vmstat(NR_FREE_PAGES, limits.programs.freePages)
}

/** Hands the page-table contents that no table of a process has to the CPUs. */
export function buildFreeTables(b: Builder, limits: Limits): void {
  if (PROGRAMS === 0) return
  const promised = NR_CPUS * limits.programs.tablesOfCpu
  assert(b.nextTable + promised <= NR_PT, 'too few page-table contents', { promised, of: NR_PT })
  // what the estimate of the processes' tables left over goes to CPU 0
  for (let content = b.nextTable; content < NR_PT; content++) {
    const cpu = Math.floor((NR_PT - 1 - content) / Math.max(1, limits.programs.tablesOfCpu))
    const head = CPU_BASE + (cpu < NR_CPUS ? cpu : 0) * CPU_STRIDE + CPU_PT_FREE
    mem[PT_FREE_NEXT + content] = mem[head] as number
    mem[head] = content + 1
  }
}

/** The mm of each CPU's forked child: no address space, only VMAs in its pool, from `at` on. */
export function buildChildren(limits: Limits, at: number): void {
  for (let cpu = 0; cpu < NR_CHILD_MMS; cpu++) {
    const mm = MM_BASE + (NR_PROCESSES + cpu) * MM_STRIDE
    mem[mm + MM_ID] = NR_PROCESSES + cpu
    mem[mm + MM_CPUMASK + (cpu >> 5)] = 1 << (cpu & 31)
    for (let i = 0; i < limits.programs.childVmas; i++) {
      const vma = at + (cpu * limits.programs.childVmas + i) * VMA_WORDS
      mem[vma + VMA_NEXT] = mem[mm + MM_VMA_POOL] as number
      mem[mm + MM_VMA_POOL] = vma
    }
  }
}
