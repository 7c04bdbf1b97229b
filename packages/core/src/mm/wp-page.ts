/**
 * mm/memory.c: write faults on pages that are there but not writable (after fork): do_wp_page, wp_page_copy.
 *
 * As in v6.5, a page is reused only if its folio has no other reference, so of a large folio that was shared every page
 * but the last is copied. PageAnonExclusive is not kept: the pages that have it are mapped writable.
 *
 * Invariant: the PTE that is replaced gives up its mapping, its reference and its swap cache slot as a zapped one does.
 */

import { E_COW_COPIES, E_COW_REUSES, E_PTES_MAPPED } from '../machine/counters.ts'
import {
  MM_ANONPAGES,
  MM_RSS,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_LOCKED,
  PG_LRU,
  PG_SWAPCACHE,
  PT_CONTENT,
  PTE_DIRTY,
  PTE_SPECIAL,
  PTE_WRITE,
  PTE_YOUNG,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { pageFolio, pageToPfn, pfnToPage } from '../machine/page.ts'
import { mkPte, pteIndex, ptePfn } from '../machine/pgtable.ts'
import { WORK_CLEAR_PAGE, WORK_COPY_PAGE } from '../machine/work.ts'
import {
  atomicAdd,
  clearBit,
  doWork,
  flushTlbMmRange,
  readOnce,
  testAndSetBit,
} from '../sync/live.ts'
import { allocAnonFolio, lockTable, PTE_WRITTEN, unlockTable } from './anon-page.ts'
import { folioAddLru, lruAddDrain } from './folio-batch.ts'
import { countRmapCalls, folioAddNewAnonRmap } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { putFolio } from './swap.ts'
import { folioFreeSwap, freeSwapCache } from './swap-state.ts'
import { countTlbFlush } from './tlb.ts'
import { countEvents } from './vmstat.ts'

/** do_wp_page; the caller holds the ptl, which is released. */
export function doWpPage(
  cpu: number,
  mm: number,
  vma: number,
  table: number,
  addr: number,
  strategy: Strategy,
): void {
  const ptep = load(table + PT_CONTENT) + pteIndex(addr)
  const pte = load(ptep)
  if ((pte & PTE_SPECIAL) !== 0) {
    unlockTable(table)
    wpZeroPage(cpu, mm, vma, table, ptep)
    return
  }
  const page = pfnToPage(ptePfn(pte))
  const folio = pageFolio(page)
  if (wpCanReuse(cpu, folio)) {
    // wp_page_reuse
    store(ptep, pte | PTE_WRITE | PTE_DIRTY | PTE_YOUNG)
    countEvents(cpu, E_COW_REUSES, 1)
    unlockTable(table)
    return
  }
  atomicAdd(1, folio + PAGE_REFCOUNT)
  unlockTable(table)
  wpPageCopy(cpu, mm, vma, table, addr, page, strategy)
}

/** Is this PTE's the only reference that counts? The caller holds the ptl. */
function wpCanReuse(cpu: number, folio: number): boolean {
  // more than the swap cache, a batch and this mapping can account for
  if (readOnce(folio + PAGE_REFCOUNT) > 3) return false
  // the reference may be that of this CPU's batch
  if ((readOnce(folio + PAGE_FLAGS) & PG_LRU) === 0) lruAddDrain(cpu)
  const cached = (readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0 ? 1 : 0
  if (readOnce(folio + PAGE_REFCOUNT) > 1 + cached) return false
  // folio_trylock
  if (testAndSetBit(PG_LOCKED, folio + PAGE_FLAGS)) return false
  if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) folioFreeSwap(cpu, folio)
  const alone = readOnce(folio + PAGE_REFCOUNT) === 1
  clearBit(PG_LOCKED, folio + PAGE_FLAGS)
  return alone
}

/** ptep_clear_flush: the entry goes, and no CPU of the mm may use it any more. */
function ptepClearFlush(cpu: number, mm: number, addr: number, ptep: number): void {
  store(ptep, 0)
  countTlbFlush(cpu, 1)
  flushTlbMmRange(mm, addr, addr + 1, 0)
}

/** wp_page_copy: a copy takes the page's place; the caller's reference on the old folio is given up. */
function wpPageCopy(
  cpu: number,
  mm: number,
  vma: number,
  table: number,
  addr: number,
  page: number,
  strategy: Strategy,
): void {
  const ptep = load(table + PT_CONTENT) + pteIndex(addr)
  const old = pageFolio(page)
  const folio = allocAnonFolio(cpu, vma, 0)
  doWork(WORK_COPY_PAGE, 1)
  countEvents(cpu, E_COW_COPIES, 1)
  lockTable(cpu, table)
  ptepClearFlush(cpu, mm, addr, ptep)
  folioAddNewAnonRmap(cpu, folio, 1, vma)
  folioAddLru(cpu, folio)
  store(ptep, mkPte(pageToPfn(folio), PTE_WRITTEN))
  // behind the new entry: whoever finds the page unmapped can rely on no CPU writing to it
  strategy.folioRemoveRmapPtes(cpu, old, page, 1, vma, strategy)
  countRmapCalls(cpu, 1, 1)
  unlockTable(table)
  // of the PTE, and of the caller
  putFolio(cpu, old)
  if ((readOnce(old + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) freeSwapCache(cpu, old)
  putFolio(cpu, old)
}

/** wp_page_copy of the zero page: a new zeroed page. */
function wpZeroPage(cpu: number, mm: number, vma: number, table: number, ptep: number): void {
  const folio = allocAnonFolio(cpu, vma, 0)
  doWork(WORK_CLEAR_PAGE, 1)
  lockTable(cpu, table)
  atomicAdd(1, mm + MM_RSS + MM_ANONPAGES)
  folioAddNewAnonRmap(cpu, folio, 1, vma)
  folioAddLru(cpu, folio)
  store(ptep, mkPte(pageToPfn(folio), PTE_WRITTEN))
  countEvents(cpu, E_PTES_MAPPED, 1)
  unlockTable(table)
}
