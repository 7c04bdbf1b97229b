/**
 * mm/page_alloc.c: the free areas of the zone: links, counts, alignment, and that what can be merged is merged.
 */

import { MAX_PAGE_ORDER, NR_PFNS, ZONE } from '../globals.ts'
import {
  FREE_AREA_NR_FREE,
  FREE_AREA_WORDS,
  MAX_ORDER,
  MIGRATE_PCPTYPES,
  PAGE_FLAGS,
  PAGE_LRU,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_TYPE_BUDDY,
  PG_TYPE_MASK,
  ZONE_END_PFN,
  ZONE_FREE_AREA,
  ZONE_FREE_PAGES,
  ZONE_START_PFN,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { type Facts, KIND_FREE, KIND_FREE_HEAD } from './facts.ts'
import { type BlockKind, claimFreeBlock } from './free-blocks.ts'
import { walkList } from './list-walk.ts'

const BUDDY_BLOCK: BlockKind = {
  head: KIND_FREE_HEAD,
  rest: KIND_FREE,
  type: PG_TYPE_BUDDY,
  rule: 'buddy-entry',
}

/** Walks the free lists of all orders and claims what is on them. */
export function checkBuddy(facts: Facts): void {
  let pages = 0
  for (let order = 0; order <= MAX_ORDER; order++) {
    const area = ZONE + ZONE_FREE_AREA + order * FREE_AREA_WORDS
    let blocks = 0
    for (let mt = 0; mt < MIGRATE_PCPTYPES; mt++) blocks += checkFreeList(facts, area, order, mt)
    facts.violations.equal(
      'buddy-nr-free',
      load(area + FREE_AREA_NR_FREE),
      blocks,
      () => `zone: nr_free of order ${order}`,
    )
    pages += blocks << order
  }
  facts.violations.equal('zone-free-pages', load(ZONE + ZONE_FREE_PAGES), pages, () => 'zone')
  checkMerged(facts)
}

/** One list; returns the blocks on it. */
function checkFreeList(facts: Facts, area: number, order: number, migratetype: number): number {
  const name = (): string => `zone free list of order ${order}, migrate type ${migratetype}`
  let blocks = 0
  const broken = walkList(area + migratetype * 2, PAGE_LRU, (pfn) => {
    blocks++
    const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
    const belongs =
      (flags & PG_TYPE_MASK) === PG_TYPE_BUDDY &&
      ((flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK) === order &&
      pfn >= load(ZONE + ZONE_START_PFN) &&
      pfn < load(ZONE + ZONE_END_PFN)
    claimFreeBlock(facts, pfn, order, BUDDY_BLOCK, belongs, name)
  })
  if (broken !== '') facts.violations.add('buddy-list', () => `${name()}: ${broken}`)
  return blocks
}

/** A free block and its buddy of the same order would have been merged. */
function checkMerged(facts: Facts): void {
  const { kind, order } = facts
  const end = Math.min(NR_PFNS, load(ZONE + ZONE_END_PFN))
  for (let pfn = 0; pfn < end; pfn++) {
    if (kind[pfn] !== KIND_FREE_HEAD) continue
    const k = order[pfn] as number
    const buddy = pfn | (1 << k)
    const unmerged =
      k < MAX_PAGE_ORDER &&
      buddy !== pfn &&
      buddy < end &&
      kind[buddy] === KIND_FREE_HEAD &&
      order[buddy] === k
    if (!unmerged) continue
    facts.violations.add(
      'buddy-unmerged',
      () => `zone: the blocks of order ${k} at pfn ${pfn} and ${buddy} are buddies, and both free`,
    )
  }
}
