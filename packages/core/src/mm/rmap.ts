/**
 * mm/rmap.c: the counters that change when mappings go away, and when they come.
 *
 * Two removals: `pageRemoveRmap` of v6.5 (page by page) and `folioRemoveRmapRange` of the range series (v1, patch 1/4).
 * (Those of v6.9 and later: folio-rmap.ts.)
 * Notation and transitions: _mapcount and _entire_mapcount are -1 based; _nr_pages_mapped counts pages with
 * _mapcount >= 0, plus COMPOUND_MAPPED while the folio is PMD-mapped.
 *
 * Invariants: _mapcount >= -1, _nr_pages_mapped >= 0, and NR_ANON_MAPPED / NR_FILE_MAPPED change by exactly the pages
 * that went from mapped to unmapped.
 */

import { BUG_NEGATIVE_NR_PAGES_MAPPED, BUG_RANGE_LEAVES_FOLIO } from '../machine/bugs.ts'
import {
  E_MAPCOUNT_ATOMICS,
  E_NR_PAGES_MAPPED_ATOMICS,
  E_RMAP_CALLS,
  E_STAT_UPDATES,
  NR_ANON_MAPPED,
  NR_ANON_THPS,
  NR_FILE_MAPPED,
  NR_FILE_PMDMAPPED,
  NR_SHMEM_PMDMAPPED,
} from '../machine/counters.ts'
import { DEFERRED_SPLIT_PMD, LARGE_MAPCOUNT, NO_PAGE_MAPCOUNT } from '../machine/globals.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_PAGES_MAPPED,
  HPAGE_PMD_ORDER,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
  PG_ANON,
  PG_HEAD,
  PG_SWAPBACKED,
  VM_LOCKED,
  VMA_FLAGS,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import {
  folioFlags,
  folioIsZoneDevice,
  folioOrder,
  folioTestLarge,
  rangeLeavesFolio,
} from '../machine/page.ts'
import { atomicAdd, atomicAddNegative, atomicSubReturnRelaxed, bugOn } from '../sync/live.ts'
import { deferredSplitFolio } from './huge-memory.ts'
import { folioAddLargeMapcount, folioSetLargeMapcount } from './large-mapcount.ts'
import { munlockVmaFolio } from './mlock.ts'
import type { Strategy } from './strategy.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/**
 * folio_add_new_anon_rmap: all pages of a new folio are mapped once. Nobody else sees it, so nothing is atomic.
 */
export function folioAddNewAnonRmap(cpu: number, folio: number, nr: number, vma: number): void {
  store(folio + PAGE_FLAGS, load(folio + PAGE_FLAGS) | PG_ANON | PG_SWAPBACKED)
  if (nr > 1 && LARGE_MAPCOUNT !== 0) folioSetLargeMapcount(folio, nr, vma)
  if (nr === 1 || NO_PAGE_MAPCOUNT === 0) {
    const end = folio + Math.imul(nr, PAGE_WORDS)
    for (let page = folio; page < end; page = page + PAGE_WORDS) store(page + PAGE_MAPCOUNT, 0)
    if (nr > 1) store(folio + FOLIO_NR_PAGES_MAPPED, nr)
  }
  countEvents(cpu, E_STAT_UPDATES, 1)
  modNodePageState(cpu, NR_ANON_MAPPED, nr)
}

/** page_dup_anon_rmap, folio_try_dup_anon_rmap_pte: a mapped page is mapped once more, by `vma` of a child (fork). */
export function pageDupAnonRmap(folio: number, page: number, vma: number): void {
  if (LARGE_MAPCOUNT !== 0 && folioTestLarge(folio)) {
    folioAddLargeMapcount(folio, 1, vma)
    if (NO_PAGE_MAPCOUNT !== 0) return
  }
  atomicAdd(1, page + PAGE_MAPCOUNT)
}

/** May this anonymous folio be queued for deferred split? The scenario's rule, or the strategy's. */
export function deferredSplitEligible(folio: number, strategy: Strategy): boolean {
  // device memory is not reclaimed, so there is nothing to split
  if (folioIsZoneDevice(folio)) return false
  const pmdOnly = DEFERRED_SPLIT_PMD < 0 ? strategy.deferredSplitPmd : DEFERRED_SPLIT_PMD
  if (pmdOnly !== 0) return folioOrder(folio) >= HPAGE_PMD_ORDER
  return true
}

/** __lruvec_stat_mod_folio of NR_ANON_MAPPED or NR_FILE_MAPPED: `nr` pages are no longer mapped. */
export function modMapped(cpu: number, flags: number, nr: number): void {
  countEvents(cpu, E_STAT_UPDATES, 1)
  modNodePageState(cpu, (flags & PG_ANON) !== 0 ? NR_ANON_MAPPED : NR_FILE_MAPPED, -nr)
}

/** __lruvec_stat_mod_folio of the item that counts PMD-mapped folios of this kind. */
export function modPmdMapped(cpu: number, flags: number, nr: number): void {
  countEvents(cpu, E_STAT_UPDATES, 1)
  if ((flags & PG_ANON) !== 0) modNodePageState(cpu, NR_ANON_THPS, -nr)
  else if ((flags & PG_SWAPBACKED) !== 0) modNodePageState(cpu, NR_SHMEM_PMDMAPPED, -nr)
  else modNodePageState(cpu, NR_FILE_PMDMAPPED, -nr)
}

/**
 * The PMD mapping of a folio goes away (all strategies): returns the pages that are not mapped at all any more, or -1
 * if the folio stays PMD-mapped.
 */
export function removePmdMapping(cpu: number, folio: number, strategy: Strategy): number {
  if (!atomicAddNegative(-1, folio + FOLIO_ENTIRE_MAPCOUNT)) return -1
  countEvents(cpu, E_NR_PAGES_MAPPED_ATOMICS, strategy.nrPagesMapped)
  const mapped = atomicSubReturnRelaxed(COMPOUND_MAPPED, folio + FOLIO_NR_PAGES_MAPPED)
  bugOn(mapped < 0, BUG_NEGATIVE_NR_PAGES_MAPPED)
  // an add of COMPOUND_MAPPED raced ahead
  if (mapped >= COMPOUND_MAPPED) return -1
  const nr = (1 << folioOrder(folio)) - (mapped & FOLIO_PAGES_MAPPED)
  // raced ahead of another remove and an add?
  return nr < 0 ? 0 : nr
}

/**
 * page_remove_rmap (v6.5): one page loses one PTE mapping (`nr` is 1). Every large anonymous folio that the rule admits
 * is queued for deferred split at each page that becomes unmapped; there is no test that anything is still mapped. The
 * caller counts the call (countRmapCalls).
 */
export function pageRemoveRmap(
  cpu: number,
  folio: number,
  page: number,
  _nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if (atomicAddNegative(-1, page + PAGE_MAPCOUNT)) {
    if ((flags & PG_HEAD) !== 0) pageRemoveRmapLarge(cpu, folio, flags, strategy)
    else modMapped(cpu, flags, 1)
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

/** The last PTE mapping of a page of a large folio went away. */
function pageRemoveRmapLarge(cpu: number, folio: number, flags: number, strategy: Strategy): void {
  countEvents(cpu, E_NR_PAGES_MAPPED_ATOMICS, strategy.nrPagesMapped)
  const mapped = atomicSubReturnRelaxed(1, folio + FOLIO_NR_PAGES_MAPPED)
  bugOn(mapped < 0, BUG_NEGATIVE_NR_PAGES_MAPPED)
  // while the folio is PMD-mapped its pages stay mapped for the statistics
  if (mapped >= COMPOUND_MAPPED) return
  modMapped(cpu, flags, 1)
  if ((flags & PG_ANON) !== 0 && deferredSplitEligible(folio, strategy))
    deferredSplitFolio(cpu, folio, strategy)
}

/** page_remove_rmap (v6.5) of a PMD mapping. */
export function pageRemoveRmapCompound(
  cpu: number,
  folio: number,
  vma: number,
  strategy: Strategy,
): void {
  removeRmapCompound(cpu, folio, strategy)
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, true)
}

function removeRmapCompound(cpu: number, folio: number, strategy: Strategy): void {
  const nr = removePmdMapping(cpu, folio, strategy)
  if (nr < 0) return
  const flags = folioFlags(folio)
  const nrPmdmapped = 1 << folioOrder(folio)
  modPmdMapped(cpu, flags, nrPmdmapped)
  if (nr === 0) return
  modMapped(cpu, flags, nr)
  // at least one page is unmapped and at least one is still mapped
  if ((flags & PG_ANON) !== 0 && nr < nrPmdmapped && deferredSplitEligible(folio, strategy))
    deferredSplitFolio(cpu, folio, strategy)
}

/** Counts `calls` rmap removals with their atomics on mapcounts: once for all the calls of a loop. */
export function countRmapCalls(cpu: number, calls: number, mapcountAtomics: number): void {
  countEvents(cpu, E_RMAP_CALLS, calls)
  countEvents(cpu, E_MAPCOUNT_ATOMICS, mapcountAtomics)
}

/**
 * folio_remove_rmap_range (range series v1): `nr` consecutive pages of one folio lose one mapping each. One
 * _mapcount atomic a page, one _nr_pages_mapped atomic for all (even if it subtracts 0), one statistics update; queued
 * for deferred split only if something is still mapped. The caller counts the call.
 */
export function folioRemoveRmapRange(
  cpu: number,
  folio: number,
  first: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if ((flags & PG_HEAD) === 0) {
    bugOn(nr !== 1 || first !== folio, BUG_RANGE_LEAVES_FOLIO)
    if (atomicAddNegative(-1, first + PAGE_MAPCOUNT)) modMapped(cpu, flags, 1)
  } else {
    folioRemoveRmapRangeLarge(cpu, folio, first, nr, flags, strategy)
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

function folioRemoveRmapRangeLarge(
  cpu: number,
  folio: number,
  first: number,
  nr: number,
  flags: number,
  strategy: Strategy,
): void {
  bugOn(rangeLeavesFolio(folio, first, nr), BUG_RANGE_LEAVES_FOLIO)
  const end = first + Math.imul(nr, PAGE_WORDS)
  let unmapped = 0
  // page++: the range's struct pages are taken to be contiguous
  for (let page = first; page < end; page = page + PAGE_WORDS) {
    if (atomicAddNegative(-1, page + PAGE_MAPCOUNT)) unmapped++
  }
  countEvents(cpu, E_NR_PAGES_MAPPED_ATOMICS, 1)
  const mapped = atomicSubReturnRelaxed(unmapped, folio + FOLIO_NR_PAGES_MAPPED)
  bugOn(mapped < 0, BUG_NEGATIVE_NR_PAGES_MAPPED)
  // PMD-mapped as well: nothing changes for the statistics
  if (mapped >= COMPOUND_MAPPED || unmapped === 0) return
  modMapped(cpu, flags, unmapped)
  if ((flags & PG_ANON) !== 0 && mapped !== 0 && deferredSplitEligible(folio, strategy))
    deferredSplitFolio(cpu, folio, strategy)
}
