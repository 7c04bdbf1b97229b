/**
 * The LRU lists: well linked, each folio on the list of its lruvec that its flags name, sizes right.
 */

import { LRUVEC_BASE, NR_LRUVECS, NR_MEMCGS } from '../globals.ts'
import {
  LRU_UNEVICTABLE,
  LRUVEC_LISTS,
  LRUVEC_SIZES,
  LRUVEC_WORDS,
  NR_LRU_LISTS,
  PAGE_FLAGS,
  PAGE_LRU,
  PG_LRU,
} from '../layout.ts'
import { NR_LRU_BASE } from '../counters.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { LRU_NAMES, lruListOf, lruvecOf, memcgIdOf } from './accounting.ts'
import { describeFrame } from './describe-page.ts'
import { addTo, type Facts, KIND_FOLIO, SEEN_ON_LRU } from './facts.ts'
import { walkList } from './list-walk.ts'

/** Walks all lists; what is on them counts for the sizes, wherever its flags say that it belongs. */
export function checkLruLists(facts: Facts): void {
  for (let lruvec = 0; lruvec < NR_LRUVECS; lruvec++) {
    for (let lru = 0; lru < NR_LRU_LISTS; lru++) {
      const list = LRUVEC_BASE + lruvec * LRUVEC_WORDS + LRUVEC_LISTS + lru * 2
      const name = (): string => `lruvec ${lruvec} ${LRU_NAMES[lru]}`
      const broken = walkList(list, PAGE_LRU, (pfn) => checkEntry(facts, pfn, lruvec, lru, name))
      if (broken !== '') facts.violations.add('lru-list', () => `${name()}: ${broken}`)
    }
  }
}

function checkEntry(
  facts: Facts,
  pfn: number,
  lruvec: number,
  lru: number,
  name: () => string,
): void {
  const { seen } = facts
  const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
  const memcgId = memcgIdOf(flags)
  const belongs =
    facts.kind[pfn] === KIND_FOLIO &&
    (flags & PG_LRU) !== 0 &&
    memcgId <= NR_MEMCGS &&
    lruvecOf(memcgId) === lruvec &&
    lruListOf(flags) === lru &&
    lru !== LRU_UNEVICTABLE
  if (!belongs)
    facts.violations.add('lru-entry', () => `${name()}: does not belong: ${describeFrame(pfn)}`)
  if (((seen[pfn] as number) & SEEN_ON_LRU) !== 0) return
  seen[pfn] = (seen[pfn] as number) | SEEN_ON_LRU
  const nr = 1 << (facts.order[pfn] as number)
  addTo(facts.lruSizes, lruvec * NR_LRU_LISTS + lru, nr)
  addTo(facts.vmstat, NR_LRU_BASE + lru, nr)
}

/** lru_size of every list, behind the pass over the folios, which adds the unevictable ones. */
export function checkLruSizes(facts: Facts): void {
  for (let lruvec = 0; lruvec < NR_LRUVECS; lruvec++) {
    for (let lru = 0; lru < NR_LRU_LISTS; lru++) {
      facts.violations.equal(
        'lru-size',
        load(LRUVEC_BASE + lruvec * LRUVEC_WORDS + LRUVEC_SIZES + lru),
        facts.lruSizes[lruvec * NR_LRU_LISTS + lru] as number,
        () => `lruvec ${lruvec} ${LRU_NAMES[lru]}: pages`,
      )
    }
  }
}
