/**
 * Every page frame is exactly one thing: part of a folio in use, a page table, device memory, reserved, or free.
 *
 * Runs behind the walks of the free lists, which have claimed their blocks, and goes through the rest by the type of
 * each page. Where the order of a folio and its tail pages disagree, the tail pages decide, so that what follows does
 * not read a folio in the wrong size.
 */

import { NR_PFNS } from '../globals.ts'
import {
  HPAGE_PMD_ORDER,
  MAX_ORDER,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PG_TYPE_BUDDY,
  PG_TYPE_HUGE_ZERO,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
  PG_TYPE_RESERVED,
  PG_TYPE_TABLE,
  PG_TYPE_ZONE_DEVICE,
  PG_TYPE_ZONE_DEVICE_FSDAX,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { memcgIdOf, rssCounter } from './accounting.ts'
import { describeFrame } from './describe-page.ts'
import {
  type Facts,
  KIND_DEVICE,
  KIND_DEVICE_TAIL,
  KIND_FOLIO,
  KIND_HUGE_ZERO,
  KIND_RESERVED,
  KIND_TABLE,
  KIND_TAIL,
  KIND_UNKNOWN,
} from './facts.ts'
import { checkFolioShape } from './folio-shape.ts'

/** Gives every page frame that no free list claimed its kind and order. */
export function classifyPageFrames(facts: Facts): void {
  let pfn = 0
  while (pfn < NR_PFNS) {
    if (facts.kind[pfn] !== KIND_UNKNOWN) pfn++
    else pfn += classify(facts, pfn)
  }
}

/** The thing that starts here; returns how many page frames it has. */
function classify(facts: Facts, pfn: number): number {
  const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
  switch (flags & PG_TYPE_MASK) {
    case 0:
      return classifyFolio(facts, pfn, KIND_FOLIO, KIND_TAIL)
    case PG_TYPE_ZONE_DEVICE:
    case PG_TYPE_ZONE_DEVICE_FSDAX:
      return classifyFolio(facts, pfn, KIND_DEVICE, KIND_DEVICE_TAIL)
    case PG_TYPE_HUGE_ZERO:
      return claim(facts, pfn, 1 << HPAGE_PMD_ORDER, KIND_HUGE_ZERO)
    case PG_TYPE_TABLE:
      return claim(facts, pfn, 1, KIND_TABLE)
    case PG_TYPE_RESERVED:
      return claim(facts, pfn, 1, KIND_RESERVED)
    case PG_TYPE_PCP:
      facts.violations.add('pcp-missing', () => `on no pcp list: ${describeFrame(pfn)}`)
      return claim(facts, pfn, 1, KIND_RESERVED)
    case PG_TYPE_BUDDY:
      facts.violations.add('buddy-missing', () => `on no free list: ${describeFrame(pfn)}`)
      return claim(facts, pfn, 1 << Math.min(memcgIdOf(flags), MAX_ORDER), KIND_RESERVED)
    default:
      throw new RangeError(`page type ${flags & PG_TYPE_MASK}`)
  }
}

function classifyFolio(facts: Facts, pfn: number, head: number, tail: number): number {
  const page = pfnToPage(pfn)
  if (load(page + PAGE_COMPOUND_HEAD) !== page) {
    facts.violations.add('folio-tail', () => `tail page without a folio: ${describeFrame(pfn)}`)
    return claim(facts, pfn, 1, KIND_RESERVED)
  }
  const order = checkFolioShape(facts, pfn)
  const pages = claim(facts, pfn, 1 << order, tail)
  facts.order.fill(order, pfn, pfn + pages)
  facts.rssKind.fill(rssCounter(load(page + PAGE_FLAGS)), pfn, pfn + pages)
  facts.kind[pfn] = head
  return pages
}

/** Gives up to `pages` page frames this kind, and stops where something else is. */
function claim(facts: Facts, pfn: number, pages: number, kind: number): number {
  const end = Math.min(pfn + pages, NR_PFNS)
  for (let at = pfn; at < end; at++) {
    if (facts.kind[at] === KIND_UNKNOWN) {
      facts.kind[at] = kind
      continue
    }
    facts.violations.add(
      'page-claimed-twice',
      () => `pfn ${at} is free, and part of this too: ${describeFrame(pfn)}`,
    )
    return at - pfn
  }
  return end - pfn
}
