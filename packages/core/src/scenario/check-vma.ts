/**
 * Checks of one VMA: the file it maps, what huge mappings and device pages demand, keys that do not go together.
 */
import type { ScenarioContext } from './check-context.ts'
import { checkRuns } from './check-runs.ts'
import { consistsOf } from './folio-pattern.ts'
import { type FoundIssue, unknownName } from './issues.ts'
import { type PathSegment } from './path.ts'
import { PAGE_BYTES, PMD_ORDER, PMD_PAGES } from './limits.ts'
import type { DeviceVma, FileVma, Selection, Vma } from './scenario.ts'
import { selectionCount } from './selection.ts'

/** Issues of the VMA at `path`. */
export function checkVma(
  vma: Vma,
  path: readonly PathSegment[],
  context: ScenarioContext,
): FoundIssue[] {
  const issues: FoundIssue[] = []
  if (vma.kind === 'file') issues.push(...checkFile(vma, path, context))
  if (vma.kind === 'device') issues.push(...checkDevice(vma, path))
  if (vma.kind === 'anon' && vma.hugeZero !== 'none' && vma.mapped !== 'pmd') {
    issues.push({
      path: [...path, 'hugeZero'],
      message: 'needs mapped: pmd',
      allowed: 'none where mapped is pte',
    })
  }
  if (!context.swap) issues.push(...checkNoSwap(vma, path))
  if (vma.runs !== undefined) return [...issues, ...checkRuns(vma, vma.runs, path, context.folios)]
  if (vma.swapRuns !== undefined) {
    issues.push({
      path: [...path, 'swapRuns'],
      message: 'stands without runs',
      hint: 'add runs: [], or use the selection swap',
    })
  }
  if (vma.mapped === 'pmd') issues.push(...checkPmd(vma, path, context))
  return issues
}

function checkFile(
  vma: FileVma,
  path: readonly PathSegment[],
  { files }: ScenarioContext,
): FoundIssue[] {
  const file = files.get(vma.file)
  if (file === undefined) {
    const issue = unknownName([...path, 'file'], 'file', vma.file, [...files.keys()])
    return [{ ...issue, hint: issue.hint ?? 'declare it under files' }]
  }
  const end = vma.offset + vma.pages
  if (end <= file.pages) return []
  const past = `the mapping ends past the end of its file: offset ${vma.offset} + pages ${vma.pages} = ${end}, but ${file.name} has ${file.pages} pages`
  return [
    vma.offset < file.pages
      ? {
          path: [...path, 'pages'],
          message: past,
          value: vma.pages,
          allowed: `at most ${file.pages - vma.offset} at this offset`,
        }
      : {
          path: [...path, 'offset'],
          message: past,
          value: vma.offset,
          allowed: `an offset below ${file.pages}`,
        },
  ]
}

function checkDevice(vma: DeviceVma, path: readonly PathSegment[]): FoundIssue[] {
  const most = vma.memory === 'private' ? 0 : PMD_ORDER
  return vma.folios.flatMap(({ order }, i) =>
    order <= most
      ? []
      : [
          {
            path: [...path, 'folios', i, 'order'],
            message: `is too large for device memory of kind ${vma.memory}`,
            value: order,
            allowed: most === 0 ? '0' : `an integer from 0 to ${most}`,
          },
        ],
  )
}

function checkNoSwap(vma: Vma, path: readonly PathSegment[]): FoundIssue[] {
  const used: string[] = []
  if (vma.swap !== 'none') used.push('swap')
  if (vma.swapRuns !== undefined && vma.swapRuns.length > 0) used.push('swapRuns')
  if (vma.kind === 'anon' && vma.swapcache !== 'none') used.push('swapcache')
  return used.map((key) => ({
    path: [...path, key],
    message: 'needs a kernel with swap, but machine.swap is false',
    hint: 'leave it out, or set machine.swap: true',
  }))
}

function checkPmd(vma: Vma, path: readonly PathSegment[], context: ScenarioContext): FoundIssue[] {
  if (vma.kind === 'zero' || vma.kind === 'pfnmap') {
    return [
      {
        path: [...path, 'mapped'],
        message: `a VMA of kind ${vma.kind} is mapped by PTEs`,
        value: 'pmd',
        allowed: 'pte',
        ...(vma.kind === 'zero' ? { hint: 'the huge zero page is kind anon with hugeZero' } : {}),
      },
    ]
  }
  const issues = checkPmdBounds(vma, path)
  if (vma.kind === 'file') issues.push(...checkPmdFile(vma, path, context))
  else if ('folios' in vma && !vma.folios.every(({ order }) => order === PMD_ORDER)) {
    issues.push({
      path: [...path, 'folios'],
      message: `mapped: pmd needs folios of order ${PMD_ORDER} only, here is ${ordersOf(vma.folios)}`,
      allowed: `folios: [{ order: ${PMD_ORDER} }]`,
    })
  }
  if (vma.migration !== 'none') {
    issues.push({
      path: [...path, 'migration'],
      message: 'migration entries of huge pages are not modelled',
      allowed: 'none where the VMA is mapped: pmd',
    })
  }
  for (const key of ['holes', 'swap'] as const) {
    if (!picksWholePmds(vma[key], vma.pages)) {
      issues.push({
        path: [...path, key],
        message: 'picks part of a PMD, but the VMA is mapped: pmd',
        allowed: `none, all or multiples of ${PMD_PAGES} pages`,
      })
    }
  }
  return issues
}

function checkPmdBounds(vma: Vma, path: readonly PathSegment[]): FoundIssue[] {
  const issues: FoundIssue[] = []
  const over = vma.pages % PMD_PAGES
  if (over !== 0) {
    const below = vma.pages - over
    issues.push({
      path: [...path, 'pages'],
      message: 'is not a whole number of PMDs, but the VMA is mapped: pmd',
      value: vma.pages,
      allowed: `a multiple of ${PMD_PAGES}`,
      hint:
        below === 0 ? `the next is ${PMD_PAGES}` : `the next are ${below} and ${below + PMD_PAGES}`,
    })
  }
  if (vma.start !== undefined && vma.start % PMD_PAGES !== 0) {
    issues.push({
      path: [...path, 'start'],
      message: 'is not on a 2 MiB boundary, but the VMA is mapped: pmd',
      value: `0x${(vma.start * PAGE_BYTES).toString(16)}`,
      allowed: `a multiple of 0x${(PMD_PAGES * PAGE_BYTES).toString(16)}`,
    })
  }
  return issues
}

function checkPmdFile(
  vma: FileVma,
  path: readonly PathSegment[],
  { files }: ScenarioContext,
): FoundIssue[] {
  if (vma.offset % PMD_PAGES !== 0) {
    return [
      {
        path: [...path, 'offset'],
        message: 'is not a whole number of PMDs, but the VMA is mapped: pmd',
        value: vma.offset,
        allowed: `a multiple of ${PMD_PAGES}`,
      },
    ]
  }
  const file = files.get(vma.file)
  if (file === undefined || consistsOf(file.folios, vma.offset, vma.pages, PMD_ORDER)) return []
  const last = vma.offset + vma.pages - 1
  return [
    {
      path: [...path, 'mapped'],
      message: `pmd needs folios of order ${PMD_ORDER} in pages ${vma.offset} to ${last} of file ${file.name}`,
      value: 'pmd',
      allowed: 'pte with these folios',
    },
  ]
}

function ordersOf(folios: readonly { order: number }[]): string {
  const orders = [...new Set(folios.map(({ order }) => order))]
  return `order ${orders.slice(0, 5).join(', ')}`
}

/** Whether each PMD of the VMA is picked either wholly or not at all. */
function picksWholePmds(selection: Selection, pages: number): boolean {
  if (typeof selection === 'string') return true
  for (let at = 0; at < pages; at += PMD_PAGES) {
    const end = Math.min(at + PMD_PAGES, pages)
    const picked = selectionCount(selection, end) - selectionCount(selection, at)
    if (picked !== 0 && picked !== end - at) return false
  }
  return true
}
