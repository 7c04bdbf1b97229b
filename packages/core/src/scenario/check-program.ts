/**
 * Checks of programs: steps name VMAs that are there and mapped at that moment, forks and reclaim stand where they may,
 * and a process that runs a program leaves nothing behind.
 *
 * What is mapped when is followed in `check-program-maps.ts`; a step is reported once.
 */
import { checkMaps } from './check-program-maps.ts'
import { type FoundIssue, unknownName } from './issues.ts'
import { type PathSegment } from './path.ts'
import { MAX_PGD_ENTRIES, PGD_PAGES } from './limits.ts'
import { checkPlaces } from './check-places.ts'
import { programVmas, stepsOf, type VisitedStep, whyNotCopied } from './program.ts'
import type { ProcessGroup, Scenario } from './scenario.ts'

/** A program's repeats and forks may be nested so deep. */
const DEPTH_MAX = 8
const STEP_KEYS =
  'one of mmap, touch, munmap, delay, fork, repeat, reclaim, access, dontneed, writeback, splitScan'

/** Issues of all programs and of background groups. */
export function checkPrograms(scenario: Scenario): FoundIssue[] {
  const issues = [...checkBackground(scenario)]
  if (!scenario.processes.some(({ program }) => program !== undefined)) return issues
  if (scenario.machine.gatherPages !== 'pcp') {
    issues.push({
      path: ['machine', 'gatherPages'],
      message: 'a program allocates page tables, and a reserve has none',
      value: scenario.machine.gatherPages,
      allowed: 'pcp where there is a program',
    })
  }
  const memcgs = namedMemcgs(scenario)
  for (const [i, group] of scenario.processes.entries()) {
    if (group.program === undefined) continue
    const path = ['processes', i]
    issues.push(...checkExit(scenario, group, path))
    issues.push(...checkSteps(group, path, memcgs))
    issues.push(...checkPlaces(scenario, i))
  }
  return issues
}

/** Background processes come last, as their CPUs do. */
function checkBackground({ processes, machine }: Scenario): FoundIssue[] {
  const count = processes.reduce((sum, group) => sum + (group.background ? group.count : 0), 0)
  if (count === 0) return []
  const issues: FoundIssue[] = []
  const first = processes.findIndex(({ background }) => background)
  const behind = processes.findIndex((group, i) => i > first && !group.background)
  if (behind >= 0) {
    issues.push({
      path: ['processes', behind],
      message: `stands behind processes[${first}], which is a background group`,
      hint: 'put background groups last',
    })
  }
  if (first === 0) {
    issues.push({
      path: ['processes', 0, 'background'],
      message: 'there is nothing to wait for: every group is a background group',
      value: true,
      allowed: 'false for at least one group',
    })
  }
  if (machine.cpus <= count) {
    issues.push({
      path: ['machine', 'cpus'],
      message: `are too few for ${count} background processes, which have a CPU each, and others`,
      value: machine.cpus,
      allowed: `at least ${count + 1}`,
    })
  }
  return issues
}

/** Memory is sized for one program at a time on each CPU. */
function checkExit(
  scenario: Scenario,
  group: ProcessGroup,
  path: readonly PathSegment[],
): FoundIssue[] {
  const own = group.teardown !== undefined
  const teardown = group.teardown ?? scenario.teardown
  if (teardown === 'exit' || teardown.at(-1) === 'exit') return []
  return [
    {
      path: own ? [...path, 'teardown'] : ['teardown'],
      message: `a process with a program must exit, but ${String(path[0])}[${String(path[1])}] (${group.name}) only unmaps`,
      hint: 'end the list with exit',
    },
  ]
}

function checkSteps(
  group: ProcessGroup,
  path: readonly PathSegment[],
  memcgs: ReadonlySet<string>,
): FoundIssue[] {
  const issues: FoundIssue[] = []
  for (const visited of stepsOf(group)) {
    const at = { ...visited, path: [...path, ...visited.path] }
    issues.push(...checkStep(at, group, memcgs))
  }
  if (issues.length > 0) return issues
  return [...checkAddresses(group, path), ...checkMaps(group, path)]
}

function checkStep(
  { step, path, inFork }: VisitedStep,
  group: ProcessGroup,
  memcgs: ReadonlySet<string>,
): FoundIssue[] {
  if (Object.keys(step).length !== 1) {
    return [{ path, message: 'must have exactly one key', allowed: STEP_KEYS }]
  }
  const nested = path.filter((segment) => segment === 'repeat' || segment === 'fork').length
  if (nested > DEPTH_MAX) {
    return [{ path, message: `is nested ${nested} deep`, allowed: `at most ${DEPTH_MAX}` }]
  }
  if (step.fork !== undefined) {
    if (inFork) return [{ path: [...path, 'fork'], message: 'a forked child does not fork again' }]
    return checkFork(group, path)
  }
  if (inFork && (step.reclaim ?? step.splitScan) !== undefined) {
    return [{ path, message: 'a forked child does not reclaim' }]
  }
  for (const key of ['reclaim', 'splitScan'] as const) {
    const memcg = step[key]?.memcg
    if (memcg !== undefined && !memcgs.has(memcg))
      return [unknownName([...path, key, 'memcg'], 'memcg', memcg, [...memcgs])]
  }
  return []
}

/** What copy_page_range would have to copy besides the PTEs of anonymous pages. */
function checkFork(group: ProcessGroup, path: readonly PathSegment[]): FoundIssue[] {
  const index = group.vmas.findIndex((vma) => whyNotCopied(vma) !== undefined)
  const vma = group.vmas[index]
  if (vma === undefined) return []
  return [
    {
      path: [...path, 'fork'],
      message: `cannot copy vmas[${index}], which has ${whyNotCopied(vma)}`,
      allowed: 'a fork of anonymous memory that is mapped by PTEs and not swapped out',
    },
  ]
}

/** The PGD entries that the process needs once everything is mapped. */
function checkAddresses(group: ProcessGroup, path: readonly PathSegment[]): FoundIssue[] {
  const regions = new Set<number>()
  for (const { start, pages } of programVmas(group)) {
    regions.add(Math.floor(start / PGD_PAGES)).add(Math.floor((start + pages - 1) / PGD_PAGES))
  }
  if (regions.size <= MAX_PGD_ENTRIES) return []
  return [
    {
      path: [...path, 'program'],
      message: `maps memory so that the process has ${regions.size} different regions of 512 GiB`,
      allowed: `at most ${MAX_PGD_ENTRIES} regions in one process`,
    },
  ]
}

/** Every memcg that something is charged to, with its parents. */
function namedMemcgs(scenario: Scenario): Set<string> {
  const names = new Set(['root'])
  const add = (memcg: string | undefined): void => {
    const parts = memcg === undefined || memcg === 'root' ? [] : memcg.split('/')
    for (let i = 1; i <= parts.length; i++) names.add(parts.slice(0, i).join('/'))
  }
  for (const { memcg, folios } of scenario.files) {
    add(memcg)
    for (const part of folios) add(part.memcg)
  }
  for (const { memcg } of scenario.folios) add(memcg ?? 'main')
  for (const group of scenario.processes) {
    add(group.memcg)
    for (const vma of group.vmas)
      if ('folios' in vma) for (const part of vma.folios) add(part.memcg)
    for (const { step } of stepsOf(group)) add(step.mmap?.memcg)
  }
  return names
}
