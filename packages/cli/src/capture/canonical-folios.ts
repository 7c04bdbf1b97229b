/**
 * Numbers folios in the order in which the capture first maps them, and groups equal neighbours.
 *
 * Canonical numbers say nothing about where a folio lay in physical memory, and let runs coalesce. Invariant: ids are
 * 0, 1, 2 and so on without a gap, and neighbouring groups differ in some property.
 */
import type { NamedFoliosInput } from '@mmgather/core'
import {
  type FolioTable,
  kindOf,
  PROP_ACTIVE,
  PROP_DIRTY,
  PROP_LRU,
  PROP_MLOCKED,
  PROP_REFERENCED,
  PROP_SWAPCACHE,
} from './folio-table.ts'
import { cell } from './page-rows.ts'

export interface CanonicalFolios {
  count: number
  /** Id of every folio of the table, -1: not mapped yet. */
  ids: Int32Array
  groups: NamedFoliosInput[]
  /** What the last group's folios have in common, to compare quickly. */
  lastKey: string
}

export function createCanonicalFolios(table: FolioTable): CanonicalFolios {
  return { count: 0, ids: new Int32Array(table.count).fill(-1), groups: [], lastKey: '' }
}

/** The folio's id; `memcg` is the one that it is charged to, of which only the first mention counts. */
export function idOf(
  canonical: CanonicalFolios,
  table: FolioTable,
  folio: number,
  memcg: string,
): number {
  const known = cell(canonical.ids, folio)
  if (known >= 0) return known
  const id = canonical.count++
  canonical.ids[folio] = id
  const order = cell(table.order, folio)
  const props = cell(table.props, folio)
  const others = cell(table.others, folio)
  const key = `${order} ${props} ${others} ${memcg}`
  const last = canonical.groups.at(-1)
  if (last !== undefined && key === canonical.lastKey) last.count = (last.count ?? 1) + 1
  else canonical.groups.push(namedFolios(id, order, props, others, memcg))
  canonical.lastKey = key
  return id
}

/** Keys that have their default value are left out. */
function namedFolios(
  id: number,
  order: number,
  props: number,
  others: number,
  memcg: string,
): NamedFoliosInput {
  const group: NamedFoliosInput = { id, count: 1, order, kind: kindOf(props), memcg }
  if ((props & PROP_LRU) === 0) group.lru = false
  if ((props & PROP_ACTIVE) !== 0) group.active = true
  if ((props & PROP_REFERENCED) !== 0) group.referenced = true
  if ((props & PROP_DIRTY) !== 0) group.dirty = true
  if ((props & PROP_MLOCKED) !== 0) group.mlocked = true
  if ((props & PROP_SWAPCACHE) !== 0) group.swapcache = true
  if (others > 0) group.mappedByOthers = others
  return group
}
