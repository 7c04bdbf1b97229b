/**
 * Builds the processes: mms, VMAs, teardown steps, and through the table builder everything they map.
 *
 * Processes that share (fork) are built together: each folio of the group once, then mapped by each of them.
 */

import { assert } from '../../lib/assert.ts'
import { programVmas } from '../../scenario/program.ts'
import type { ProcessGroup, TeardownStep, Vma } from '../../scenario/scenario.ts'
import { MM_BASE, MM_STRIDE, NR_CPUS, NR_FOREGROUND, NR_PROCESSES } from '../globals.ts'
import {
  MM_CPUMASK,
  MM_ID,
  MM_MAP_COUNT,
  MM_MMAP,
  MM_NR_STEPS,
  MM_PROGRAM,
  MM_PROGRAM_END,
  MM_STEPS,
  MM_USERS,
  MM_VMA_POOL,
  STEP_EXIT,
  STEP_MUNMAP,
  STEP_WORDS,
  VM_ANON,
  VM_LOCKED,
  VM_PFNMAP,
  VM_RAND_READ,
  VMA_END,
  VMA_FAULT,
  VMA_FLAGS,
  VMA_ID,
  VMA_MM,
  VMA_NEXT,
  VMA_PREV,
  VMA_START,
  VMA_WORDS,
} from '../layout.ts'
import { mem } from '../memory.ts'
import { programNeeds } from '../program-sizes.ts'
import { AddressSpace } from './address-space.ts'
import { faultWord, writeProgram } from './build-programs.ts'
import { TableBuilder } from './build-tables.ts'
import { add, type Builder } from './builder.ts'
import type { Objects } from './build-objects.ts'
import { type Sharer, VmaBuilder } from './build-vma.ts'

/** Addresses of the regions that processes take their structures from. */
export interface ProcessRegions {
  nextVma: number
  nextStep: number
  nextProgram: number
  nextProcess: number
}

/** What the processes of a group have in common: where their steps and their program stand. */
interface Text {
  at: number
  nr: number
  program: number
  programEnd: number
  /** Spare VMAs of each process. */
  spareVmas: number
}

export function buildGroup(
  b: Builder,
  objects: Objects,
  regions: ProcessRegions,
  group: ProcessGroup,
  field: string,
): void {
  const space = new AddressSpace(programVmas(group), field)
  const steps = writeSteps(b, regions, group, space)
  for (let first = 0; first < group.count; first += group.share) {
    const sharers: Sharer[] = []
    for (let i = first; i < Math.min(first + group.share, group.count); i++)
      sharers.push(newProcess(b, regions, group, space, steps))
    for (const vma of group.vmas) new VmaBuilder(b, objects, group, vma, space, sharers).build()
  }
}

/** The steps of a group's processes, written once. */
function writeSteps(
  b: Builder,
  regions: ProcessRegions,
  group: ProcessGroup,
  space: AddressSpace,
): Text {
  const teardown = group.teardown ?? b.scenario.teardown
  const list: TeardownStep[] = teardown === 'exit' ? ['exit'] : teardown
  const at = regions.nextStep
  for (const step of list) {
    if (step === 'exit') {
      mem[regions.nextStep] = STEP_EXIT
    } else {
      const vma = group.vmas[step.munmap.vma]
      assert(vma !== undefined, 'munmap of no VMA', { vma: step.munmap.vma })
      const start = space.compact((vma.start ?? 0) + step.munmap.from)
      mem.set([STEP_MUNMAP, start, start + step.munmap.pages], regions.nextStep)
    }
    regions.nextStep += STEP_WORDS
  }
  const program = group.program === undefined ? 0 : regions.nextProgram
  if (program !== 0) regions.nextProgram = writeProgram(b, group, space, program)
  const { vmas } = programNeeds(group, group.name)
  const spareVmas = list.length + 1 + vmas
  return { at, nr: list.length, program, programEnd: regions.nextProgram, spareVmas }
}

/** An mm_struct with its VMAs, in address order, and spare ones for the splits of munmap. */
function newProcess(
  b: Builder,
  regions: ProcessRegions,
  group: ProcessGroup,
  space: AddressSpace,
  steps: Text,
): Sharer {
  const process = regions.nextProcess++
  const mm = MM_BASE + process * MM_STRIDE
  const cpu = cpuOf(process)
  mem[mm + MM_ID] = process
  mem[mm + MM_USERS] = 1
  mem[mm + MM_STEPS] = steps.at
  mem[mm + MM_NR_STEPS] = steps.nr
  mem[mm + MM_PROGRAM] = steps.program
  mem[mm + MM_PROGRAM_END] = steps.programEnd
  for (let i = 0; i < group.cpumask; i++) {
    const bit = (cpu + i) % NR_CPUS
    const word = mm + MM_CPUMASK + (bit >> 5)
    mem[word] = (mem[word] as number) | (1 << (bit & 31))
  }
  let prev = 0
  const ordered = group.vmas
    .map((vma, id) => ({ vma, id }))
    .toSorted((x, y) => (x.vma.start ?? 0) - (y.vma.start ?? 0))
  for (const { vma, id } of ordered) {
    const at = takeVma(regions)
    const start = space.compact(vma.start ?? 0)
    mem[at + VMA_START] = start
    mem[at + VMA_END] = start + vma.pages
    mem[at + VMA_FLAGS] = vmaFlags(vma)
    mem[at + VMA_MM] = mm
    mem[at + VMA_PREV] = prev
    mem[at + VMA_ID] = id
    mem[at + VMA_FAULT] = faultWord(0, b.memcgId(group.memcg))
    mem[prev === 0 ? mm + MM_MMAP : prev + VMA_NEXT] = at
    add(mm + MM_MAP_COUNT, 1)
    prev = at
  }
  for (let i = 0; i < steps.spareVmas; i++) {
    const spare = takeVma(regions)
    mem[spare + VMA_NEXT] = mem[mm + MM_VMA_POOL] as number
    mem[mm + MM_VMA_POOL] = spare
  }
  return { mm, cpu, tables: new TableBuilder(b, mm) }
}

/** Background processes have the last CPUs, the others share those before them. */
export function cpuOf(process: number): number {
  const background = NR_PROCESSES - NR_FOREGROUND
  if (process >= NR_FOREGROUND) return NR_CPUS - background + (process - NR_FOREGROUND)
  return process % (NR_CPUS - background)
}

function takeVma(regions: ProcessRegions): number {
  const at = regions.nextVma
  regions.nextVma += VMA_WORDS
  return at
}

function vmaFlags(vma: Vma): number {
  let flags = 0
  if (vma.locked) flags |= VM_LOCKED
  if (vma.kind === 'pfnmap') flags |= VM_PFNMAP
  if (!vma.recency) flags |= VM_RAND_READ
  if (vma.kind === 'anon') flags |= VM_ANON
  return flags
}
