/**
 * mm/rmap.c of v6.9 and later: folio_remove_rmap_ptes and folio_remove_rmap_pmd (__folio_remove_rmap).
 *
 * One call for a run of PTEs. What changed between versions: v6.9 and v6.10 drop _nr_pages_mapped once a page that
 * became unmapped, v6.12 once a run; v6.10 adds _large_mapcount and queues for deferred split only what is still mapped;
 * with CONFIG_NO_PAGE_MAPCOUNT only _large_mapcount is left, and a partial unmapping is seen only once fewer mappings
 * than pages are left.
 *
 * The loops over the pages of a run add to the page pointer (page++), so a run must not cross memmap chunks.
 *
 * Invariants: as in rmap.ts; with CONFIG_NO_PAGE_MAPCOUNT a large folio is wholly mapped for the statistics until its
 * last mapping is gone.
 */

import { BUG_NEGATIVE_NR_PAGES_MAPPED, BUG_RANGE_LEAVES_FOLIO } from '../machine/bugs.ts'
import { E_LARGE_MAPCOUNT_ATOMICS, E_NR_PAGES_MAPPED_ATOMICS } from '../machine/counters.ts'
import {
  COMPOUND_MAPPED,
  FOLIO_DEFERRED_LIST,
  FOLIO_ENTIRE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  FOLIO_ORDER,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
  PG_ANON,
  PG_HEAD,
  PG_PARTIALLY_MAPPED,
  VM_LOCKED,
  VMA_FLAGS,
} from '../machine/layout.ts'
import { load } from '../machine/memory.ts'
import { folioFlags, folioOrder, rangeLeavesFolio } from '../machine/page.ts'
import { atomicAddNegative, atomicSubReturnRelaxed, bugOn, readOnce } from '../sync/live.ts'
import { deferredSplitFolio } from './huge-memory.ts'
import { folioSubLargeMapcount } from './large-mapcount.ts'
import { munlockVmaFolio } from './mlock.ts'
import { deferredSplitEligible, modMapped, modPmdMapped, removePmdMapping } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { countEvents } from './vmstat.ts'

/** deferred_split_folio behind the tests of its caller: still mapped in part, and not queued (v6.10) or flagged (v6.12). */
function deferPartiallyMapped(cpu: number, folio: number, strategy: Strategy): void {
  if (!deferredSplitEligible(folio, strategy)) return
  if (strategy.partiallyMappedFlag !== 0) {
    if ((readOnce(folio + FOLIO_ORDER) & PG_PARTIALLY_MAPPED) !== 0) return
  } else if (folioOrder(folio) > 1) {
    const node = folio + FOLIO_DEFERRED_LIST
    if (readOnce(node) !== node) return
  }
  deferredSplitFolio(cpu, folio, strategy)
}

/** The loop of v6.9 and v6.10: how many of `nr` pages are mapped no more, one atomic on _nr_pages_mapped for each. */
function removePtesByPage(cpu: number, folio: number, first: number, nr: number): number {
  const end = first + Math.imul(nr, PAGE_WORDS)
  let last = 0
  let unmapped = 0
  for (let page = first; page < end; page = page + PAGE_WORDS) {
    if (atomicAddNegative(-1, page + PAGE_MAPCOUNT)) {
      const mapped = atomicSubReturnRelaxed(1, folio + FOLIO_NR_PAGES_MAPPED)
      bugOn(mapped < 0, BUG_NEGATIVE_NR_PAGES_MAPPED)
      last++
      if (mapped < COMPOUND_MAPPED) unmapped++
    }
  }
  countEvents(cpu, E_NR_PAGES_MAPPED_ATOMICS, last)
  return unmapped
}

/** The loop of v6.12 and later (43c9074e6f09): one atomic on _nr_pages_mapped for the run, none if nothing changed. */
function removePtesByRun(cpu: number, folio: number, first: number, nr: number): number {
  const end = first + Math.imul(nr, PAGE_WORDS)
  let last = 0
  for (let page = first; page < end; page = page + PAGE_WORDS) {
    if (atomicAddNegative(-1, page + PAGE_MAPCOUNT)) last++
  }
  if (last === 0) return 0
  countEvents(cpu, E_NR_PAGES_MAPPED_ATOMICS, 1)
  const mapped = atomicSubReturnRelaxed(last, folio + FOLIO_NR_PAGES_MAPPED)
  bugOn(mapped < 0, BUG_NEGATIVE_NR_PAGES_MAPPED)
  return mapped < COMPOUND_MAPPED ? last : 0
}

/** A small folio, or page of one, loses its PTE mapping. */
function removeSmall(cpu: number, page: number, flags: number): void {
  if (atomicAddNegative(-1, page + PAGE_MAPCOUNT)) modMapped(cpu, flags, 1)
}

/** folio_remove_rmap_ptes of v6.9: queued whenever a page became unmapped, whatever is still mapped. */
export function folioRemoveRmapPtesV69(
  cpu: number,
  folio: number,
  page: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if ((flags & PG_HEAD) === 0) removeSmall(cpu, page, flags)
  else {
    checkRun(folio, page, nr)
    const unmapped = removePtesByPage(cpu, folio, page, nr)
    if (unmapped !== 0) {
      modMapped(cpu, flags, unmapped)
      if ((flags & PG_ANON) !== 0 && deferredSplitEligible(folio, strategy))
        deferredSplitFolio(cpu, folio, strategy)
    }
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

/** folio_remove_rmap_ptes of v6.10: _large_mapcount, and queued only while something is mapped. */
export function folioRemoveRmapPtesV610(
  cpu: number,
  folio: number,
  page: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if ((flags & PG_HEAD) === 0) removeSmall(cpu, page, flags)
  else {
    checkRun(folio, page, nr)
    countEvents(cpu, E_LARGE_MAPCOUNT_ATOMICS, 1)
    folioSubLargeMapcount(folio, nr, vma)
    unmapPages(cpu, folio, flags, removePtesByPage(cpu, folio, page, nr), strategy)
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

/** folio_remove_rmap_ptes of v6.12, and of v6.18 with page mapcounts. */
export function folioRemoveRmapPtes(
  cpu: number,
  folio: number,
  page: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if ((flags & PG_HEAD) === 0) removeSmall(cpu, page, flags)
  else {
    checkRun(folio, page, nr)
    countEvents(cpu, E_LARGE_MAPCOUNT_ATOMICS, 1)
    folioSubLargeMapcount(folio, nr, vma)
    unmapPages(cpu, folio, flags, removePtesByRun(cpu, folio, page, nr), strategy)
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

/** Behind the loops of v6.10 and later: `unmapped` pages are mapped no more; what is left is read apart. */
function unmapPages(
  cpu: number,
  folio: number,
  flags: number,
  unmapped: number,
  strategy: Strategy,
): void {
  if (unmapped === 0) return
  if ((flags & PG_ANON) !== 0 && readOnce(folio + FOLIO_NR_PAGES_MAPPED) !== 0)
    deferPartiallyMapped(cpu, folio, strategy)
  modMapped(cpu, flags, unmapped)
}

/** folio_remove_rmap_ptes with CONFIG_NO_PAGE_MAPCOUNT. */
export function folioRemoveRmapPtesNoPageMapcount(
  cpu: number,
  folio: number,
  page: number,
  nr: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  if ((flags & PG_HEAD) === 0) removeSmall(cpu, page, flags)
  else {
    checkRun(folio, page, nr)
    countEvents(cpu, E_LARGE_MAPCOUNT_ATOMICS, 1)
    const left = folioSubLargeMapcount(folio, nr, vma)
    const pages = 1 << folioOrder(folio)
    if (left === 0) modMapped(cpu, flags, pages)
    else if (left < pages && (flags & PG_ANON) !== 0) {
      // folio_entire_mapcount
      if (readOnce(folio + FOLIO_ENTIRE_MAPCOUNT) < 0) deferPartiallyMapped(cpu, folio, strategy)
    }
  }
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, false)
}

/** folio_remove_rmap_pmd of v6.9 and later: the folio loses a PMD mapping. */
export function folioRemoveRmapPmd(
  cpu: number,
  folio: number,
  vma: number,
  strategy: Strategy,
): void {
  if (strategy.largeMapcount !== 0) {
    countEvents(cpu, E_LARGE_MAPCOUNT_ATOMICS, 1)
    folioSubLargeMapcount(folio, 1, vma)
  }
  const nr = removePmdMapping(cpu, folio, strategy)
  if (nr >= 0) unmapPmd(cpu, folio, nr, strategy)
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, true)
}

/** The last PMD mapping went, `nr` pages are mapped no more. */
function unmapPmd(cpu: number, folio: number, nr: number, strategy: Strategy): void {
  const flags = folioFlags(folio)
  const nrPmdmapped = 1 << folioOrder(folio)
  // at least one page is unmapped and at least one is still mapped
  if (nr !== 0 && nr < nrPmdmapped && (flags & PG_ANON) !== 0) {
    if (strategy.largeMapcount !== 0) deferPartiallyMapped(cpu, folio, strategy)
    else if (deferredSplitEligible(folio, strategy)) deferredSplitFolio(cpu, folio, strategy)
  }
  modPmdMapped(cpu, flags, nrPmdmapped)
  if (nr !== 0) modMapped(cpu, flags, nr)
}

/** folio_remove_rmap_pmd with CONFIG_NO_PAGE_MAPCOUNT. */
export function folioRemoveRmapPmdNoPageMapcount(
  cpu: number,
  folio: number,
  vma: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  const pages = 1 << folioOrder(folio)
  const last = atomicAddNegative(-1, folio + FOLIO_ENTIRE_MAPCOUNT)
  countEvents(cpu, E_LARGE_MAPCOUNT_ATOMICS, 1)
  const left = folioSubLargeMapcount(folio, 1, vma)
  if (last && left !== 0 && left < pages && (flags & PG_ANON) !== 0)
    deferPartiallyMapped(cpu, folio, strategy)
  if (last) modPmdMapped(cpu, flags, pages)
  if (left === 0) modMapped(cpu, flags, pages)
  if ((load(vma + VMA_FLAGS) & VM_LOCKED) !== 0) munlockVmaFolio(cpu, folio, true)
}

/** __folio_rmap_sanity_checks: the run lies in the folio. */
function checkRun(folio: number, first: number, nr: number): void {
  bugOn(rangeLeavesFolio(folio, first, nr), BUG_RANGE_LEAVES_FOLIO)
}
