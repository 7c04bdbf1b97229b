/**
 * Named folios by id.
 *
 * Owns the look-up that checking and populating share. Invariant: the entries of an index are sorted by id; if
 * `indexFolios` reports no issue, their id ranges do not overlap.
 */
import type { FoundIssue } from './issues.ts'
import type { NamedFolios } from './scenario.ts'

export type FolioIndex = readonly NamedFolios[]

/** Sorts the entries by id, and reports ids given twice and states that no folio can be in. */
export function indexFolios(folios: readonly NamedFolios[]): {
  index: FolioIndex
  issues: FoundIssue[]
} {
  const issues: FoundIssue[] = []
  const order = folios
    .map((entry, i) => ({ entry, i }))
    .sort((a, b) => a.entry.id - b.entry.id || a.i - b.i)
  let before: { entry: NamedFolios; i: number } | undefined
  for (const here of order) {
    const { entry, i } = here
    if (before !== undefined && entry.id < endOf(before.entry)) {
      const last = endOf(before.entry) - 1
      issues.push({
        path: ['folios', i, 'id'],
        message: `is already taken: folios[${before.i}] has the ids ${before.entry.id} to ${last}`,
        value: entry.id,
      })
    }
    if (before === undefined || endOf(entry) > endOf(before.entry)) before = here
    if (entry.swapcache && entry.kind === 'file') {
      issues.push({
        path: ['folios', i, 'swapcache'],
        message: 'a file folio cannot be in the swap cache',
        value: true,
        allowed: 'false, or kind anon or shmem',
      })
    }
  }
  return { index: order.map(({ entry }) => entry), issues }
}

/** The entry that holds folio `id`; undefined: there is no such folio. */
export function findFolio(index: FolioIndex, id: number): NamedFolios | undefined {
  let low = 0
  let high = index.length
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = index[middle]
    if (entry !== undefined && entry.id <= id) low = middle + 1
    else high = middle
  }
  const entry = index[low - 1]
  return entry !== undefined && id < endOf(entry) ? entry : undefined
}

function endOf(entry: NamedFolios): number {
  return entry.id + entry.count
}
