/**
 * mm/page_alloc.c: the per-CPU page lists: links, count, and what is on which list.
 */

import { CPU_BASE, CPU_STRIDE, NR_CPUS } from '../globals.ts'
import {
  HPAGE_PMD_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  NR_PCP_LISTS,
  PAGE_FLAGS,
  PAGE_LRU,
  PCP_COUNT,
  PCP_LISTS,
  PCP_THP_PINDEX,
  PG_MEMCG_SHIFT,
  PG_MOVABLE,
  PG_TYPE_MASK,
  PG_TYPE_PCP,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { type Facts, KIND_PCP, KIND_PCP_HEAD } from './facts.ts'
import { type BlockKind, claimFreeBlock } from './free-blocks.ts'
import { walkList } from './list-walk.ts'

const PCP_BLOCK: BlockKind = {
  head: KIND_PCP_HEAD,
  rest: KIND_PCP,
  type: PG_TYPE_PCP,
  rule: 'pcp-entry',
}

/** Walks the lists of all CPUs and claims what is on them. */
export function checkPcps(facts: Facts): void {
  for (let i = 0; i < NR_CPUS; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    let pages = 0
    for (let pindex = 0; pindex < NR_PCP_LISTS; pindex++)
      pages += checkPcpList(facts, i, cpu + PCP_LISTS + pindex * 2, pindex)
    facts.violations.equal(
      'pcp-count',
      load(cpu + PCP_COUNT),
      pages,
      () => `CPU ${i}: pages on its pcp lists`,
    )
  }
}

/** One list; returns the pages on it. */
function checkPcpList(facts: Facts, cpu: number, list: number, pindex: number): number {
  const order = pindex === PCP_THP_PINDEX ? HPAGE_PMD_ORDER : Math.floor(pindex / MIGRATE_PCPTYPES)
  const name = (): string => `CPU ${cpu} pcp list ${pindex} (order ${order})`
  let pages = 0
  const broken = walkList(list, PAGE_LRU, (pfn) => {
    pages += 1 << order
    claimFreeBlock(facts, pfn, order, PCP_BLOCK, belongs(pfn, pindex), name)
  })
  if (broken !== '') facts.violations.add('pcp-list', () => `${name()}: ${broken}`)
  return pages
}

/** Is this page of type PCP, and of the migrate type of the list? */
function belongs(pfn: number, pindex: number): boolean {
  const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
  if ((flags & PG_TYPE_MASK) !== PG_TYPE_PCP || flags >> PG_MEMCG_SHIFT !== 0) return false
  if (pindex === PCP_THP_PINDEX) return true
  const migratetype = (flags & PG_MOVABLE) !== 0 ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE
  return pindex % MIGRATE_PCPTYPES === migratetype
}
