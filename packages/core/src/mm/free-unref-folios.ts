/**
 * mm/page_alloc.c of v6.9 and later: free_unref_folios, which frees a folio_batch through the per-CPU lists.
 *
 * All folios are prepared first, and those of orders that no pcp list takes go to the buddy allocator then, each under a
 * zone lock hold of its own; the rest goes under one pcp lock hold, which no number of pages ends. Invariants: those of
 * page-alloc.ts.
 */

import { E_PCP_LOCK_ACQUISITIONS, PCP_CLASS, PGFREE } from '../machine/counters.ts'
import { PAGE_LRU, PCP_LOCK } from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioOrder } from '../machine/page.ts'
import { spinTrylock, spinUnlock } from '../sync/live.ts'
import { freeOnePage } from './buddy.ts'
import {
  freeUnrefPageCommit,
  freeUnrefPagePrepare,
  getPcppageMigratetype,
  pcpAllowedOrder,
} from './page-alloc.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** free_unref_folios: `nr` folios (address times 2) at `folios`. */
export function freeUnrefFolios(cpu: number, folios: number, nr: number): void {
  const left = prepareFolios(cpu, folios, nr)
  let locked = false
  for (let i = 0; i < left; i++) {
    const folio = load(folios + i) >> 1
    // folio->private
    const order = load(folio + PAGE_LRU)
    const migratetype = getPcppageMigratetype(folio)
    if (!locked) {
      locked = spinTrylock(cpu + PCP_LOCK, PCP_CLASS)
      if (!locked) {
        freeOnePage(cpu, folio, order, migratetype)
        continue
      }
      countEvents(cpu, E_PCP_LOCK_ACQUISITIONS, 1)
    }
    freeUnrefPageCommit(cpu, folio, migratetype, order)
  }
  if (locked) spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
}

/**
 * The first loop: free_pages_prepare of each, and the zone's own orders freed. Returns how many are left, at the front;
 * each has its order in the words of its list, for which it has no other use now.
 */
function prepareFolios(cpu: number, folios: number, nr: number): number {
  let left = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(folios + i) >> 1
    const order = folioOrder(folio)
    freeUnrefPagePrepare(folio, order)
    countVmEvents(cpu, PGFREE, 1 << order)
    if (!pcpAllowedOrder(order)) {
      freeOnePage(cpu, folio, order, getPcppageMigratetype(folio))
      continue
    }
    store(folio + PAGE_LRU, order)
    store(folios + left, folio * 2)
    left++
  }
  return left
}
