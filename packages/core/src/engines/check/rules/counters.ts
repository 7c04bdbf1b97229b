/**
 * Rules of the counters in struct page: none falls below its floor, and no folio has fewer references than mappings.
 *
 * The second is looked at wherever a reference or a mapping of a folio of up to 2^4 pages changes, unless the folio is
 * mapped by a PMD (a split gives 511 references before it takes the mapping of the PMD away).
 */

import { MEMMAP, NR_PFNS } from '../../../machine/globals.ts'
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
} from '../../../machine/layout.ts'
import { mem } from '../../../machine/memory.ts'
import { nameOfPage, nameOfWord } from '../names.ts'
import { breakRule } from '../rule-error.ts'
import type { Watcher } from '../watcher.ts'

const ORDER_MAX = 4

export class CounterRules implements Watcher {
  readonly #end = MEMMAP + NR_PFNS * PAGE_WORDS

  added(_cpu: number, address: number, before: number, n: number): void {
    if (address < MEMMAP || address >= this.#end) return
    const word = (address - MEMMAP) % PAGE_WORDS
    const head = mem[address - word + PAGE_COMPOUND_HEAD] as number
    const isReference = word === PAGE_REFCOUNT && address - word === head
    const floor = isReference || address - head === FOLIO_NR_PAGES_MAPPED ? 0 : -1
    if (n < 0 && before + n < floor) {
      breakRule(
        'counter-floor',
        `${nameOfWord(address)} falls from ${before} to ${before + n}, and its floor is ${floor}`,
      )
    }
    if (isReference ? n < 0 : n > 0) checkReferences(head)
  }
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
  if (references >= mappings) return
  breakRule(
    'refcount-below-mapcount',
    `${nameOfPage(head)} has ${references} references and ${mappings} mappings`,
  )
}
