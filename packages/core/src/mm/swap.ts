/**
 * mm/swap.c: dropping references and taking freed folios off the LRU. (The per-CPU folio batches of the same kernel
 * file: folio-batch.ts.)
 *
 * release_pages (v6.5) and folios_put_refs of the range series are one loop here, `releaseSlots`: they differ in how many
 * references a slot stands for. (folios_put_refs of v6.9: folios-put-refs.ts.) The lruvec lock is kept from slot to slot: `lockBatch` counts the slots looked at since
 * it was taken, and at SWAP_CLUSTER_MAX it is dropped before the slot is looked at.
 *
 * Invariants: a folio's references are dropped by exactly as many as its slots stand for; whoever drops the last one
 * frees it, off every list, once; at most SWAP_CLUSTER_MAX slots are examined in one lruvec hold.
 */

import { BUG_NEGATIVE_REFCOUNT } from '../machine/bugs.ts'
import {
  E_FOLIOS_FREED,
  E_IRQS_OFF_SLOTS_MAX,
  E_LRUVEC_LOCK_ACQUISITIONS,
  E_PAGES_FREED,
  E_REFCOUNT_ATOMICS,
  LRUVEC_CLASS,
  NR_MLOCK,
  UNEVICTABLE_PGCLEARED,
} from '../machine/counters.ts'
import { SWAP_CLUSTER_MAX } from '../machine/globals.ts'
import {
  LRUVEC_LOCK,
  PAGE_LRU,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  PG_HEAD,
  PG_LRU,
  PG_MLOCKED,
  PG_TYPE_MASK,
  RANGE_END,
  RANGE_START,
  RANGE_WORDS,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import {
  folioFlags,
  folioFlagsAndNot,
  folioIsZoneDevice,
  folioNrPages,
  folioOrder,
  folioTestLarge,
  isHugeZeroPage,
  pageFolio,
  pfnToPage,
} from '../machine/page.ts'
import { atomicSubAndTest, bugOn, readOnce, spinLock, spinUnlock } from '../sync/live.ts'
import { folioUndoLargeRmappable } from './huge-memory.ts'
import { memCgroupUncharge, memCgroupUnchargeList } from './memcontrol.ts'
import { putZoneDeviceFolio } from './memremap.ts'
import { folioClearLruFlags, folioLruvec, lruvecDelFolio } from './mm-inline.ts'
import { freeThePage, freeUnrefPageList } from './page-alloc.ts'
import { countEventMax, countEvents, countVmEvents, modNodePageState } from './vmstat.ts'

/** folio_lruvec_lock_irqsave */
export function lruvecLockIrqsave(cpu: number, lruvec: number): void {
  spinLock(lruvec + LRUVEC_LOCK, LRUVEC_CLASS)
  countEvents(cpu, E_LRUVEC_LOCK_ACQUISITIONS, 1)
}

/** unlock_page_lruvec_irqrestore */
export function unlockPageLruvecIrqrestore(lruvec: number): void {
  spinUnlock(lruvec + LRUVEC_LOCK, LRUVEC_CLASS)
}

/** release_pages (v6.5): `nr` encoded pages, one reference each. */
export function releasePages(cpu: number, pages: number, nr: number): void {
  releaseSlots(cpu, pages, nr, ENCODED_PAGES)
}

/** folios_put_refs (range series v1): `nr` ranges, one reference for each page of a range. */
export function foliosPutRanges(cpu: number, ranges: number, nr: number): void {
  releaseSlots(cpu, ranges, nr, PAGE_RANGES)
}

/** folios_put_refs (range series v2): the same with ranges of page frames. */
export function foliosPutPfnRanges(cpu: number, ranges: number, nr: number): void {
  releaseSlots(cpu, ranges, nr, PFN_RANGES)
}

/** What slots hold: encoded pages, ranges of struct pages, ranges of page frames. */
const ENCODED_PAGES = 0
const PAGE_RANGES = 1
const PFN_RANGES = 2

function releaseSlots(cpu: number, slots: number, nr: number, kindOfSlots: number): void {
  // LIST_HEAD(pages_to_free): private, filled at its head and read forwards, so only its next links are written
  let pagesToFree = 0
  let lruvec = 0
  let lockBatch = 0
  let freed = 0
  let refAtomics = 0
  let slot = slots
  for (let i = 0; i < nr; i++) {
    let page = 0
    let refs = 1
    if (kindOfSlots === ENCODED_PAGES) {
      page = load(slot) >> 1
      slot = slot + 1
    } else {
      page = load(slot + RANGE_START)
      refs = load(slot + RANGE_END) - page
      if (kindOfSlots === PAGE_RANGES) refs = (refs / PAGE_WORDS) | 0
      else page = pfnToPage(page)
      slot = slot + RANGE_WORDS
    }
    const folio = pageFolio(page)
    if (lruvec !== 0) {
      lockBatch++
      if (lockBatch === SWAP_CLUSTER_MAX) lruvec = dropLruvec(cpu, lruvec, lockBatch)
    }
    const kind = folioFlags(folio) & (PG_TYPE_MASK | PG_HEAD)
    if ((kind & PG_TYPE_MASK) !== 0) {
      if (isHugeZeroPage(folio)) continue
      if (folioIsZoneDevice(folio)) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, lockBatch)
        // v1 drops one reference whatever the range holds (fixed in v2)
        putZoneDeviceFolio(cpu, folio, kindOfSlots === PFN_RANGES ? refs : 1)
        continue
      }
    }
    refAtomics++
    if (!atomicSubAndTest(refs, folio + PAGE_REFCOUNT)) continue
    if (kind === PG_HEAD) {
      if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, lockBatch)
      folioPutLarge(cpu, folio)
      continue
    }
    // nobody else has this folio any more: its flags stay as they are read here
    const flags = folioFlags(folio)
    if ((flags & PG_LRU) !== 0) {
      // folio_lruvec_relock_irqsave
      const locked = folioLruvec(flags)
      if (locked !== lruvec) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, lockBatch)
        lruvecLockIrqsave(cpu, locked)
        lruvec = locked
        lockBatch = 0
      }
      lruvecDelFolio(cpu, lruvec, folio, flags)
      folioClearLruFlags(folio, flags)
    }
    if ((flags & PG_MLOCKED) !== 0) clearMlocked(cpu, folio)
    store(folio + PAGE_LRU, pagesToFree)
    pagesToFree = folio + PAGE_LRU
    freed++
  }
  if (lruvec !== 0) dropLruvec(cpu, lruvec, lockBatch + 1)
  countEvents(cpu, E_REFCOUNT_ATOMICS, refAtomics)
  countEvents(cpu, E_FOLIOS_FREED, freed)
  countEvents(cpu, E_PAGES_FREED, freed)
  memCgroupUnchargeList(cpu, pagesToFree)
  freeUnrefPageList(cpu, pagesToFree)
}

/** Unlocks the lruvec after `slots` slots with interrupts off; returns the lruvec held then: none. */
export function dropLruvec(cpu: number, lruvec: number, slots: number): number {
  unlockPageLruvecIrqrestore(lruvec)
  countEventMax(cpu, E_IRQS_OFF_SLOTS_MAX, slots)
  return 0
}

/** The rare case of a folio that is freed while still marked mlocked. */
export function clearMlocked(cpu: number, folio: number): void {
  const nr = folioNrPages(folio, folioFlags(folio))
  folioFlagsAndNot(folio, PG_MLOCKED)
  modNodePageState(cpu, NR_MLOCK, -nr)
  countVmEvents(cpu, UNEVICTABLE_PGCLEARED, nr)
}

/** __page_cache_release: off the LRU, under a lock hold of its own. */
function pageCacheRelease(cpu: number, folio: number): void {
  const flags = folioFlags(folio)
  if ((flags & PG_LRU) !== 0) {
    const lruvec = folioLruvec(flags)
    lruvecLockIrqsave(cpu, lruvec)
    lruvecDelFolio(cpu, lruvec, folio, flags)
    folioClearLruFlags(folio, flags)
    unlockPageLruvecIrqrestore(lruvec)
  }
  if ((flags & PG_MLOCKED) !== 0) clearMlocked(cpu, folio)
}

/** __folio_put_large: one lruvec hold, one uncharge batch and one pcp (or zone) lock for this folio alone. */
export function folioPutLarge(cpu: number, folio: number): void {
  pageCacheRelease(cpu, folio)
  destroyLargeFolio(cpu, folio)
}

/** destroy_large_folio: nobody refers to the folio any more, and it is on no LRU list. */
export function destroyLargeFolio(cpu: number, folio: number): void {
  folioUndoLargeRmappable(cpu, folio)
  memCgroupUncharge(cpu, folio)
  countFreed(cpu, folio)
  freeThePage(cpu, folio, folioOrder(folio))
}

/** __folio_put_small */
function folioPutSmall(cpu: number, folio: number): void {
  pageCacheRelease(cpu, folio)
  memCgroupUncharge(cpu, folio)
  countFreed(cpu, folio)
  freeThePage(cpu, folio, 0)
}

function countFreed(cpu: number, folio: number): void {
  countEvents(cpu, E_FOLIOS_FREED, 1)
  countEvents(cpu, E_PAGES_FREED, folioNrPages(folio, folioFlags(folio)))
}

/** folio_put: drops one reference; frees the folio if it was the last. */
export function putFolio(cpu: number, folio: number): void {
  if (folioIsZoneDevice(folio)) {
    putZoneDeviceFolio(cpu, folio, 1)
    return
  }
  countEvents(cpu, E_REFCOUNT_ATOMICS, 1)
  bugOn(readOnce(folio + PAGE_REFCOUNT) <= 0, BUG_NEGATIVE_REFCOUNT)
  if (!atomicSubAndTest(1, folio + PAGE_REFCOUNT)) return
  if (folioTestLarge(folio)) folioPutLarge(cpu, folio)
  else folioPutSmall(cpu, folio)
}
