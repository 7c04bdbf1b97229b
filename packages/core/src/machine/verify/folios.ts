/**
 * Every folio in use: its counts, and what it adds to the sums that statistics, memcgs and LRU sizes must show.
 *
 * Runs behind the walks of page tables, batches and LRU lists.
 */

import {
  NR_ANON_MAPPED,
  NR_ANON_THPS,
  NR_FILE_DIRTY,
  NR_FILE_MAPPED,
  NR_FILE_PMDMAPPED,
  NR_LRU_BASE,
  NR_MLOCK,
  NR_SHMEM_PMDMAPPED,
  NR_SWAPCACHE,
} from '../counters.ts'
import { NR_MEMCGS, NR_PFNS } from '../globals.ts'
import {
  LRU_UNEVICTABLE,
  NR_LRU_LISTS,
  PAGE_FLAGS,
  PAGE_REFCOUNT,
  PG_ANON,
  PG_DIRTY,
  PG_LRU,
  PG_MLOCKED,
  PG_SWAPBACKED,
  PG_SWAPCACHE,
} from '../layout.ts'
import { load } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { lruListOf, lruvecOf, memcgIdOf } from './accounting.ts'
import { describeFrame } from './describe-page.ts'
import { addTo, type Facts, KIND_DEVICE, KIND_FOLIO, KIND_HUGE_ZERO, SEEN_ON_LRU } from './facts.ts'
import { checkMapcounts, checkRefcount } from './folio-counts.ts'
import { checkMlockCount } from './mlock.ts'
import { checkSplitQueueLink } from './split-queues.ts'
import { claimSwapSlots } from './swap.ts'

/** Checks all folios, in the order of their PFNs. */
export function checkFolios(facts: Facts): void {
  const { kind } = facts
  for (let pfn = 0; pfn < NR_PFNS; pfn++) {
    const k = kind[pfn]
    if (k === KIND_FOLIO || k === KIND_DEVICE) checkFolio(facts, pfn)
    else if (k === KIND_HUGE_ZERO && kind[pfn - 1] !== KIND_HUGE_ZERO) checkRefcount(facts, pfn, 0)
  }
}

function checkFolio(facts: Facts, pfn: number): void {
  const order = facts.order[pfn] as number
  const nr = 1 << order
  const flags = load(pfnToPage(pfn) + PAGE_FLAGS)
  const mapped = checkMapcounts(facts, pfn, order)
  const cached = (flags & PG_SWAPCACHE) !== 0 ? nr : 0
  if (cached !== 0) claimSwapSlots(facts, pfn, nr)
  const holders = checkRefcount(facts, pfn, cached)
  countStatistics(facts, pfn, flags, mapped)
  chargeTo(facts, pfn, memcgIdOf(flags), nr)
  if ((flags & PG_LRU) !== 0) countUnlinked(facts, pfn, flags, nr)
  if (order >= 2) checkSplitQueueLink(facts, pfn)
  countInUse(facts, pfn, nr, holders !== 0)
}

function countInUse(facts: Facts, pfn: number, nr: number, held: boolean): void {
  if (facts.kind[pfn] !== KIND_DEVICE) {
    if (!held) return
    facts.foliosInUse++
    facts.pagesInUse += nr
  } else if (!held && load(pfnToPage(pfn) + PAGE_REFCOUNT) === 0) {
    facts.deviceFoliosFree++
    facts.devicePagesFree += nr
  }
}

function countStatistics(facts: Facts, pfn: number, flags: number, mapped: number): void {
  const { vmstat } = facts
  const nr = 1 << (facts.order[pfn] as number)
  const anon = (flags & PG_ANON) !== 0
  const swapbacked = (flags & PG_SWAPBACKED) !== 0
  addTo(vmstat, anon ? NR_ANON_MAPPED : NR_FILE_MAPPED, mapped)
  if (facts.pmdMaps[pfn] !== 0)
    addTo(vmstat, anon ? NR_ANON_THPS : swapbacked ? NR_SHMEM_PMDMAPPED : NR_FILE_PMDMAPPED, nr)
  if ((flags & PG_MLOCKED) !== 0) addTo(vmstat, NR_MLOCK, nr)
  if ((flags & PG_SWAPCACHE) !== 0) addTo(vmstat, NR_SWAPCACHE, nr)
  // device memory has no writeback (noop_dirty_folio)
  const writeback = !anon && !swapbacked && facts.kind[pfn] === KIND_FOLIO
  if (writeback && (flags & PG_DIRTY) !== 0) addTo(vmstat, NR_FILE_DIRTY, nr)
}

function chargeTo(facts: Facts, pfn: number, memcgId: number, nr: number): void {
  if (memcgId <= NR_MEMCGS) addTo(facts.memcgPages, memcgId, nr)
  else facts.violations.add('memcg-id', () => describeFrame(pfn))
}

/** A folio with PG_lru that no list has: unevictable ones are counted without being linked. */
function countUnlinked(facts: Facts, pfn: number, flags: number, nr: number): void {
  if (((facts.seen[pfn] as number) & SEEN_ON_LRU) !== 0) return
  const memcgId = memcgIdOf(flags)
  if (memcgId > NR_MEMCGS) return
  const lru = lruListOf(flags)
  addTo(facts.lruSizes, lruvecOf(memcgId) * NR_LRU_LISTS + lru, nr)
  addTo(facts.vmstat, NR_LRU_BASE + lru, nr)
  if (lru === LRU_UNEVICTABLE) checkMlockCount(facts, pfn)
  else facts.violations.add('lru-missing', () => `on no LRU list: ${describeFrame(pfn)}`)
}
