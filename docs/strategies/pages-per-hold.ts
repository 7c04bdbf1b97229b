/**
 * range-v1 with another bound for the lruvec lock: it is dropped after SWAP_CLUSTER_MAX pages, not after as many slots.
 *
 * A slot of range-v1 may stand for all pages of a large folio, so that SWAP_CLUSTER_MAX slots are many more references
 * than they are under v6.5. The two functions below are core's freeFoliosAndSwapCache (mm/swap-state.ts) and its release
 * loop (mm/swap.ts) for ranges; the lines that differ are marked.
 */
import {
  clearMlocked,
  countEvents,
  defineStrategy,
  dropLruvec,
  folioClearLruFlags,
  folioLruvec,
  folioPutLarge,
  freeSwapCache,
  freeUnrefPageList,
  lruAddDrain,
  lruvecDelFolio,
  lruvecLockIrqsave,
  memCgroupUnchargeList,
  putZoneDeviceFolio,
  rangeV1,
} from '@mmgather/core/kernel'
import {
  CONFIG_SWAP,
  E_FOLIOS_FREED,
  E_GATHER_RECORDS,
  E_PAGES_FREED,
  E_REFCOUNT_ATOMICS,
  E_SWAPCACHE_CHECKS,
  folioFlags,
  folioIsZoneDevice,
  isHugeZeroPage,
  load,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_REFCOUNT,
  PAGE_WORDS,
  pageFolio,
  PG_HEAD,
  PG_LRU,
  PG_MLOCKED,
  PG_SWAPCACHE,
  PG_TYPE_MASK,
  RANGE_END,
  RANGE_START,
  RANGE_WORDS,
  store,
  SWAP_CLUSTER_MAX,
} from '@mmgather/core/machine'
import { atomicSubAndTest, readOnce } from '@mmgather/core/sync'

/** freeFoliosAndSwapCache, which calls the loop below. */
function freeByPages(cpu: number, ranges: number, nr: number): void {
  countEvents(cpu, E_GATHER_RECORDS, nr)
  if (CONFIG_SWAP !== 0) {
    lruAddDrain(cpu)
    countEvents(cpu, E_SWAPCACHE_CHECKS, nr)
    for (let i = 0; i < nr; i++) {
      const folio = pageFolio(load(ranges + i * RANGE_WORDS))
      if ((readOnce(folio + PAGE_FLAGS) & PG_SWAPCACHE) !== 0) freeSwapCache(cpu, folio)
    }
  }
  releaseByPages(cpu, ranges, nr)
}

function releaseByPages(cpu: number, ranges: number, nr: number): void {
  let pagesToFree = 0
  let lruvec = 0
  let heldSlots = 0
  let heldPages = 0
  let freed = 0
  let refAtomics = 0
  for (let i = 0; i < nr; i++) {
    const slot = ranges + i * RANGE_WORDS
    const page = load(slot + RANGE_START)
    const refs = ((load(slot + RANGE_END) - page) / PAGE_WORDS) | 0
    const folio = pageFolio(page)
    if (lruvec !== 0) {
      heldSlots++
      heldPages = heldPages + refs // differs: core counts slots alone
      if (heldPages >= SWAP_CLUSTER_MAX) lruvec = dropLruvec(cpu, lruvec, heldSlots) // differs
    }
    const kind = folioFlags(folio) & (PG_TYPE_MASK | PG_HEAD)
    if ((kind & PG_TYPE_MASK) !== 0) {
      if (isHugeZeroPage(folio)) continue
      if (folioIsZoneDevice(folio)) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, heldSlots)
        putZoneDeviceFolio(cpu, folio, 1)
        continue
      }
    }
    refAtomics++
    if (!atomicSubAndTest(refs, folio + PAGE_REFCOUNT)) continue
    if (kind === PG_HEAD) {
      if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, heldSlots)
      folioPutLarge(cpu, folio)
      continue
    }
    const flags = folioFlags(folio)
    if ((flags & PG_LRU) !== 0) {
      const locked = folioLruvec(flags)
      if (locked !== lruvec) {
        if (lruvec !== 0) lruvec = dropLruvec(cpu, lruvec, heldSlots)
        lruvecLockIrqsave(cpu, locked)
        lruvec = locked
        heldSlots = 0
        heldPages = 0
      }
      lruvecDelFolio(cpu, lruvec, folio, flags)
      folioClearLruFlags(folio, flags)
    }
    if ((flags & PG_MLOCKED) !== 0) clearMlocked(cpu, folio)
    store(folio + PAGE_LRU, pagesToFree)
    pagesToFree = folio + PAGE_LRU
    freed++
  }
  if (lruvec !== 0) dropLruvec(cpu, lruvec, heldSlots + 1)
  countEvents(cpu, E_REFCOUNT_ATOMICS, refAtomics)
  countEvents(cpu, E_FOLIOS_FREED, freed)
  countEvents(cpu, E_PAGES_FREED, freed)
  memCgroupUnchargeList(cpu, pagesToFree)
  freeUnrefPageList(cpu, pagesToFree)
}

export const pagesPerHold = defineStrategy({
  ...rangeV1,
  id: 'pages-per-hold',
  freeSlotsAndSwapCache: freeByPages,
})
