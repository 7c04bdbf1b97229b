/**
 * What a folio pattern amounts to, without walking it.
 *
 * Owns the arithmetic of patterns: a pattern repeats from its first entry until it covers the pages that it fills; the
 * last folio may reach beyond them.
 */
import type { FolioPattern } from './scenario.ts'

/** Pages in one pass through the pattern. */
export function patternPages(pattern: readonly FolioPattern[]): number {
  return pattern.reduce((sum, { order, count }) => sum + count * 2 ** order, 0)
}

/** Pages in the folios that cover `pages` pages: `pages`, or a little more if the last folio reaches beyond. */
export function coveringPages(pattern: readonly FolioPattern[], pages: number): number {
  const pass = patternPages(pattern)
  const whole = Math.floor(pages / pass) * pass
  let rest = pages - whole
  let covered = whole
  for (const { order, count } of pattern) {
    if (rest <= 0) break
    const taken = Math.min(count, Math.ceil(rest / 2 ** order))
    covered += taken * 2 ** order
    rest -= taken * 2 ** order
  }
  return covered
}

/**
 * Whether the pages `from` to `from + pages - 1` consist of whole folios of `order`. Costs one step per entry of the
 * pattern and pass, at most one per page.
 */
export function consistsOf(
  pattern: readonly FolioPattern[],
  from: number,
  pages: number,
  order: number,
): boolean {
  if (pattern.every((entry) => entry.order === order)) return from % 2 ** order === 0
  const pass = patternPages(pattern)
  let at = Math.floor(from / pass) * pass
  while (at < from + pages) {
    for (const entry of pattern) {
      const end = at + entry.count * 2 ** entry.order
      if (end > from && at < from + pages) {
        if (entry.order !== order || (Math.max(at, from) - at) % 2 ** order !== 0) return false
      }
      at = end
    }
  }
  return true
}
