/**
 * The counts of a folio: mapcounts against the mappings found, references against the holders found (H-11, H-21, H-25).
 *
 * Expected values come from the page tables, the batches and the census, never from other counts of the folio.
 */

import { LARGE_MAPCOUNT, NO_PAGE_MAPCOUNT } from '../globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_MM_IDS_LOCK,
  FOLIO_NR_PAGES_MAPPED,
  MM_SLOT_ID,
  MM_SLOT_MAPCOUNT,
  MM_SLOT_WORDS,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
} from '../layout.ts'
import { load } from '../memory.ts'
import { folioMmIds, folioMmSlots } from '../folio-mm-slots.ts'
import { pfnToPage } from '../page.ts'
import { describeFrame } from './describe-page.ts'
import { addTo, type Facts, KIND_DEVICE } from './facts.ts'

/**
 * Checks the mapcounts of all pages of a folio, and counts the reference that each mapping holds.
 * @returns how many of its pages are mapped at all.
 */
export function checkMapcounts(facts: Facts, pfn: number, order: number): number {
  const { violations, pteMaps } = facts
  const { otherMaps } = facts.census
  let mapped = 0
  let maps = facts.pmdMaps[pfn] as number
  // with those of processes outside the machine
  let all = maps
  for (let i = 0; i < 1 << order; i++) {
    const own = pteMaps[pfn + i] as number
    maps += own
    const expected = own + (otherMaps === null ? 0 : (otherMaps[pfn + i] as number))
    if (expected !== 0) mapped++
    all += expected
    const found = load(pfnToPage(pfn + i) + PAGE_MAPCOUNT) + 1
    const kept = order > 0 && NO_PAGE_MAPCOUNT !== 0 ? 0 : expected
    if (found === kept) continue
    violations.add(
      found < 0 ? 'mapcount-negative' : 'mapcount',
      () => `${kept} PTEs map this page, found ${found}: ${describeFrame(pfn + i)}`,
    )
  }
  // those of others have theirs in the census
  addTo(facts.refs, pfn, maps)
  return order === 0 ? mapped : checkLargeMapcounts(facts, pfn, order, mapped, all)
}

function checkLargeMapcounts(
  facts: Facts,
  pfn: number,
  order: number,
  mapped: number,
  maps: number,
): number {
  const { violations } = facts
  const folio = pfnToPage(pfn)
  const pmds = facts.pmdMaps[pfn] as number
  const what = (): string => describeFrame(pfn)
  violations.equal('entire-mapcount', load(folio + FOLIO_ENTIRE_MAPCOUNT) + 1, pmds, what)
  const pagesMapped = mapped + (pmds === 0 ? 0 : COMPOUND_MAPPED)
  violations.equal(
    'nr-pages-mapped',
    load(folio + FOLIO_NR_PAGES_MAPPED),
    NO_PAGE_MAPCOUNT === 0 ? pagesMapped : 0,
    what,
  )
  if (LARGE_MAPCOUNT !== 0)
    violations.equal('large-mapcount', load(folio + FOLIO_LARGE_MAPCOUNT) + 1, maps, what)
  if (LARGE_MAPCOUNT === 2) checkMmSlots(facts, pfn, maps)
  if (NO_PAGE_MAPCOUNT !== 0) return maps === 0 ? 0 : 1 << order
  return pmds === 0 ? mapped : 1 << order
}

/** The MM slots: who has an id maps the folio, and the two map it no more often than all do. */
function checkMmSlots(facts: Facts, pfn: number, maps: number): void {
  const first = folioMmSlots(pfnToPage(pfn))
  if ((load(folioMmIds(pfnToPage(pfn))) & FOLIO_MM_IDS_LOCK) !== 0)
    facts.violations.add('lock-held', () => `bit spinlock of _mm_ids: ${describeFrame(pfn)}`)
  let sum = 0
  for (const slot of [first, first + MM_SLOT_WORDS]) {
    if (load(slot + MM_SLOT_ID) === 0) continue
    const own = load(slot + MM_SLOT_MAPCOUNT) + 1
    if (own <= 0)
      facts.violations.add('mm-slots', () => `a slot of no mapping: ${describeFrame(pfn)}`)
    sum += own
  }
  if (sum > maps)
    facts.violations.add(
      'mm-slots',
      () => `the slots have ${sum} mappings of ${maps}: ${describeFrame(pfn)}`,
    )
}

/**
 * Checks _refcount.
 * @param cached - references of the swap cache.
 * @returns the references that have a holder.
 */
export function checkRefcount(facts: Facts, pfn: number, cached: number): number {
  const { otherRefs } = facts.census
  const others = otherRefs === null ? 0 : (otherRefs[pfn] as number)
  const expected = (facts.refs[pfn] as number) + others + cached
  const found = load(pfnToPage(pfn) + PAGE_REFCOUNT)
  if (found !== expected || expected === 0) checkUnreferenced(facts, pfn, expected, found)
  return expected
}

function checkUnreferenced(facts: Facts, pfn: number, expected: number, found: number): void {
  const { violations } = facts
  const what = (): string => `${expected} references have a holder: ${describeFrame(pfn)}`
  if (found < 0) violations.add('refcount-negative', what)
  else if (found < expected) violations.add('refcount-low', what)
  else if (found > expected)
    violations.add(isGatherPage(pfn, expected) ? 'gather-page-leaked' : 'refcount-high', what)
  // device memory without references waits at its driver
  else if (facts.kind[pfn] !== KIND_DEVICE) violations.add('page-lost', what)
}

/** get_free_page makes pages without any flag; user memory is movable. */
function isGatherPage(pfn: number, holders: number): boolean {
  return holders === 0 && load(pfnToPage(pfn) + PAGE_FLAGS) === 0
}
