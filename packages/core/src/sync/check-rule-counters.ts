/**
 * Rules of the counters in struct page: none falls below its floor (`counter-floor`), and no folio has fewer references than
 * mappings (`refcount-below-mapcount`).
 *
 * The second is looked at wherever a reference or a mapping of a folio of up to 2^4 pages changes, unless the folio is
 * mapped by a PMD (a split gives 511 references before it takes the mapping of the PMD away). Check text (docs/wasm.md).
 */

import { MEMMAP, NR_PFNS } from '../machine/globals.ts'
import {
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_ORDER,
  FOLIO_ORDER_MASK,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PG_HEAD,
  PG_TYPE_MASK,
} from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { breakCounterFloor, breakReferences } from './check-break.ts'

const ORDER_MAX = 4

export function countersAdded(address: number, before: number, n: number): void {
  if (address < MEMMAP || address >= MEMMAP + NR_PFNS * PAGE_WORDS) return
  const word = (address - MEMMAP) % PAGE_WORDS
  const page = address - word
  const head = mem[page + PAGE_COMPOUND_HEAD] as number
  const isReference = word === PAGE_REFCOUNT && page === head
  const floor = isReference || address === head + FOLIO_NR_PAGES_MAPPED ? 0 : -1
  if (n < 0 && before + n < floor) breakCounterFloor(address, before, before + n, floor)
  if (isReference ? n < 0 : n > 0) checkReferences(head)
}

function checkReferences(head: number): void {
  const flags = mem[head + PAGE_FLAGS] as number
  if ((flags & PG_TYPE_MASK) !== 0) return
  const isLarge = (flags & PG_HEAD) !== 0
  const order = isLarge ? (mem[head + FOLIO_ORDER] as number) & FOLIO_ORDER_MASK : 0
  if (order > ORDER_MAX || (isLarge && (mem[head + FOLIO_ENTIRE_MAPCOUNT] as number) >= 0)) return
  const end = head + (PAGE_WORDS << order)
  let mappings = 0
  for (let page = head; page < end; page += PAGE_WORDS)
    mappings += (mem[page + PAGE_MAPCOUNT] as number) + 1
  const references = mem[head + PAGE_REFCOUNT] as number
  if (references < mappings) breakReferences(head, references, mappings)
}
