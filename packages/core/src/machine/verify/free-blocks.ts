/**
 * Pages that the allocator has: what the lists of the per-CPU caches and of the buddy allocator claim.
 *
 * A list says how large its blocks are, so these lists are walked before anything else is made of the page frames.
 * Every page of a block must look free (free_pages_prepare).
 */

import {
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PG_KEEP_AT_FREE,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
} from '../layout.ts'
import { NR_PFNS } from '../globals.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { describeFrame } from './describe-page.ts'
import { type Facts, KIND_UNKNOWN } from './facts.ts'
import type { RuleName } from './rules.ts'

/** What a block on a free list must be. */
export interface BlockKind {
  /** Values of `kind` for the first page and for the others. */
  readonly head: number
  readonly rest: number
  /** PG_TYPE_* of the first page. */
  readonly type: number
  /** Reported if the first page is not that of such a block. */
  readonly rule: RuleName
}

/**
 * Claims a block of 2^order pages for a free list.
 * @param belongs - whether the flags of its first page say so too.
 */
export function claimFreeBlock(
  facts: Facts,
  pfn: number,
  order: number,
  kind: BlockKind,
  belongs: boolean,
  list: () => string,
): void {
  const { violations } = facts
  const end = pfn + (1 << order)
  if (pfn % (1 << order) !== 0 || end > NR_PFNS) {
    violations.add(kind.rule, () => `${list()}: no block of order ${order} starts at pfn ${pfn}`)
    return
  }
  if (!belongs)
    violations.add(kind.rule, () => `${list()}: does not belong here: ${describeFrame(pfn)}`)
  for (let at = pfn; at < end; at++) {
    if (facts.kind[at] !== KIND_UNKNOWN) {
      violations.add(
        'page-claimed-twice',
        () => `${list()}: on another free list: ${describeFrame(at)}`,
      )
      continue
    }
    facts.kind[at] = at === pfn ? kind.head : kind.rest
    facts.order[at] = order
    if (at !== pfn) checkFreePage(facts, at, 0, list)
    else if (belongs) checkFreePage(facts, at, kind.type, list)
  }
}

/** free_page_is_bad, for one page of a free block of which the first has this type. */
function checkFreePage(facts: Facts, pfn: number, type: number, list: () => string): void {
  const page = pfnToPage(pfn)
  // the memcg bits of the first page hold the order
  const keep = type === 0 ? PG_KEEP_AT_FREE : PG_KEEP_AT_FREE | (PG_MEMCG_MASK << PG_MEMCG_SHIFT)
  const clean =
    (load(page + PAGE_FLAGS) & ~keep) === type &&
    load(page + PAGE_REFCOUNT) === 0 &&
    load(page + PAGE_MAPCOUNT) === -1 &&
    load(page + PAGE_COMPOUND_HEAD) === page
  if (clean) return
  facts.violations.add('free-page-state', () => `${list()}: not a free page: ${describeFrame(pfn)}`)
}
