/**
 * What the schema cannot say: the rules that tie several keys of a scenario together.
 *
 * Owns the checks across the whole scenario (names, ids, totals); `check-process.ts` and below have those of one
 * process. Expects a scenario that passed the schema, with every `start` filled in.
 */
import type { ScenarioContext } from './check-context.ts'
import { checkProcess } from './check-process.ts'
import { checkPrograms } from './check-program.ts'
import { checkSections } from './check-sections.ts'
import { checkTeardown } from './check-teardown.ts'
import { coveringPages } from './folio-pattern.ts'
import { type FoundIssue } from './issues.ts'
import { formatPath, type PathSegment } from './path.ts'
import { MAX_MEMCGS, MAX_PFNS, MAX_PROCESSES, PAGE_BYTES } from './limits.ts'
import { indexFolios } from './named-folios.ts'
import { stepsOf } from './program.ts'
import type {
  FileObject,
  FolioPattern,
  PcpConfig,
  ProcessGroup,
  Scenario,
  Tunables,
} from './scenario.ts'

/** Every issue of the scenario, in the order of its keys; none: it can be used. */
export function checkScenario(scenario: Scenario): FoundIssue[] {
  const { index, issues: folioIssues } = indexFolios(scenario.folios)
  const context: ScenarioContext = {
    files: new Map(scenario.files.map((file) => [file.name, file])),
    folios: index,
    cpus: scenario.machine.cpus,
    swap: scenario.machine.swap,
  }
  return [
    ...checkFileNames(scenario.files),
    ...folioIssues,
    ...checkCounts(scenario),
    ...checkPcp(scenario.machine.pcp),
    ...checkResched(scenario.tunables),
    ...checkSections(scenario),
    ...scenario.processes.flatMap((group, i) => checkProcess(group, ['processes', i], context)),
    ...checkTeardown(scenario),
    ...checkPrograms(scenario),
    ...checkMemory(scenario),
  ]
}

function checkFileNames(files: readonly FileObject[]): FoundIssue[] {
  const first = new Map<string, number>()
  return files.flatMap(({ name }, i) => {
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, i)
      return []
    }
    return [
      {
        path: ['files', i, 'name'],
        message: `is already the name of files[${earlier}]`,
        value: name,
      },
    ]
  })
}

function checkCounts(scenario: Scenario): FoundIssue[] {
  const issues: FoundIssue[] = []
  const processes = scenario.processes.reduce((sum, group) => sum + group.count, 0)
  if (processes > MAX_PROCESSES) {
    issues.push({
      path: ['processes'],
      message: `are ${processes} processes in all`,
      allowed: `at most ${MAX_PROCESSES}`,
    })
  }
  const memcgs = countMemcgs(scenario)
  if (memcgs > MAX_MEMCGS) {
    issues.push({
      path: [],
      message: `names ${memcgs} memcgs`,
      allowed: `at most ${MAX_MEMCGS}, parents included`,
    })
  }
  return issues
}

function checkPcp({ highMin, highMax }: PcpConfig): FoundIssue[] {
  if (highMin === undefined || highMax === undefined || highMin <= highMax) return []
  return [
    {
      path: ['machine', 'pcp', 'highMin'],
      message: 'is more than highMax',
      value: highMin,
      allowed: `at most ${highMax}`,
    },
  ]
}

/** With an interval of 1 no table visit would clear anything, and none would be the last. */
function checkResched(tunables: Tunables): FoundIssue[] {
  const keys = ['needReschedEvery', 'needReschedMean'] as const
  const issues: FoundIssue[] = keys
    .filter((key) => tunables[key] === 1)
    .map((key) => ({
      path: ['tunables', key],
      message: 'leaves no time to clear a PTE',
      value: 1,
      allowed: '0, or 2 or more',
    }))
  if (tunables.needReschedEvery === 0 || tunables.needReschedMean === 0) return issues
  const message = 'stands beside needReschedEvery'
  const value = tunables.needReschedMean
  const path = ['tunables', 'needReschedMean']
  return [...issues, { path, message, value, allowed: '0, or needReschedEvery: 0' }]
}

/** Different memcgs, parents included, root not. */
function countMemcgs(scenario: Scenario): number {
  const names = new Set<string>()
  const add = (memcg: string | undefined): void => {
    if (memcg === undefined || memcg === 'root') return
    for (let end = memcg.length; end > 0; end = memcg.lastIndexOf('/', end - 1)) {
      const name = memcg.slice(0, end)
      if (names.has(name)) return
      names.add(name)
    }
  }
  const addPatterns = (patterns: readonly FolioPattern[]): void => {
    for (const pattern of patterns) add(pattern.memcg)
  }
  for (const file of scenario.files) {
    add(file.memcg)
    addPatterns(file.folios)
  }
  for (const folios of scenario.folios) add(folios.memcg)
  for (const group of scenario.processes) {
    add(group.memcg)
    for (const vma of group.vmas) {
      add(vma.tableMemcg)
      if ('folios' in vma) addPatterns(vma.folios)
    }
    for (const { step } of stepsOf(group)) add(step.mmap?.memcg)
  }
  return names.size
}

interface Need {
  path: PathSegment[]
  pages: number
}

/** Refuses a scenario whose folios need more page frames than there are PFNs. Holes are not deducted. */
function checkMemory(scenario: Scenario): FoundIssue[] {
  const needs: Need[] = [
    ...scenario.files.map((file, i) => ({
      path: ['files', i],
      pages: coveringPages(file.folios, file.pages),
    })),
    ...scenario.folios.map((folios, i) => ({
      path: ['folios', i],
      pages: folios.count * 2 ** folios.order,
    })),
    ...scenario.processes.flatMap((group, i) => needsOfGroup(group, i)),
  ]
  const total = needs.reduce((sum, { pages }) => sum + pages, 0)
  if (total <= MAX_PFNS) return []
  const most = needs
    .toSorted((a, b) => b.pages - a.pages)
    .slice(0, 3)
    .map(({ path, pages }) => `${formatPath(path)} ${pages}`)
  return [
    {
      path: [],
      message: `needs ${total} pages of memory (${gib(total)} GiB), most of it for ${most.join(', ')}`,
      allowed: `at most ${MAX_PFNS} pages (${gib(MAX_PFNS)} GiB)`,
      hint: 'take fewer processes or pages, or let more processes share',
    },
  ]
}

function needsOfGroup(group: ProcessGroup, i: number): Need[] {
  const copies = Math.ceil(group.count / group.share)
  return group.vmas.flatMap((vma, v) =>
    'folios' in vma && vma.runs === undefined
      ? [
          {
            path: ['processes', i, 'vmas', v],
            pages: copies * coveringPages(vma.folios, vma.pages),
          },
        ]
      : [],
  )
}

function gib(pages: number): string {
  return String(Math.round((pages * PAGE_BYTES * 10) / 2 ** 30) / 10)
}
