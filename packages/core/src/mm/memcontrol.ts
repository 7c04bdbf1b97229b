/**
 * mm/memcontrol.c: uncharging freed folios in runs of one memcg.
 *
 * Folios of one memcg in a row are added up in an uncharge_gather and taken off its page_counter, and off those of its
 * ancestors, with one atomic each. Invariants: after uncharging a folio has no memcg; a page_counter is the number of
 * pages charged to its memcg and its descendants, and never negative.
 */

import { BUG_NEGATIVE_REFCOUNT } from '../machine/bugs.ts'
import { E_MEMCG_UNCHARGE_BATCHES, PGPGOUT_MEMCG } from '../machine/counters.ts'
import {
  MEMCG_PARENT,
  MEMCG_USAGE,
  PAGE_LRU,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  ROOT_MEMCG_ID,
  UG_MEMCG,
  UG_NR_MEMORY,
  UG_PGPGOUT,
} from '../machine/layout.ts'
import { listNext } from '../machine/list.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlagsAndNot, folioMemcgId, folioNrPages } from '../machine/page.ts'
import { atomicSubReturnRelaxed, bugOn } from '../sync/live.ts'
import { memcgOf } from './mm-inline.ts'
import { countEvents, countVmEvents } from './vmstat.ts'

/** page_counter_uncharge: this memcg and its ancestors. */
function pageCounterUncharge(memcg: number, nr: number): void {
  let counter = memcg
  while (counter !== 0) {
    bugOn(atomicSubReturnRelaxed(nr, counter + MEMCG_USAGE) < 0, BUG_NEGATIVE_REFCOUNT)
    counter = load(counter + MEMCG_PARENT)
  }
}

/** uncharge_gather_clear */
function unchargeGatherClear(cpu: number): void {
  store(cpu + UG_MEMCG, 0)
  store(cpu + UG_NR_MEMORY, 0)
  store(cpu + UG_PGPGOUT, 0)
}

/** uncharge_batch: the root memcg is not charged, its runs only count events. */
function unchargeBatch(cpu: number): void {
  const nr = load(cpu + UG_NR_MEMORY)
  countEvents(cpu, E_MEMCG_UNCHARGE_BATCHES, 1)
  if (nr !== 0) pageCounterUncharge(memcgOf(load(cpu + UG_MEMCG)), nr)
  countVmEvents(cpu, PGPGOUT_MEMCG, load(cpu + UG_PGPGOUT))
}

/** Does this folio end the run that was gathered so far? */
function endsRun(cpu: number, memcg: number): boolean {
  const run = load(cpu + UG_MEMCG)
  return run !== 0 && run !== memcg
}

/** uncharge_folio, behind its change of memcg. */
function unchargeFolio(cpu: number, folio: number, memcg: number): void {
  store(cpu + UG_MEMCG, memcg)
  if (memcg !== ROOT_MEMCG_ID)
    store(cpu + UG_NR_MEMORY, load(cpu + UG_NR_MEMORY) + folioNrPages(folio))
  store(cpu + UG_PGPGOUT, load(cpu + UG_PGPGOUT) + 1)
  folioFlagsAndNot(folio, PG_MEMCG_MASK << PG_MEMCG_SHIFT)
}

/** __mem_cgroup_uncharge_list: folios linked by their lru. */
export function memCgroupUnchargeList(cpu: number, list: number): void {
  unchargeGatherClear(cpu)
  let node = listNext(list)
  while (node !== list) {
    const folio = node - PAGE_LRU
    const memcg = folioMemcgId(folio)
    if (memcg !== 0) {
      if (endsRun(cpu, memcg)) {
        unchargeBatch(cpu)
        unchargeGatherClear(cpu)
      }
      unchargeFolio(cpu, folio, memcg)
    }
    node = listNext(node)
  }
  if (load(cpu + UG_MEMCG) !== 0) unchargeBatch(cpu)
}

/** __mem_cgroup_uncharge: one folio. */
export function memCgroupUncharge(cpu: number, folio: number): void {
  const memcg = folioMemcgId(folio)
  if (memcg === 0) return
  unchargeGatherClear(cpu)
  unchargeFolio(cpu, folio, memcg)
  unchargeBatch(cpu)
}
