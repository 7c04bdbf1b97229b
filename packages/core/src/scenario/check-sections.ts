/**
 * Checks of sections: each has one place, and free blocks fit into one. (That those that are named exist, the machine's
 * limits say.)
 */
import type { FoundIssue } from './issues.ts'
import { PAGE_BYTES, PMD_ORDER } from './limits.ts'
import { type PathSegment } from './path.ts'
import { stepsOf } from './program.ts'
import type { Scenario } from './scenario.ts'

/** Issues of the placement of sections, and of blocks that no section has room for. */
export function checkSections({ machine, processes }: Scenario): FoundIssue[] {
  const { memmap, sectionPlacement, sectionSizeBits } = machine
  const issues = typeof sectionPlacement === 'string' ? [] : checkPlaces(sectionPlacement)
  const order = sectionSizeBits - Math.log2(PAGE_BYTES)
  if (memmap !== 'sparsemem' || order >= PMD_ORDER) return issues
  const refuse = (path: PathSegment[], value: number): void => {
    if (value <= order) return
    issues.push({
      path: [...path, 'order'],
      message: 'is larger than a section, from which no block can come',
      value,
      allowed: `at most ${order}`,
    })
  }
  machine.pcp.lists.forEach((list, i) => {
    refuse(['machine', 'pcp', 'lists', i], list.order)
  })
  for (const [i, group] of processes.entries()) {
    for (const { step, path } of stepsOf(group)) {
      if (step.mmap !== undefined) refuse(['processes', i, ...path, 'mmap'], step.mmap.order)
    }
  }
  return issues
}

/** Each section has one memmap chunk. */
function checkPlaces(placement: readonly number[]): FoundIssue[] {
  return placement.flatMap((section, i) => {
    const first = placement.indexOf(section)
    if (first === i) return []
    const path = ['machine', 'sectionPlacement', i]
    const message = `is named already, at ${first}`
    return [{ path, message, value: section, allowed: 'each section once' }]
  })
}
