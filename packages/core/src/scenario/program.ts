/**
 * What the steps of a program come to: which VMAs they add and where, and a walk over all of them.
 *
 * Owns the numbering of VMAs and the place of mapped ones: the first 2 MiB boundary, from where the first VMA of a
 * process lies by default, behind which neither a VMA of the process nor an earlier mmap step has pages. So the address
 * of an mmap step depends on the scenario alone, and a step that is repeated maps the same addresses again.
 */
import type { PathSegment } from './path.ts'
import { FIRST_START, PMD_PAGES } from './limits.ts'
import type { ProcessGroup, ProgramStep, Vma } from './scenario.ts'

/** A VMA of a process as its program sees it. */
export interface ProgramVma {
  /** First page of its address. */
  start: number
  pages: number
  /** Of the folios that faults allocate. */
  order: number
  memcg: string
  /** The mmap step that adds it; -1: it is there from the start. */
  mmap: number
  /** Added by a forked child. */
  ofChild: boolean
}

/** A step, where it stands, and whether a forked child takes it. */
export interface VisitedStep {
  step: ProgramStep
  path: readonly PathSegment[]
  inFork: boolean
}

/** All steps in order of appearance, nested ones behind the step that they belong to. */
export function stepsOf(group: ProcessGroup): VisitedStep[] {
  const found: VisitedStep[] = []
  const visit = (
    steps: readonly ProgramStep[],
    path: readonly PathSegment[],
    inFork: boolean,
  ): void => {
    for (const [i, step] of steps.entries()) {
      const here = [...path, i]
      found.push({ step, path: here, inFork })
      if (step.repeat !== undefined) visit(step.repeat.steps, [...here, 'repeat', 'steps'], inFork)
      if (step.fork !== undefined) visit(step.fork.program, [...here, 'fork', 'program'], true)
    }
  }
  visit(group.program ?? [], ['program'], false)
  return found
}

/** The VMAs of the process, then those of its mmap steps. */
export function programVmas(group: ProcessGroup): ProgramVma[] {
  const vmas: ProgramVma[] = group.vmas.map(({ start = 0, pages }) => ({
    start,
    pages,
    order: 0,
    memcg: group.memcg,
    mmap: -1,
    ofChild: false,
  }))
  for (const { step, inFork } of stepsOf(group)) {
    if (step.mmap === undefined) continue
    const { pages, order, memcg = group.memcg } = step.mmap
    const mmap = vmas.length - group.vmas.length
    vmas.push({ start: freeAddress(vmas, pages), pages, order, memcg, mmap, ofChild: inFork })
  }
  return vmas
}

function freeAddress(vmas: readonly ProgramVma[], pages: number): number {
  let start = FIRST_START
  for (const vma of vmas.toSorted((a, b) => a.start - b.start)) {
    if (vma.start >= start + pages) break
    const end = vma.start + vma.pages
    if (end > start) start = Math.ceil(end / PMD_PAGES) * PMD_PAGES
  }
  return start
}

/** The part of a VMA that a touch or munmap step names. */
export function stepRange(
  { from, pages }: { from: number; pages?: number },
  vma: { pages: number },
): { from: number; to: number } {
  return { from, to: pages === undefined ? vma.pages : from + pages }
}

/** Entries of an anonymous VMA that neither fault nor fork handles. */
export function whyNotCopied(vma: Vma): string | undefined {
  if (vma.kind !== 'anon') return undefined
  if (vma.mapped === 'pmd' || vma.runs?.some(({ mapped }) => mapped === 'pmd') === true)
    return 'mapped: pmd'
  if (vma.swap !== 'none' || (vma.swapRuns ?? []).length > 0) return 'swap entries'
  if (vma.migration !== 'none') return 'migration entries'
  return undefined
}
