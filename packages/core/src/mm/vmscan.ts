/**
 * mm/vmscan.c: what reclaim does to a lruvec: shrink_inactive_list without the reclaiming.
 *
 * A chunk of folios is taken from the tail of the inactive anonymous list, held for a while (the kernel would look at
 * references and write to swap: here a pause) and put back at its head. What the chunk keeps from being freed meanwhile
 * is freed here.
 *
 * Invariants: an isolated folio has a reference of the isolator's own and PG_lru clear, so nobody else takes it off a
 * list; at most SWAP_CLUSTER_MAX pages are looked at in one lruvec hold (a large folio counts all of its pages).
 */

import {
  E_FOLIOS_FREED,
  E_PAGES_FREED,
  E_RECLAIM_FREED,
  E_RECLAIM_ISOLATED,
  E_RECLAIM_ROUNDS,
  E_REFCOUNT_ATOMICS,
} from '../machine/counters.ts'
import { SWAP_CLUSTER_MAX } from '../machine/globals.ts'
import {
  CPU_ISOLATED,
  LRU_INACTIVE_ANON,
  LRUVEC_LISTS,
  PAGE_FLAGS,
  PAGE_LRU,
  PAGE_REFCOUNT,
  PG_LRU,
} from '../machine/layout.ts'
import { listAdd, listDel, listEmpty, listLast } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, folioTestLarge } from '../machine/page.ts'
import {
  atomicIncNotZero,
  atomicSubAndTest,
  delayNs,
  setBit,
  testAndClearBit,
} from '../sync/live.ts'
import { lruAddDrain } from './folio-batch.ts'
import { memCgroupUnchargeList } from './memcontrol.ts'
import { folioClearLruFlags, lruvecAddFolio, updateLruSize } from './mm-inline.ts'
import { freeUnrefPageList } from './page-alloc.ts'
import {
  destroyLargeFolio,
  lruvecLockIrqsave,
  putFolio,
  unlockPageLruvecIrqrestore,
} from './swap.ts'
import { countEvents } from './vmstat.ts'

/** shrink_inactive_list, with a pause in place of shrink_folio_list. */
export function shrinkInactiveList(cpu: number, lruvec: number, pauseNs: number): void {
  countEvents(cpu, E_RECLAIM_ROUNDS, 1)
  lruAddDrain(cpu)
  lruvecLockIrqsave(cpu, lruvec)
  const taken = isolateLruFolios(cpu, lruvec)
  unlockPageLruvecIrqrestore(lruvec)
  countEvents(cpu, E_RECLAIM_ISOLATED, taken)
  delayNs(pauseNs)
  if (taken === 0) return
  lruvecLockIrqsave(cpu, lruvec)
  const free = moveFoliosToLru(cpu, lruvec)
  unlockPageLruvecIrqrestore(lruvec)
  memCgroupUnchargeList(cpu, free)
  freeUnrefPageList(cpu, free)
}

/**
 * isolate_lru_folios: takes folios off the tail, each with a reference, into CPU_ISOLATED; returns how many. A folio that
 * is being freed, or that somebody else has isolated, goes to the head instead. The caller holds the lruvec's lock.
 */
function isolateLruFolios(cpu: number, lruvec: number): number {
  const list = lruvec + LRUVEC_LISTS + LRU_INACTIVE_ANON * 2
  let scanned = 0
  let taken = 0
  let last = 0
  store(cpu + CPU_ISOLATED, 0)
  while (scanned < SWAP_CLUSTER_MAX && !listEmpty(list)) {
    const node = listLast(list)
    const folio = node - PAGE_LRU
    const nr = folioNrPages(folio, folioFlags(folio))
    scanned = scanned + nr
    listDel(node)
    if (!isolateFolio(cpu, folio)) {
      listAdd(node, list)
      continue
    }
    updateLruSize(cpu, lruvec, LRU_INACTIVE_ANON, -nr)
    if (last === 0) store(cpu + CPU_ISOLATED, node)
    else store(last, node)
    store(node, 0)
    last = node
    taken++
  }
  return taken
}

/** folio_try_get and folio_test_clear_lru. */
function isolateFolio(cpu: number, folio: number): boolean {
  if (!atomicIncNotZero(folio + PAGE_REFCOUNT)) return false
  if (testAndClearBit(PG_LRU, folio + PAGE_FLAGS)) return true
  putFolio(cpu, folio)
  return false
}

/**
 * move_folios_to_lru: puts the isolated folios back; returns those whose last reference was the isolator's, linked by
 * their lru (0: none). The caller holds the lruvec's lock, which is dropped for a large folio that is freed.
 */
function moveFoliosToLru(cpu: number, lruvec: number): number {
  let free = 0
  let freed = 0
  let node = load(cpu + CPU_ISOLATED)
  store(cpu + CPU_ISOLATED, 0)
  while (node !== 0) {
    const folio = node - PAGE_LRU
    const next = load(node)
    setBit(PG_LRU, folio + PAGE_FLAGS)
    countEvents(cpu, E_REFCOUNT_ATOMICS, 1)
    if (atomicSubAndTest(1, folio + PAGE_REFCOUNT)) {
      folioClearLruFlags(folio, folioFlags(folio))
      freed++
      if (folioTestLarge(folio)) {
        unlockPageLruvecIrqrestore(lruvec)
        destroyLargeFolio(cpu, folio)
        lruvecLockIrqsave(cpu, lruvec)
      } else {
        store(node, free)
        free = node
        countEvents(cpu, E_FOLIOS_FREED, 1)
        countEvents(cpu, E_PAGES_FREED, 1)
      }
    } else {
      lruvecAddFolio(cpu, lruvec, folio)
    }
    node = next
  }
  countEvents(cpu, E_RECLAIM_FREED, freed)
  return free
}
