/**
 * The folios that a capture found, and which page of which folio each row of `PageRows` maps.
 *
 * Owns the table's columns. Invariant: a row is either left out (folio -1) or maps page `page` < 2^order of its folio.
 * Properties that decide whether two folios are alike are packed into one number, so that neighbours compare quickly.
 */

/** Bits of `props`. The lowest two are the kind: an index into FOLIO_KINDS. */
export const PROP_LRU: number = 1 << 2
export const PROP_ACTIVE: number = 1 << 3
export const PROP_REFERENCED: number = 1 << 4
export const PROP_DIRTY: number = 1 << 5
export const PROP_MLOCKED: number = 1 << 6
export const PROP_SWAPCACHE: number = 1 << 7
export const KIND_MASK = 3

export const FOLIO_KINDS = ['anon', 'file', 'shmem'] as const
export type FolioKind = (typeof FOLIO_KINDS)[number]

export interface FolioTable {
  count: number
  order: Uint8Array
  props: Uint16Array
  /** Mappings by processes that are not captured. */
  others: Int32Array
  /** Index into `cgroupInodes`, -1: not known, then it is the cgroup of the first process that maps it. */
  cgroup: Int32Array
  cgroupInodes: number[]
  /** Folio of every row, -1 for rows that are left out. */
  rowFolio: Int32Array
  /** Page within that folio. */
  rowPage: Uint16Array
}

export function createFolioTable(rows: number, capacity: number): FolioTable {
  return {
    count: 0,
    order: new Uint8Array(capacity),
    props: new Uint16Array(capacity),
    others: new Int32Array(capacity),
    cgroup: new Int32Array(capacity).fill(-1),
    cgroupInodes: [],
    rowFolio: new Int32Array(rows).fill(-1),
    rowPage: new Uint16Array(rows),
  }
}

export function addFolio(table: FolioTable, order: number, props: number): number {
  const folio = table.count++
  table.order[folio] = order
  table.props[folio] = props
  return folio
}

export function kindOf(props: number): FolioKind {
  return FOLIO_KINDS[props & KIND_MASK] ?? 'anon'
}
