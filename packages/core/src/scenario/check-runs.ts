/**
 * Checks of exact contents: `runs` and `swapRuns` of one VMA.
 *
 * A run that is fine lies inside its VMA, overlaps no other, and every page of it is a page of a named folio.
 */
import type { FoundIssue } from './issues.ts'
import type { PathSegment } from './path.ts'
import { PMD_ORDER, PMD_PAGES } from './limits.ts'
import { type FolioIndex, findFolio } from './named-folios.ts'
import type { Run, Vma } from './scenario.ts'

/** Issues of the runs of the VMA at `path`. */
export function checkRuns(
  vma: Vma,
  runs: readonly Run[],
  path: readonly PathSegment[],
  folios: FolioIndex,
): FoundIssue[] {
  return [
    ...checkSelections(vma, path),
    ...runs.flatMap((run, i) => checkRun(vma, run, [...path, 'runs', i], folios)),
    ...checkPlaces(vma, path),
  ]
}

const PATTERN_KEYS = [
  'holes',
  'swap',
  'migration',
  'young',
  'dirty',
  'mlocked',
  'swapcache',
  'swapcacheShared',
  'active',
  'isolated',
  'pinned',
  'hugeZero',
] as const

/** Selections say something about a pattern, so beside runs they would silently say nothing. */
function checkSelections(vma: Vma, path: readonly PathSegment[]): FoundIssue[] {
  const given = vma as Partial<Record<(typeof PATTERN_KEYS)[number], unknown>>
  return PATTERN_KEYS.filter((key) => (given[key] ?? 'none') !== 'none').map((key) => ({
    path: [...path, key],
    message: 'has no meaning beside runs',
    hint: 'leave it out, and set it in runs, swapRuns or folios',
  }))
}

function checkRun(
  vma: Vma,
  run: Run,
  path: readonly PathSegment[],
  folios: FolioIndex,
): FoundIssue[] {
  const issues: FoundIssue[] = []
  const first = findFolio(folios, run.folio)
  if (first !== undefined && run.page >= 2 ** first.order) {
    issues.push({
      path: [...path, 'page'],
      message: `is not in folio ${run.folio}, which has order ${first.order}`,
      value: run.page,
      allowed: `an integer from 0 to ${2 ** first.order - 1}`,
    })
    return issues
  }
  issues.push(...checkFolios(run, path, folios))
  if (run.mapped === 'pmd') issues.push(...checkPmdRun(vma, run, path))
  return issues
}

/** Follows the run through the folios it maps, an entry at a time. */
function checkFolios(run: Run, path: readonly PathSegment[], folios: FolioIndex): FoundIssue[] {
  let id = run.folio
  let rest = run.pages + run.page
  while (rest > 0) {
    const entry = findFolio(folios, id)
    if (entry === undefined) {
      const message =
        id === run.folio
          ? 'there is no folio with this id'
          : `the run goes on into folio ${id}, which does not exist`
      return [
        { path: [...path, 'folio'], message, value: run.folio, hint: 'declare it under folios' },
      ]
    }
    if (run.mapped === 'pmd' && entry.order !== PMD_ORDER) {
      return [
        {
          path: [...path, 'mapped'],
          message: `folio ${id} has order ${entry.order}`,
          value: 'pmd',
          allowed: `pmd with folios of order ${PMD_ORDER}, else pte`,
        },
      ]
    }
    const left = entry.id + entry.count - id
    rest -= left * 2 ** entry.order
    id += left
  }
  return []
}

function checkPmdRun(vma: Vma, run: Run, path: readonly PathSegment[]): FoundIssue[] {
  const issues: FoundIssue[] = []
  const wrong = (key: string, value: number, allowed: string): void => {
    issues.push({
      path: [...path, key],
      message: 'is not a whole number of PMDs, but the run is mapped: pmd',
      value,
      allowed,
    })
  }
  const off = ((vma.start ?? 0) + run.at) % PMD_PAGES
  if (off !== 0) {
    issues.push({
      path: [...path, 'at'],
      message: `lies ${off} pages past a 2 MiB boundary, but the run is mapped: pmd`,
      value: run.at,
    })
  }
  if (run.pages % PMD_PAGES !== 0) wrong('pages', run.pages, `a multiple of ${PMD_PAGES}`)
  if (run.page !== 0) wrong('page', run.page, '0')
  return issues
}

interface Place {
  key: 'runs' | 'swapRuns'
  i: number
  at: number
  pages: number
}

/** Runs and swap runs lie inside the VMA and do not overlap. */
function checkPlaces(vma: Vma, path: readonly PathSegment[]): FoundIssue[] {
  const issues: FoundIssue[] = []
  const places: Place[] = [
    ...(vma.runs ?? []).map(({ at, pages }, i) => ({ key: 'runs' as const, i, at, pages })),
    ...(vma.swapRuns ?? []).map(({ at, pages }, i) => ({ key: 'swapRuns' as const, i, at, pages })),
  ].sort((a, b) => a.at - b.at)
  let furthest: Place | undefined
  for (const place of places) {
    const { key, i, at, pages } = place
    const end = at + pages
    if (end > vma.pages) {
      issues.push({
        path: [...path, key, i],
        message: `ends past the end of the VMA: at ${at} + pages ${pages} = ${end}, but the VMA has ${vma.pages} pages`,
      })
    }
    if (furthest !== undefined && at < furthest.at + furthest.pages) {
      const last = furthest.at + furthest.pages - 1
      issues.push({
        path: [...path, key, i, 'at'],
        message: `overlaps ${furthest.key}[${furthest.i}], which covers pages ${furthest.at} to ${last}`,
        value: at,
      })
    }
    if (furthest === undefined || end > furthest.at + furthest.pages) furthest = place
  }
  return issues
}
