/**
 * mm/mmap.c: the VMAs of an mm, and the spare ones that munmap takes for its splits.
 */

import {
  MM_ID,
  MM_MAP_COUNT,
  MM_MMAP,
  MM_VMA_POOL,
  TASK_SIZE,
  VMA_END,
  VMA_FLAGS,
  VMA_MM,
  VMA_NEXT,
  VMA_PREV,
  VMA_START,
} from '../layout.ts'
import { load, mem } from '../memory.ts'
import type { Violations } from './violation.ts'

/** The VMAs of an mm as far as they are well linked, in address order. */
export interface VmaRanges {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly flags: readonly number[]
}

/** Checks the VMAs of an mm; returns them. */
export function checkVmas(violations: Violations, mm: number): VmaRanges {
  const used = new Set<number>()
  const ranges = { starts: [] as number[], ends: [] as number[], flags: [] as number[] }
  let prev = 0
  for (let vma = load(mm + MM_MMAP); vma !== 0; vma = load(vma + VMA_NEXT)) {
    const broken = brokenVma(vma, ranges.ends.at(-1) ?? 0)
    const wrong = broken === '' ? wrongVma(mm, vma, prev) : broken
    if (wrong !== '')
      violations.add('vma-list', () => `mm ${load(mm + MM_ID)}: VMA ${used.size}: ${wrong}`)
    if (broken !== '') return ranges
    used.add(vma)
    ranges.starts.push(load(vma + VMA_START))
    ranges.ends.push(load(vma + VMA_END))
    ranges.flags.push(load(vma + VMA_FLAGS))
    prev = vma
  }
  violations.equal(
    'vma-count',
    load(mm + MM_MAP_COUNT),
    used.size,
    () => `mm ${load(mm + MM_ID)}: map_count`,
  )
  checkPool(violations, mm, used)
  return ranges
}

/** Why the list cannot be followed beyond here, or ''. Address order rules out loops. */
function brokenVma(vma: number, prevEnd: number): string {
  if (!(vma > 0 && vma < mem.length)) return `word ${vma} is no VMA`
  const start = load(vma + VMA_START)
  const end = load(vma + VMA_END)
  if (start >= prevEnd && start < end && end <= TASK_SIZE) return ''
  return `covers ${start} to ${end}, and the VMA before it ends at ${prevEnd}`
}

function wrongVma(mm: number, vma: number, prev: number): string {
  if (load(vma + VMA_PREV) !== prev) return `prev is ${load(vma + VMA_PREV)}, not ${prev}`
  if (load(vma + VMA_MM) !== mm) return `belongs to mm at word ${load(vma + VMA_MM)}, not ${mm}`
  return ''
}

function checkPool(violations: Violations, mm: number, used: ReadonlySet<number>): void {
  const spare = new Set<number>()
  let vma = load(mm + MM_VMA_POOL)
  while (vma > 0 && vma < mem.length && !spare.has(vma) && !used.has(vma)) {
    spare.add(vma)
    vma = load(vma + VMA_NEXT)
  }
  if (vma === 0) return
  const why = spare.has(vma) ? 'a spare VMA already' : used.has(vma) ? 'in use' : 'no VMA'
  violations.add(
    'vma-pool',
    () => `mm ${load(mm + MM_ID)}: after ${spare.size}: word ${vma} is ${why}`,
  )
}
