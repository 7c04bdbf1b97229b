/**
 * mm/memory.c of v6.9 and later: zap_pte_range's loop, which takes a run of PTEs that map one folio at once
 * (zap_present_ptes), and what a file folio's PTEs add in all versions.
 *
 * A run (folio_pte_batch) is the longest one of present PTEs, within this table visit and this folio, whose PFNs go up by
 * one and whose other bits are equal, accessed, dirty and write bits aside. It has one rmap removal, one record in the
 * gather, and is gathered whole before the gather's fullness is looked at.
 *
 * Invariants: a run never holds a PTE that is not present, nor leaves its folio (10ebac4f95e7 and its fix); each PTE is
 * in exactly one run.
 */

import { BUG_BATCH_OVERFLOW, BUG_NEGATIVE_MAPCOUNT } from '../machine/bugs.ts'
import { E_NEED_RESCHED_CALLS, E_PTES_CLEARED } from '../machine/counters.ts'
import { NO_PAGE_MAPCOUNT } from '../machine/globals.ts'
import {
  BATCH_MAX,
  BATCH_NR,
  BATCH_SLOTS,
  CPU_RSS,
  CPU_ZAP,
  ENCODED_PAGE_BIT_DELAY_RMAP,
  ENCODED_PAGE_BIT_NR_PAGES_NEXT,
  ENCODED_NR_PAGES_SHIFT,
  MM_ANONPAGES,
  PAGE_MAPCOUNT,
  PG_ANON,
  PG_HEAD,
  PTE_DIRTY,
  PTE_PFN_SHIFT,
  PTE_PRESENT,
  PTE_SPECIAL,
  PTE_WRITE,
  PTE_YOUNG,
  TLB_ACTIVE,
  TLB_DELAYED_RMAP,
  VM_PFNMAP,
  VM_RAND_READ,
  VMA_FLAGS,
  ZAP_FORCE_FLUSH,
  ZAP_FULL,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, pageFolio, pageToPfn, pfnToPage } from '../machine/page.ts'
import { pteIndex, ptePfn } from '../machine/pgtable.ts'
import { bugOn, needResched } from '../sync/live.ts'
import { markPageAccessed } from './folio-batch.ts'
import { mmCounterFile } from './mm-inline.ts'
import { tlbNextBatch } from './mmu-gather.ts'
import { folioMarkDirty } from './page-writeback.ts'
import { countRmapCalls } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { tlbRemoveTlbEntries } from './tlb.ts'
import { countEvents } from './vmstat.ts'
import { zapNonpresentPte } from './zap-nonpresent.ts'

/** The bits in which the PTEs of a run may differ. */
const FPB_IGNORED = PTE_YOUNG | PTE_DIRTY | PTE_WRITE

/** The PTE loop of zap_pte_range; leaves its findings in CPU_ZAP and CPU_RSS. Returns the address reached. */
export function zapPteBatches(
  cpu: number,
  vma: number,
  content: number,
  start: number,
  end: number,
  strategy: Strategy,
): number {
  let addr = start
  let pte = content + pteIndex(start)
  while (addr !== end) {
    const ptent = load(pte)
    let nr = 1
    if (ptent !== 0) {
      if (needResched()) {
        countEvents(cpu, E_NEED_RESCHED_CALLS, 1)
        break
      }
      if ((ptent & PTE_PRESENT) === 0) {
        store(pte, 0)
        zapNonpresentPte(cpu, vma, ptent, strategy)
      } else {
        nr = zapPresentPtes(cpu, vma, pte, ptent, end - addr, addr, strategy)
        // force_break
        if ((load(cpu + CPU_ZAP) & ZAP_FULL) !== 0) return addr + nr
      }
    }
    addr = addr + nr
    pte = pte + nr
  }
  return addr
}

/** zap_present_ptes: the run that begins at `pte`, of at most `maxNr` PTEs; returns its length. */
function zapPresentPtes(
  cpu: number,
  vma: number,
  pte: number,
  ptent: number,
  maxNr: number,
  addr: number,
  strategy: Strategy,
): number {
  // vm_normal_page: no struct page behind special entries and PFN mappings
  if ((ptent & PTE_SPECIAL) !== 0 || (load(vma + VMA_FLAGS) & VM_PFNMAP) !== 0) {
    store(pte, 0)
    tlbRemoveTlbEntries(cpu, addr, addr + 1)
    return 1
  }
  const page = pfnToPage(ptePfn(ptent))
  const folio = pageFolio(page)
  const flags = folioFlags(folio)
  let nr = 1
  if ((flags & PG_HEAD) !== 0 && maxNr !== 1) nr = folioPteBatch(folio, flags, pte, ptent, maxNr)
  zapPresentFolioPtes(cpu, vma, folio, page, pte, nr, addr, strategy)
  return nr
}

/** folio_pte_batch: the length of the run. */
function folioPteBatch(
  folio: number,
  flags: number,
  pte: number,
  ptent: number,
  maxNr: number,
): number {
  const left = pageToPfn(folio) + folioNrPages(folio, flags) - ptePfn(ptent)
  const max = Math.min(left, maxNr)
  let expected = ptent & ~FPB_IGNORED
  let nr = 1
  while (nr < max) {
    expected = expected + (1 << PTE_PFN_SHIFT)
    if ((load(pte + nr) & ~FPB_IGNORED) !== expected) return nr
    nr++
  }
  return nr
}

/** zap_present_folio_ptes: clears a run, removes its rmap or leaves that for after the flush, gathers it. */
function zapPresentFolioPtes(
  cpu: number,
  vma: number,
  folio: number,
  page: number,
  pte: number,
  nr: number,
  addr: number,
  strategy: Strategy,
): void {
  const flags = folioFlags(folio)
  let delayRmap = 0
  if ((flags & PG_ANON) !== 0) {
    for (let i = 0; i < nr; i++) store(pte + i, 0)
    store(cpu + CPU_RSS + MM_ANONPAGES, load(cpu + CPU_RSS + MM_ANONPAGES) - nr)
  } else {
    delayRmap = zapFilePtes(
      cpu,
      folio,
      nr,
      getAndClearPtes(pte, nr),
      load(vma + VMA_FLAGS),
      strategy,
    )
  }
  tlbRemoveTlbEntries(cpu, addr, addr + nr)
  countEvents(cpu, E_PTES_CLEARED, nr)
  if (delayRmap === 0) {
    strategy.folioRemoveRmapPtes(cpu, folio, page, nr, vma, strategy)
    countRmapCalls(cpu, 1, mapcountAtomics(flags, nr))
    bugOn(load(page + PAGE_MAPCOUNT) < -1, BUG_NEGATIVE_MAPCOUNT)
  }
  if (tlbRemoveFolioPages(cpu, page, nr, delayRmap))
    store(cpu + CPU_ZAP, load(cpu + CPU_ZAP) | ZAP_FORCE_FLUSH | ZAP_FULL)
}

/** Atomics on _mapcount for a run of a folio with these flags: none where pages of large folios have no mapcount. */
export function mapcountAtomics(flags: number, nr: number): number {
  return NO_PAGE_MAPCOUNT !== 0 && (flags & PG_HEAD) !== 0 ? 0 : nr
}

/** get_and_clear_full_ptes: clears the PTEs; the first one, accessed and dirty if any of them was. */
function getAndClearPtes(pte: number, nr: number): number {
  let merged = 0
  for (let i = 0; i < nr; i++) {
    merged = merged | (load(pte + i) & (PTE_YOUNG | PTE_DIRTY))
    store(pte + i, 0)
  }
  return merged
}

/**
 * What `nr` PTEs of a file folio add, `ptent` with the accessed and dirty bits: their rss; a dirty one marks the folio
 * dirty and forces a flush before the ptl is dropped; returns 1 if the rmap removal must wait for that flush.
 */
export function zapFilePtes(
  cpu: number,
  folio: number,
  nr: number,
  ptent: number,
  vmFlags: number,
  strategy: Strategy,
): number {
  const rss = cpu + CPU_RSS + mmCounterFile(folioFlags(folio))
  store(rss, load(rss) - nr)
  let delayRmap = 0
  if ((ptent & PTE_DIRTY) !== 0) {
    folioMarkDirty(cpu, folio)
    store(cpu + CPU_ZAP, load(cpu + CPU_ZAP) | ZAP_FORCE_FLUSH)
    if (strategy.delayRmap !== 0) {
      delayRmap = 1
      store(cpu + TLB_DELAYED_RMAP, 1)
    }
  }
  // vma_has_recency
  if ((ptent & PTE_YOUNG) !== 0 && (vmFlags & VM_RAND_READ) === 0) markPageAccessed(cpu, folio)
  return delayRmap
}

/**
 * __tlb_remove_folio_pages: one record for `nr` pages from `page` on, in one slot, or in two with their number. True if
 * the gather is full and must be flushed before more is added.
 */
function tlbRemoveFolioPages(cpu: number, page: number, nr: number, delayRmap: number): boolean {
  const batch = load(cpu + TLB_ACTIVE)
  const at = load(batch + BATCH_NR)
  const slots = batch + BATCH_SLOTS
  let used = at + 1
  if (nr === 1) store(slots + at, page * 2 + delayRmap * ENCODED_PAGE_BIT_DELAY_RMAP)
  else {
    store(
      slots + at,
      page * 2 + ENCODED_PAGE_BIT_NR_PAGES_NEXT + delayRmap * ENCODED_PAGE_BIT_DELAY_RMAP,
    )
    store(slots + at + 1, nr << ENCODED_NR_PAGES_SHIFT)
    used = at + 2
  }
  store(batch + BATCH_NR, used)
  const max = load(batch + BATCH_MAX)
  // room for a record of two slots must be left
  if (used < max - 1) return false
  bugOn(used > max, BUG_BATCH_OVERFLOW)
  return !tlbNextBatch(cpu)
}
