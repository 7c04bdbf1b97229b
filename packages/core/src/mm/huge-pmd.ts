/**
 * mm/huge_memory.c: zapping and splitting PMD mappings, and the page tables deposited for them.
 *
 * Each PMD that maps anonymous memory has a PTE table in reserve, linked at the PMD page (pmd_huge_pte), last in,
 * first out. Invariant: as many deposited tables at a PMD page as anonymous huge PMDs in it.
 */

import { BUG_NO_DEPOSIT, BUG_NOT_HEAD, BUG_SPLIT_PARTIAL } from '../machine/bugs.ts'
import {
  E_DEPOSITED_TABLES_FREED,
  E_PMD_SPLITS,
  E_PMDS_CLEARED,
  E_PTL_ACQUISITIONS,
  NR_PAGETABLE,
  PTL_CLASS,
} from '../machine/counters.ts'
import {
  CLEARED_PMDS,
  COMPOUND_MAPPED,
  FOLIO_NR_PAGES_MAPPED,
  HPAGE_PMD_NR,
  MM_ANONPAGES,
  MM_PGTABLES,
  MM_RSS,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PG_DIRTY,
  PG_REFERENCED,
  PMD_HUGE,
  PT_CONTENT,
  PT_HUGE_PTE,
  PT_PTL,
  PTE_DIRTY,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTE_WRITE,
  PTE_YOUNG,
  PTRS_PER_PTE,
  SWP_MIGRATION,
  TLB_CLEARED,
  TLB_MM,
  VMA_MM,
} from '../machine/layout.ts'
import { LARGE_MAPCOUNT, NO_PAGE_MAPCOUNT } from '../machine/globals.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioTestAnon, isHugeZeroPage, pageToPfn, pfnToPage } from '../machine/page.ts'
import { mkPte, pteDirty, ptePfn, ptePresent, pteYoung, swpKind } from '../machine/pgtable.ts'
import {
  atomicAdd,
  atomicAddReturnRelaxed,
  atomicIncAndTest,
  bugOn,
  flushTlbMmRange,
  setBit,
  spinLock,
  spinUnlock,
} from '../sync/live.ts'
import { folioAddLargeMapcount } from './large-mapcount.ts'
import { mmCounterFile } from './mm-inline.ts'
import { tlbFlushMmu, tlbRemovePageSize } from './mmu-gather.ts'
import { freePageTable } from './page-table.ts'
import { folioMarkDirty } from './page-writeback.ts'
import { countRmapCalls } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { putFolio } from './swap.ts'
import { countTlbFlush, tlbAdjustRange } from './tlb.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/** pgtable_trans_huge_withdraw: the deposited table that a PMD page has in reserve; the caller holds its ptl. */
function pgtableTransHugeWithdraw(pmdPage: number): number {
  const table = load(pmdPage + PT_HUGE_PTE)
  bugOn(table <= 0, BUG_NO_DEPOSIT)
  store(pmdPage + PT_HUGE_PTE, load(table + PT_HUGE_PTE))
  store(table + PT_HUGE_PTE, 0)
  return table
}

/** zap_deposited_table: frees it at once, outside the gather. */
function zapDepositedTable(cpu: number, mm: number, pmdPage: number): void {
  const table = pgtableTransHugeWithdraw(pmdPage)
  store(mm + MM_PGTABLES, load(mm + MM_PGTABLES) - 1)
  modNodePageState(cpu, NR_PAGETABLE, -1)
  countEvents(cpu, E_DEPOSITED_TABLES_FREED, 1)
  freePageTable(cpu, table)
}

/** page_remove_rmap and rss of a PMD that mapped a page; true if the page goes to the gather. */
function zapHugePmdPage(
  cpu: number,
  vma: number,
  pmd: number,
  pmdPage: number,
  strategy: Strategy,
): boolean {
  const mm = load(cpu + TLB_MM)
  const page = pfnToPage(ptePfn(pmd))
  if (!ptePresent(pmd)) {
    // pmd migration entry: only rss and, for anonymous memory, the deposit
    bugOn(swpKind(pmd) !== SWP_MIGRATION, BUG_SPLIT_PARTIAL)
  } else {
    bugOn(load(page + PAGE_COMPOUND_HEAD) !== page, BUG_NOT_HEAD)
    strategy.folioRemoveRmapPmd(cpu, page, vma, strategy)
    countRmapCalls(cpu, 1, 1)
  }
  if (folioTestAnon(page)) {
    zapDepositedTable(cpu, mm, pmdPage)
    atomicAdd(-HPAGE_PMD_NR, mm + MM_RSS + MM_ANONPAGES)
  } else {
    const rss = mm + MM_RSS + mmCounterFile(folioFlags(page))
    atomicAdd(-HPAGE_PMD_NR, rss)
  }
  return ptePresent(pmd)
}

/**
 * zap_huge_pmd: clears a PMD that maps a huge page, removes its rmap immediately (before any TLB flush), gathers the
 * page as one slot. False: it is not a huge PMD any more.
 */
export function zapHugePmd(
  cpu: number,
  vma: number,
  pmdp: number,
  pmdPage: number,
  addr: number,
  strategy: Strategy,
): boolean {
  spinLock(pmdPage + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 1)
  const pmd = load(pmdp)
  if ((pmd & PMD_HUGE) === 0) {
    spinUnlock(pmdPage + PT_PTL, PTL_CLASS)
    return false
  }
  store(pmdp, 0)
  countEvents(cpu, E_PMDS_CLEARED, 1)
  tlbAdjustRange(cpu, addr, HPAGE_PMD_NR)
  store(cpu + TLB_CLEARED, load(cpu + TLB_CLEARED) | CLEARED_PMDS)
  const page = pfnToPage(ptePfn(pmd))
  if ((pmd & PTE_SPECIAL) !== 0 || isHugeZeroPage(page)) {
    zapDepositedTable(cpu, load(cpu + TLB_MM), pmdPage)
    spinUnlock(pmdPage + PT_PTL, PTL_CLASS)
    return true
  }
  const gather = zapHugePmdPage(cpu, vma, pmd, pmdPage, strategy)
  spinUnlock(pmdPage + PT_PTL, PTL_CLASS)
  if (gather && tlbRemovePageSize(cpu, page, strategy)) tlbFlushMmu(cpu, strategy)
  return true
}

/**
 * page_add_anon_rmap of every page (folio_add_anon_rmap_ptes), then page_remove_rmap of the PMD mapping: a PMD mapping
 * becomes 512 PTE mappings.
 */
function splitAnonPmdMapping(cpu: number, vma: number, folio: number, strategy: Strategy): void {
  if (LARGE_MAPCOUNT !== 0) folioAddLargeMapcount(folio, HPAGE_PMD_NR, vma)
  if (NO_PAGE_MAPCOUNT === 0) addPteMappings(folio)
  strategy.folioRemoveRmapPmd(cpu, folio, vma, strategy)
  countRmapCalls(cpu, strategy.splitRemovesRmap, 1)
}

/** The mapcounts of all pages of a folio that is PMD-mapped. */
function addPteMappings(folio: number): void {
  let page = folio
  for (let i = 0; i < HPAGE_PMD_NR; i++) {
    const first = atomicIncAndTest(page + PAGE_MAPCOUNT)
    if (first) {
      const mapped = atomicAddReturnRelaxed(1, folio + FOLIO_NR_PAGES_MAPPED)
      bugOn(mapped < COMPOUND_MAPPED, BUG_SPLIT_PARTIAL)
    }
    page = page + PAGE_WORDS
  }
}

/** __split_huge_pmd_locked for anonymous memory: the deposited table takes the place of the PMD mapping. */
function splitHugeAnonPmdLocked(
  cpu: number,
  vma: number,
  pmdp: number,
  pmdPage: number,
  strategy: Strategy,
): void {
  const pmd = load(pmdp)
  const pfn = ptePfn(pmd)
  const folio = pfnToPage(pfn)
  const table = pgtableTransHugeWithdraw(pmdPage)
  const content = load(table + PT_CONTENT)
  const zero = isHugeZeroPage(folio)
  let flags = pmd & (PTE_PRESENT | PTE_WRITE | PTE_YOUNG | PTE_DIRTY)
  if (zero) flags = PTE_PRESENT | PTE_SPECIAL
  for (let i = 0; i < PTRS_PER_PTE; i++) store(content + i, mkPte(pfn + i, flags))
  if (!zero) {
    if (pteDirty(pmd)) setBit(PG_DIRTY, folio + PAGE_FLAGS)
    atomicAdd(HPAGE_PMD_NR - 1, folio + PAGE_REFCOUNT)
    splitAnonPmdMapping(cpu, vma, folio, strategy)
  }
  store(pmdp, mkPte(pageToPfn(table), PTE_PRESENT))
}

/** __split_huge_pmd_locked for a file mapping: the PMD is dropped, its PTEs would be faulted in again. */
function splitHugeFilePmdLocked(cpu: number, vma: number, pmdp: number, strategy: Strategy): void {
  const pmd = load(pmdp)
  const folio = pfnToPage(ptePfn(pmd))
  const mm = load(vma + VMA_MM)
  store(pmdp, 0)
  if (pteDirty(pmd)) folioMarkDirty(cpu, folio)
  if (pteYoung(pmd)) setBit(PG_REFERENCED, folio + PAGE_FLAGS)
  strategy.folioRemoveRmapPmd(cpu, folio, vma, strategy)
  countRmapCalls(cpu, 1, 1)
  const rss = mm + MM_RSS + mmCounterFile(folioFlags(folio))
  atomicAdd(-HPAGE_PMD_NR, rss)
  putFolio(cpu, folio)
}

/** __split_huge_pmd: before part of a PMD mapping is unmapped. One TLB flush of the huge page. */
export function splitHugePmd(
  cpu: number,
  vma: number,
  pmdp: number,
  pmdPage: number,
  addr: number,
  strategy: Strategy,
): void {
  spinLock(pmdPage + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 1)
  if ((load(pmdp) & PMD_HUGE) !== 0) {
    countEvents(cpu, E_PMD_SPLITS, 1)
    const folio = pfnToPage(ptePfn(load(pmdp)))
    // the kernel asks vma_is_anonymous(); a captured VMA may hold either, so the folio decides
    if (folioTestAnon(folio) || isHugeZeroPage(folio))
      splitHugeAnonPmdLocked(cpu, vma, pmdp, pmdPage, strategy)
    else splitHugeFilePmdLocked(cpu, vma, pmdp, strategy)
    // pmdp_invalidate / pmdp_huge_clear_flush
    countTlbFlush(cpu, HPAGE_PMD_NR)
    flushTlbMmRange(load(cpu + TLB_MM), addr & ~511, (addr & ~511) + HPAGE_PMD_NR, 0)
  }
  spinUnlock(pmdPage + PT_PTL, PTL_CLASS)
}
