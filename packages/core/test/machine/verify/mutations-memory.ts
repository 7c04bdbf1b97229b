/**
 * Mutations of locks, page frames and free lists.
 */
import {
  CHUNK_SECTION,
  LRUVEC_BASE,
  SPLIT_QUEUE_BASE,
  SWAP_CLUSTER_LOCKS,
  ZONE,
} from '../../../src/machine/globals.ts'
import {
  CPU_MCS_NESTING,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_ORDER,
  FREE_AREA_NR_FREE,
  LRUVEC_LOCK,
  LRUVEC_WORDS,
  MM_PGD,
  PAGE_COMPOUND_HEAD,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PCP_COUNT,
  PCP_LOCK,
  PG_ACTIVE,
  PG_ANON,
  PG_DIRTY,
  PG_HEAD,
  PG_LOCKED,
  PG_LRU,
  PG_MEMCG_SHIFT,
  PG_MOVABLE,
  PG_TYPE_BUDDY,
  PG_TYPE_PCP,
  PG_TYPE_RESERVED,
  PT_PTL,
  SPLIT_QUEUE_WORDS,
  ZONE_FREE_PAGES,
  ZONE_LOCK,
} from '../../../src/machine/layout.ts'
import { listAdd, listDel } from '../../../src/machine/list.ts'
import { load } from '../../../src/machine/memory.ts'
import { pageToPfn, pfnToPage } from '../../../src/machine/page.ts'
import { tablePage } from '../../../src/machine/pgtable.ts'
import {
  cpu0,
  cpu1,
  freeArea,
  freeLists,
  freeOrder,
  largeFolio,
  type Mutation,
  mutation,
  notEmpty,
  oddReservedPage,
  pageOfType,
  pcpLists,
  smallFolio,
} from './mutation.ts'
import { add, mmAt, poke } from './support.ts'

const held = (what: string, lock: () => number): Mutation =>
  mutation('lock-held', 'populated', what, () => poke(lock(), 1))

const LOCKS: Mutation[] = [
  held('the zone', () => ZONE + ZONE_LOCK),
  held('a lruvec', () => LRUVEC_BASE + LRUVEC_WORDS + LRUVEC_LOCK),
  held('a deferred split queue', () => SPLIT_QUEUE_BASE + SPLIT_QUEUE_WORDS),
  held('a pcp', () => cpu1() + PCP_LOCK),
  held('a swap cluster', () => SWAP_CLUSTER_LOCKS),
  held('a page table', () => tablePage(load(mmAt(1) + MM_PGD)) + PT_PTL),
  mutation('mcs-nesting', 'populated', 'a CPU waits', () => poke(cpu1() + CPU_MCS_NESTING, 1)),
]

const FRAMES: Mutation[] = [
  mutation('memmap-sections', 'sparse', 'a memmap chunk of another section', () =>
    add(CHUNK_SECTION, 1),
  ),
  mutation('page-claimed-twice', 'tornDown', 'a page of a free block on a pcp list', () => {
    const page = load(notEmpty(freeLists(freeOrder(1)))) - PAGE_LRU + PAGE_WORDS
    poke(page, PG_TYPE_PCP)
    listAdd(page + PAGE_LRU, pcpLists()[0] ?? 0)
    add(cpu0() + PCP_COUNT, 1)
  }),
  mutation('page-lost', 'populated', 'a page that is nothing', () =>
    poke(pageOfType(PG_TYPE_RESERVED), 0),
  ),
  mutation('gather-page-leaked', 'tornDown', 'a batch page in use', () => {
    const page = pageOfType(PG_TYPE_RESERVED)
    poke(page, 0)
    poke(page + PAGE_REFCOUNT, 1)
  }),
  mutation('folio-order', 'populated', 'too large', () => add(largeFolio(3) + FOLIO_ORDER, 1)),
  mutation('folio-order', 'populated', 'too small', () => add(largeFolio(3) + FOLIO_ORDER, -1)),
  mutation('folio-order', 'populated', 'beyond all', () => poke(largeFolio(3) + FOLIO_ORDER, 200)),
  mutation('folio-order', 'populated', 'PG_head lost', () => add(largeFolio(3), -PG_HEAD)),
  mutation('folio-alignment', 'tornDown', 'two pages from an odd PFN on', (census) => {
    const folio = oddReservedPage()
    poke(folio, PG_HEAD)
    poke(folio + PAGE_REFCOUNT, 1)
    poke(folio + FOLIO_ORDER, 1)
    poke(folio + FOLIO_ENTIRE_MAPCOUNT, -1)
    poke(folio + PAGE_WORDS + PAGE_COMPOUND_HEAD, folio)
    const otherRefs = census.otherRefs?.slice() ?? null
    if (otherRefs !== null) otherRefs[pageToPfn(folio)] = 1
    const { foliosInUse, pagesInUse } = census
    return { ...census, otherRefs, foliosInUse: foliosInUse + 1, pagesInUse: pagesInUse + 2 }
  }),
  mutation('folio-tail', 'populated', 'a tail page of another head', () =>
    add(largeFolio(3) + 5 * PAGE_WORDS + PAGE_COMPOUND_HEAD, PAGE_WORDS),
  ),
  mutation('folio-tail', 'populated', 'a reference to a tail page', () =>
    add(largeFolio(3) + 2 * PAGE_WORDS + PAGE_REFCOUNT, 1),
  ),
  mutation('folio-tail', 'populated', 'a flag on a tail page', () =>
    add(largeFolio(4) + 3 * PAGE_WORDS, PG_DIRTY),
  ),
  mutation('folio-tail', 'tornDown', 'a tail page without a folio', () => {
    const page = pageOfType(PG_TYPE_RESERVED)
    poke(page, 0)
    poke(page + PAGE_COMPOUND_HEAD, pfnToPage(0))
  }),
  mutation('folio-flags', 'populated', 'locked', () => add(smallFolio(), PG_LOCKED)),
  mutation('folio-flags', 'populated', 'active, but not on the LRU', () =>
    add(smallFolio(PG_ANON, PG_LRU), PG_ACTIVE),
  ),
  mutation('free-page-state', 'tornDown', 'a reference to a page on a pcp list', () =>
    add(load(notEmpty(pcpLists())) - PAGE_LRU + PAGE_REFCOUNT, 1),
  ),
  mutation('free-page-state', 'tornDown', 'a mapping of a page in a free block', () => {
    const block = load(notEmpty(freeLists(freeOrder(1)))) - PAGE_LRU
    add(block + PAGE_WORDS + PAGE_MAPCOUNT, 1)
  }),
]

const PCP: Mutation[] = [
  mutation('pcp-list', 'tornDown', 'next leads nowhere', () => poke(notEmpty(pcpLists()), 7)),
  mutation('pcp-list', 'tornDown', 'prev leads elsewhere', () => {
    const list = notEmpty(pcpLists())
    poke(load(load(list)) + 1, list)
  }),
  mutation('pcp-entry', 'tornDown', 'of the other migrate type', () => {
    const page = load(notEmpty(pcpLists())) - PAGE_LRU
    poke(page, load(page) ^ PG_MOVABLE)
  }),
  mutation('pcp-count', 'populated', 'one too many', () => add(cpu0() + PCP_COUNT, 1)),
  mutation('pcp-missing', 'populated', 'taken off its list', () => {
    listDel(load(notEmpty(pcpLists())))
    add(cpu0() + PCP_COUNT, -1)
  }),
]

const BUDDY: Mutation[] = [
  mutation('buddy-list', 'tornDown', 'next leads nowhere', () =>
    poke(notEmpty(freeLists(freeOrder(0))), 8),
  ),
  mutation('buddy-entry', 'tornDown', 'of another order', () =>
    add(load(notEmpty(freeLists(freeOrder(0)))) - PAGE_LRU, 1 << PG_MEMCG_SHIFT),
  ),
  mutation('buddy-missing', 'tornDown', 'taken off its list', () => {
    const order = freeOrder(1)
    listDel(load(notEmpty(freeLists(order))))
    add(freeArea(order) + FREE_AREA_NR_FREE, -1)
    add(ZONE + ZONE_FREE_PAGES, -(1 << order))
  }),
  mutation('buddy-nr-free', 'tornDown', 'one too few', () =>
    add(freeArea(freeOrder(0)) + FREE_AREA_NR_FREE, -1),
  ),
  mutation('buddy-unmerged', 'tornDown', 'a block in two halves', () => {
    const order = freeOrder(1)
    const node = load(notEmpty(freeLists(order)))
    listDel(node)
    add(freeArea(order) + FREE_AREA_NR_FREE, -1)
    for (const half of [node - PAGE_LRU, node - PAGE_LRU + (PAGE_WORDS << (order - 1))]) {
      poke(half, PG_TYPE_BUDDY | ((order - 1) << PG_MEMCG_SHIFT))
      listAdd(half + PAGE_LRU, freeArea(order - 1))
    }
    add(freeArea(order - 1) + FREE_AREA_NR_FREE, 2)
  }),
  mutation('zone-free-pages', 'tornDown', 'one too many', () => add(ZONE + ZONE_FREE_PAGES, 1)),
]

export const MEMORY_MUTATIONS: readonly Mutation[] = [...LOCKS, ...FRAMES, ...PCP, ...BUDDY]
