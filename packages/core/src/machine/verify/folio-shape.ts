/**
 * The shape of a folio in use: order, alignment, tail pages (prep_compound_page), and flags that must not stay.
 */

import { NR_PFNS } from '../globals.ts'
import {
  FOLIO_ORDER,
  FOLIO_ORDER_MASK,
  MAX_ORDER,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ACTIVE,
  PG_HEAD,
  PG_LOCKED,
  PG_LRU,
  PG_MOVABLE,
  PG_PARTIALLY_MAPPED,
  PG_UNEVICTABLE,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { describeFrame } from './describe-page.ts'
import type { Facts } from './facts.ts'

const BOTH = PG_ACTIVE | PG_UNEVICTABLE
/** What page[1]'s flags word may hold; not the lock of _mm_ids. */
const FLAGS_OF_PAGE_1 = FOLIO_ORDER_MASK | PG_PARTIALLY_MAPPED

/** Checks the folio whose first page this is; returns its order, by its tail pages if its own word is wrong. */
export function checkFolioShape(facts: Facts, pfn: number): number {
  const { violations } = facts
  const page = pfnToPage(pfn)
  const flags = load(page + PAGE_FLAGS)
  const lruFlags = flags & (PG_LRU | PG_ACTIVE | PG_UNEVICTABLE)
  const contradictory =
    lruFlags === PG_ACTIVE || lruFlags === PG_UNEVICTABLE || (lruFlags & ~PG_LRU) === BOTH
  if ((flags & PG_LOCKED) !== 0 || contradictory)
    violations.add('folio-flags', () => describeFrame(pfn))
  const order = orderOf(facts, pfn, page, (flags & PG_HEAD) !== 0)
  if (pfn % (1 << order) !== 0)
    violations.add('folio-alignment', () => `order ${order} at pfn ${pfn}`)
  for (let i = 1; i < 1 << order; i++) checkTail(facts, pfn, page, i, order)
  return order
}

/** The order of the folio, reported if its word and its tail pages disagree. */
function orderOf(facts: Facts, pfn: number, page: number, large: boolean): number {
  const order = large ? load(page + FOLIO_ORDER) & FOLIO_ORDER_MASK : 0
  if (isOrderOf(pfn, page, order, large)) return order
  const tails = tailsInARow(pfn, page)
  facts.violations.add(
    'folio-order',
    () => `order ${order}, but ${tails} tail pages: ${describeFrame(pfn)}`,
  )
  return 31 - Math.clz32(tails + 1)
}

/** Do the tail pages, all in all, agree with the order? */
function isOrderOf(pfn: number, page: number, order: number, large: boolean): boolean {
  const end = pfn + 2 ** order
  if (order > MAX_ORDER || end > NR_PFNS || (large && order === 0)) return false
  // the next page must belong to something else
  if (end < NR_PFNS && load(pfnToPage(end) + PAGE_COMPOUND_HEAD) === page) return false
  let tails = 0
  for (let at = pfn + 1; at < end; at++) {
    if (load(pfnToPage(at) + PAGE_COMPOUND_HEAD) === page) tails++
  }
  return tails * 2 >= end - pfn - 1
}

/** Tail pages of this head that follow it without a gap, as many as a folio can have. */
function tailsInARow(pfn: number, page: number): number {
  const end = Math.min(NR_PFNS, pfn + (1 << MAX_ORDER))
  let at = pfn + 1
  while (at < end && load(pfnToPage(at) + PAGE_COMPOUND_HEAD) === page) at++
  return at - pfn - 1
}

function checkTail(facts: Facts, pfn: number, head: number, index: number, order: number): void {
  const page = pfnToPage(pfn + index)
  // page[1] has the order in its flags word and _nr_pages_mapped in its _refcount
  const first = index === 1
  const flags = load(page + PAGE_FLAGS) & ~PG_MOVABLE & ~(first ? FLAGS_OF_PAGE_1 : 0)
  const clean =
    flags === 0 &&
    load(page + PAGE_COMPOUND_HEAD) === head &&
    (first || load(page + PAGE_REFCOUNT) === 0)
  if (clean) return
  facts.violations.add(
    'folio-tail',
    () =>
      `page ${index} of the folio of order ${order} at pfn ${pfn}: ${describeFrame(pfn + index)}`,
  )
}
