/**
 * Follows what a program maps and unmaps, step by step: a touched range is mapped, an mmap step finds its place free.
 *
 * A repeat is followed twice: mmap steps fill VMAs and munmap steps empty fixed ranges, so what holds at the end of the
 * second time holds at the end of each. Invariant: intervals of a VMA are sorted and do not touch.
 */
import type { FoundIssue } from './issues.ts'
import type { PathSegment } from './path.ts'
import { programVmas, type ProgramVma, stepRange, whyNotCopied } from './program.ts'
import type { ProcessGroup, ProgramStep } from './scenario.ts'

type Interval = readonly [from: number, to: number]

interface Walk {
  group: ProcessGroup
  vmas: readonly ProgramVma[]
  /** Number of the VMA of each mmap step. */
  numbers: ReadonlyMap<ProgramStep, number>
  issues: FoundIssue[]
}

/** By VMA: what of it is mapped. */
type Mapped = Map<number, Interval[]>

/** Issues of the program of the group at `path`, each step's first one. */
export function checkMaps(group: ProcessGroup, path: readonly PathSegment[]): FoundIssue[] {
  const numbers = new Map<ProgramStep, number>()
  const number = (steps: readonly ProgramStep[]): void => {
    for (const step of steps) {
      if (step.mmap !== undefined) numbers.set(step, group.vmas.length + numbers.size)
      number(step.repeat?.steps ?? step.fork?.program ?? [])
    }
  }
  number(group.program ?? [])
  const walk: Walk = { group, vmas: programVmas(group), numbers, issues: [] }
  const mapped: Mapped = new Map()
  group.vmas.forEach(({ pages }, v) => mapped.set(v, [[0, pages]]))
  follow(walk, mapped, group.program ?? [], [...path, 'program'])
  return walk.issues
}

function follow(
  walk: Walk,
  mapped: Mapped,
  steps: readonly ProgramStep[],
  path: readonly PathSegment[],
): void {
  for (const [i, step] of steps.entries()) {
    // one mistake is enough: what is mapped behind it is a guess
    if (walk.issues.length > 0) return
    const here = [...path, i]
    if (step.mmap !== undefined) followMmap(walk, mapped, step, here)
    if (step.touch !== undefined) checkTouch(walk, mapped, step.touch, [...here, 'touch'])
    if (step.munmap !== undefined) followMunmap(walk, mapped, step.munmap, [...here, 'munmap'])
    if (step.repeat !== undefined) {
      const times = Math.min(2, step.repeat.times)
      for (let n = 0; n < times; n++)
        follow(walk, mapped, step.repeat.steps, [...here, 'repeat', 'steps'])
    }
    if (step.fork !== undefined)
      follow(walk, new Map(mapped), step.fork.program, [...here, 'fork', 'program'])
  }
}

function followMmap(
  { vmas, numbers, issues }: Walk,
  mapped: Mapped,
  step: ProgramStep,
  path: readonly PathSegment[],
): void {
  const vma = numbers.get(step) ?? 0
  if ((mapped.get(vma) ?? []).length > 0) {
    issues.push({
      path: [...path, 'mmap'],
      message: `VMA ${vma} is still mapped when the step is repeated`,
      hint: `unmap it before: munmap: { vma: ${vma} }`,
    })
  }
  mapped.set(vma, [[0, vmas[vma]?.pages ?? 0]])
}

function followMunmap(
  walk: Walk,
  mapped: Mapped,
  step: { vma: number; from: number; pages?: number },
  path: readonly PathSegment[],
): void {
  const range = checkRange(walk, step, path)
  if (range === undefined) return
  const left = (mapped.get(step.vma) ?? []).flatMap(([from, to]): Interval[] => [
    [from, Math.min(to, range.from)],
    [Math.max(from, range.to), to],
  ])
  mapped.set(
    step.vma,
    left.filter(([from, to]) => from < to),
  )
}

function checkTouch(
  walk: Walk,
  mapped: Mapped,
  step: { vma: number; from: number; pages?: number },
  path: readonly PathSegment[],
): void {
  const range = checkRange(walk, step, path)
  if (range === undefined) return
  const vma = walk.group.vmas[step.vma]
  const refused = vma && (vma.kind !== 'anon' ? `of kind ${vma.kind}` : whyNotTouched(vma))
  if (refused !== undefined) {
    walk.issues.push({
      path: [...path, 'vma'],
      message: `faults of a VMA that is ${refused} are not modelled`,
      value: step.vma,
      allowed: 'an anonymous VMA without swap or migration entries, mapped by PTEs, not locked',
    })
    return
  }
  const inside = (mapped.get(step.vma) ?? []).some(
    ([from, to]) => from <= range.from && range.to <= to,
  )
  if (inside) return
  walk.issues.push({
    path,
    message: `pages ${range.from} to ${range.to} of VMA ${step.vma} are not all mapped at that moment`,
    hint: 'map them before, or touch less',
  })
}

function whyNotTouched(vma: ProcessGroup['vmas'][number]): string | undefined {
  const entries = whyNotCopied(vma)
  if (entries !== undefined) return `one with ${entries}`
  return vma.locked ? 'locked' : undefined
}

/** The range of a step; undefined if it is wrong, which is then reported. */
function checkRange(
  { vmas, issues }: Walk,
  step: { vma: number; from: number; pages?: number },
  path: readonly PathSegment[],
): { from: number; to: number } | undefined {
  const vma = vmas[step.vma]
  if (vma === undefined) {
    const last = vmas.length - 1
    issues.push({
      path: [...path, 'vma'],
      message: 'the process has no such VMA',
      value: step.vma,
      allowed:
        last < 0 ? 'none: nothing is mapped' : last === 0 ? '0' : `an integer from 0 to ${last}`,
    })
    return undefined
  }
  const range = stepRange(step, vma)
  if (range.from < range.to && range.to <= vma.pages) return range
  const key = step.pages === undefined ? 'from' : 'pages'
  issues.push({
    path: [...path, key],
    message: `goes past the end of VMA ${step.vma}, which has ${vma.pages} pages`,
    value: key === 'from' ? step.from : step.pages,
    allowed:
      key === 'from' ? `at most ${vma.pages - 1}` : `at most ${vma.pages - step.from} at this from`,
  })
  return undefined
}
