/**
 * Checks of the teardown steps: every munmap lies within a VMA that the process has, and exit comes last.
 *
 * The scenario's steps are checked against every group that has none of its own; each step is reported once.
 */
import type { FoundIssue } from './issues.ts'
import type { PathSegment } from './path.ts'
import type { ProcessGroup, Scenario, TeardownStep } from './scenario.ts'

/** Issues of the scenario's teardown and of the groups' own. */
export function checkTeardown(scenario: Scenario): FoundIssue[] {
  const own: FoundIssue[] = []
  const shared: { group: ProcessGroup; i: number }[] = []
  for (const [i, group] of scenario.processes.entries()) {
    if (group.teardown === undefined) shared.push({ group, i })
    else own.push(...checkSteps(group.teardown, ['processes', i, 'teardown'], [{ group, i }]))
  }
  return [...own, ...checkSteps(scenario.teardown, ['teardown'], shared)]
}

function checkSteps(
  steps: Scenario['teardown'],
  path: readonly PathSegment[],
  groups: readonly { group: ProcessGroup; i: number }[],
): FoundIssue[] {
  if (steps === 'exit') return []
  return steps.flatMap((step, s) => {
    const here = [...path, s]
    if (step === 'exit') {
      const last = s === steps.length - 1
      return last ? [] : [{ path: here, message: 'exit must be the last step' }]
    }
    for (const { group, i } of groups) {
      const issue = checkMunmap(step, here, group, i)
      if (issue !== undefined) return [issue]
    }
    return []
  })
}

function checkMunmap(
  { munmap }: Exclude<TeardownStep, 'exit'>,
  path: readonly PathSegment[],
  group: ProcessGroup,
  i: number,
): FoundIssue | undefined {
  const vma = group.vmas[munmap.vma]
  if (vma === undefined) {
    const last = group.vmas.length - 1
    return {
      path: [...path, 'munmap', 'vma'],
      message: `processes[${i}] (${group.name}) has no such VMA`,
      value: munmap.vma,
      allowed: last < 0 ? 'none' : last === 0 ? '0' : `an integer from 0 to ${last}`,
    }
  }
  const end = munmap.from + munmap.pages
  if (end <= vma.pages) return undefined
  return {
    path: [...path, 'munmap', 'pages'],
    message: `goes past the end of processes[${i}].vmas[${munmap.vma}]: from ${munmap.from} + pages ${munmap.pages} = ${end}, but it has ${vma.pages} pages`,
    value: munmap.pages,
  }
}
