/**
 * Checks of the steps that work on memory of other processes: the process comes earlier, so that its mappings are there
 * when the step is written, and the pages lie in a VMA that it has from the start.
 */
import type { FoundIssue } from './issues.ts'
import type { PathSegment } from './path.ts'
import { stepsOf } from './program.ts'
import type { ProcessGroup, Scenario } from './scenario.ts'

/** The group of a process number, or undefined. */
export function groupOfProcess({ processes }: Scenario, process: number): ProcessGroup | undefined {
  let first = 0
  for (const group of processes) {
    if (process < first + group.count) return group
    first += group.count
  }
  return undefined
}

/** Issues of the steps of a group. */
export function checkPlaces(scenario: Scenario, index: number): FoundIssue[] {
  const own = scenario.processes[index] as ProcessGroup
  const before = scenario.processes.slice(0, index).reduce((sum, { count }) => sum + count, 0)
  return stepsOf(own).flatMap(({ step, path, inFork }) => {
    for (const key of ['access', 'dontneed', 'writeback'] as const) {
      const place = step[key]
      if (place === undefined) continue
      const here = ['processes', index, ...path, key]
      if (inFork) return [{ path: here, message: 'a forked child does not do that' }]
      if (place.process !== undefined && place.process >= before) {
        return [
          {
            path: [...here, 'process'],
            message: 'is no process of an earlier group',
            value: place.process,
            allowed: before === 0 ? 'none: there is no earlier group' : `0 to ${before - 1}`,
          },
        ]
      }
      const group = place.process === undefined ? own : groupOfProcess(scenario, place.process)
      return checkRange(group as ProcessGroup, place, here, key)
    }
    return []
  })
}

function checkRange(
  group: ProcessGroup,
  place: { vma: number; from: number; pages?: number },
  path: readonly PathSegment[],
  key: string,
): FoundIssue[] {
  const vma = group.vmas[place.vma]
  if (vma === undefined) {
    const last = group.vmas.length - 1
    const allowed = last < 0 ? 'none: the process has no VMA from the start' : `0 to ${last}`
    return [
      { path: [...path, 'vma'], message: 'is no VMA of the process', value: place.vma, allowed },
    ]
  }
  if (key === 'writeback' && vma.kind !== 'file') {
    return [
      {
        path: [...path, 'vma'],
        message: `of kind ${vma.kind} has nothing to write back`,
        value: place.vma,
        allowed: 'a VMA of kind file',
      },
    ]
  }
  const end = place.from + (place.pages ?? 1)
  if (end <= vma.pages) return []
  return [{ path, message: `ends at page ${end}, and the VMA has ${vma.pages} pages` }]
}
