/**
 * Checks of one process: its VMAs one by one, and how they lie in the address space.
 *
 * Expects every `start` to be filled in (`address-layout.ts`).
 */
import type { ScenarioContext } from './check-context.ts'
import { checkVma } from './check-vma.ts'
import type { FoundIssue } from './issues.ts'
import type { PathSegment } from './path.ts'
import { ADDRESS_PAGES, MAX_PGD_ENTRIES, PAGE_BYTES, PGD_PAGES } from './limits.ts'
import type { ProcessGroup } from './scenario.ts'

/** Issues of the process group at `path`. */
export function checkProcess(
  group: ProcessGroup,
  path: readonly PathSegment[],
  context: ScenarioContext,
): FoundIssue[] {
  return [
    ...checkNotEmpty(group, path),
    ...checkCpumask(group, path, context),
    ...group.vmas.flatMap((vma, v) => checkVma(vma, [...path, 'vmas', v], context)),
    ...checkAddresses(group, path),
  ]
}

/** Without a program, a process without VMAs would do nothing. */
function checkNotEmpty(
  { vmas, program }: ProcessGroup,
  path: readonly PathSegment[],
): FoundIssue[] {
  if (vmas.length > 0 || program !== undefined) return []
  return [
    {
      path: [...path, 'vmas'],
      message: 'is missing',
      allowed: 'a list of 1 to 65536 entries, or none beside a program',
    },
  ]
}

function checkCpumask(
  { cpumask }: ProcessGroup,
  path: readonly PathSegment[],
  { cpus }: ScenarioContext,
): FoundIssue[] {
  if (cpumask <= cpus) return []
  return [
    {
      path: [...path, 'cpumask'],
      message: 'is more than the machine has',
      value: cpumask,
      allowed: `1 to ${cpus}, the CPUs of the machine`,
    },
  ]
}

interface Span {
  v: number
  start: number
  end: number
}

function checkAddresses(group: ProcessGroup, path: readonly PathSegment[]): FoundIssue[] {
  const issues: FoundIssue[] = []
  const spans: Span[] = group.vmas.map(({ start = 0, pages }, v) => ({
    v,
    start,
    end: start + pages,
  }))
  const entries = new Set<number>()
  for (const { v, start, end } of spans) {
    entries.add(Math.floor(start / PGD_PAGES)).add(Math.floor((end - 1) / PGD_PAGES))
    if (end > ADDRESS_PAGES) {
      issues.push({
        path: [...path, 'vmas', v, 'start'],
        message: `the VMA ends at ${hex(end)}, past the user address space`,
        value: hex(start),
        allowed: `an end of at most ${hex(ADDRESS_PAGES)}`,
      })
    }
  }
  issues.push(...checkOverlaps(spans, path))
  if (entries.size > MAX_PGD_ENTRIES) {
    issues.push({
      path: [...path, 'vmas'],
      message: `lie in ${entries.size} different regions of 512 GiB`,
      allowed: `at most ${MAX_PGD_ENTRIES} regions in one process`,
    })
  }
  return issues
}

function checkOverlaps(spans: readonly Span[], path: readonly PathSegment[]): FoundIssue[] {
  const issues: FoundIssue[] = []
  let furthest: Span | undefined
  for (const span of spans.toSorted((a, b) => a.start - b.start || a.v - b.v)) {
    if (furthest !== undefined && span.start < furthest.end) {
      const [later, earlier] = span.v > furthest.v ? [span, furthest] : [furthest, span]
      issues.push({
        path: [...path, 'vmas', later.v, 'start'],
        message: `the VMA overlaps vmas[${earlier.v}], which covers ${hex(earlier.start)} to ${hex(earlier.end)}`,
        value: hex(later.start),
        hint: 'leave start out to have it placed',
      })
    }
    if (furthest === undefined || span.end > furthest.end) furthest = span
  }
  return issues
}

/** The address of a page, as people write it. */
export function hex(page: number): string {
  return `0x${(page * PAGE_BYTES).toString(16)}`
}
