/**
 * The counts of a folio: mapcounts against the mappings found, references against the holders found (H-11, H-21, H-25).
 *
 * Expected values come from the page tables, the batches and the census, never from other counts of the folio.
 */

import {
  COMPOUND_MAPPED,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
} from '../layout.ts'
import { load } from '../memory.ts'
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
  for (let i = 0; i < 1 << order; i++) {
    const own = pteMaps[pfn + i] as number
    maps += own
    const expected = own + (otherMaps === null ? 0 : (otherMaps[pfn + i] as number))
    if (expected !== 0) mapped++
    const found = load(pfnToPage(pfn + i) + PAGE_MAPCOUNT) + 1
    if (found === expected) continue
    violations.add(
      found < 0 ? 'mapcount-negative' : 'mapcount',
      () => `${expected} PTEs map this page, found ${found}: ${describeFrame(pfn + i)}`,
    )
  }
  // those of others have theirs in the census
  addTo(facts.refs, pfn, maps)
  return order === 0 ? mapped : checkLargeMapcounts(facts, pfn, order, mapped)
}

function checkLargeMapcounts(facts: Facts, pfn: number, order: number, mapped: number): number {
  const { violations } = facts
  const folio = pfnToPage(pfn)
  const pmds = facts.pmdMaps[pfn] as number
  const what = (): string => describeFrame(pfn)
  violations.equal('entire-mapcount', load(folio + FOLIO_ENTIRE_MAPCOUNT) + 1, pmds, what)
  violations.equal(
    'nr-pages-mapped',
    load(folio + FOLIO_NR_PAGES_MAPPED),
    mapped + (pmds === 0 ? 0 : COMPOUND_MAPPED),
    what,
  )
  return pmds === 0 ? mapped : 1 << order
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
