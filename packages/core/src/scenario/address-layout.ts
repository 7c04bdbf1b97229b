/**
 * Where the VMAs of a process lie that do not say so themselves.
 *
 * Owns the default: page 65,536 (0x10000000) for the first VMA, then the next 2 MiB boundary after the VMA before it
 * in the list. After parsing every VMA has a `start`.
 */
import { FIRST_START, PMD_PAGES } from './limits.ts'
import type { Vma } from './scenario.ts'

/** The VMAs with every absent `start` (in pages) filled in. */
export function withStarts(vmas: readonly Vma[]): Vma[] {
  let next = FIRST_START
  return vmas.map((vma) => {
    const start = vma.start ?? next
    next = startAfter(start, vma.pages)
    return { ...vma, start }
  })
}

/** The VMAs without the `start`s that `withStarts` would fill in again: they then follow a change of `pages`. */
export function withoutDefaultStarts(vmas: readonly Vma[]): Vma[] {
  let next = FIRST_START
  return vmas.map((vma) => {
    const byDefault = vma.start === next
    next = startAfter(vma.start ?? next, vma.pages)
    if (!byDefault) return vma
    const { start: _start, ...rest } = vma
    return rest
  })
}

function startAfter(start: number, pages: number): number {
  return Math.ceil((start + pages) / PMD_PAGES) * PMD_PAGES
}
