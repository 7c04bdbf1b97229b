/**
 * mm/memcontrol.c: charging new folios through the CPU's stock, uncharging freed ones in runs of one memcg.
 *
 * Folios of one memcg in a row are added up in an uncharge_gather and taken off its page_counter, and off those of its
 * ancestors, with one atomic each. Invariants: after uncharging a folio has no memcg; a page_counter is the number of
 * pages charged to its memcg and its descendants, the stocks of the CPUs included, and never negative.
 */

import { BUG_NEGATIVE_REFCOUNT } from '../machine/bugs.ts'
import { E_MEMCG_CHARGES, E_MEMCG_UNCHARGE_BATCHES, PGPGOUT_MEMCG } from '../machine/counters.ts'
import {
  CPU_STOCK_MEMCG,
  CPU_STOCK_PAGES,
  MEMCG_CHARGE_BATCH,
  MEMCG_PARENT,
  MEMCG_USAGE,
  PAGE_FLAGS,
  PAGE_LRU,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  ROOT_MEMCG_ID,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages } from '../machine/page.ts'
import { atomicAdd, atomicSubReturnRelaxed, bugOn } from '../sync/live.ts'
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

/** page_counter_try_charge, without a limit: this memcg and its ancestors. */
function pageCounterCharge(memcg: number, nr: number): void {
  let counter = memcg
  while (counter !== 0) {
    atomicAdd(nr, counter + MEMCG_USAGE)
    counter = load(counter + MEMCG_PARENT)
  }
}

/** drain_stock: gives back what was charged in advance. */
function drainStock(cpu: number): void {
  const memcg = load(cpu + CPU_STOCK_MEMCG)
  if (memcg === 0) return
  const nr = load(cpu + CPU_STOCK_PAGES)
  if (nr !== 0) pageCounterUncharge(memcgOf(memcg), nr)
  store(cpu + CPU_STOCK_PAGES, 0)
  store(cpu + CPU_STOCK_MEMCG, 0)
}

/** refill_stock */
function refillStock(cpu: number, memcg: number, nr: number): void {
  if (load(cpu + CPU_STOCK_MEMCG) !== memcg) {
    drainStock(cpu)
    store(cpu + CPU_STOCK_MEMCG, memcg)
  }
  const pages = load(cpu + CPU_STOCK_PAGES) + nr
  store(cpu + CPU_STOCK_PAGES, pages)
  if (pages > MEMCG_CHARGE_BATCH) drainStock(cpu)
}

/** try_charge: from the CPU's stock (consume_stock), else a batch from the counters. The root memcg is not charged. */
export function tryCharge(cpu: number, memcg: number, nr: number): void {
  if (memcg === ROOT_MEMCG_ID) return
  const stock = load(cpu + CPU_STOCK_PAGES)
  if (nr <= stock && load(cpu + CPU_STOCK_MEMCG) === memcg) {
    store(cpu + CPU_STOCK_PAGES, stock - nr)
    return
  }
  const batch = Math.max(MEMCG_CHARGE_BATCH, nr)
  pageCounterCharge(memcgOf(memcg), batch)
  countEvents(cpu, E_MEMCG_CHARGES, 1)
  if (batch > nr) refillStock(cpu, memcg, batch - nr)
}

/** __memcg_kmem_uncharge_page: a page of the kernel's own goes back to the CPU's stock. */
export function memcgKmemUnchargePage(cpu: number, memcg: number): void {
  refillStock(cpu, memcg, 1)
}

/** mem_cgroup_charge: a new folio that nobody else sees yet. */
export function memCgroupCharge(cpu: number, folio: number, memcg: number): void {
  const flags = folioFlags(folio)
  tryCharge(cpu, memcg, folioNrPages(folio, flags))
  store(folio + PAGE_FLAGS, flags | (memcg << PG_MEMCG_SHIFT))
}

/** uncharge_batch: the root memcg is not charged, its runs only count events. */
function unchargeBatch(cpu: number, memcg: number, nrMemory: number, pgpgout: number): void {
  countEvents(cpu, E_MEMCG_UNCHARGE_BATCHES, 1)
  if (nrMemory !== 0) pageCounterUncharge(memcgOf(memcg), nrMemory)
  countVmEvents(cpu, PGPGOUT_MEMCG, pgpgout)
}

/** uncharge_folio: gives up the memcg; returns the pages to take off its counter (none for the root). */
function unchargeFolio(folio: number, flags: number, memcg: number): number {
  store(folio + PAGE_FLAGS, flags & ~(PG_MEMCG_MASK << PG_MEMCG_SHIFT))
  return memcg === ROOT_MEMCG_ID ? 0 : folioNrPages(folio, flags)
}

/**
 * __mem_cgroup_uncharge_list: folios linked by their lru, from the node `list` on (0 ends it). A folio without a memcg neither starts nor ends a run. (The
 * kernel's uncharge_gather is the three locals.)
 */
export function memCgroupUnchargeList(cpu: number, list: number): void {
  let memcg = 0
  let nrMemory = 0
  let pgpgout = 0
  for (let node = list; node !== 0; node = load(node)) {
    const folio = node - PAGE_LRU
    const flags = folioFlags(folio)
    const id = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
    if (id === 0) continue
    if (memcg !== id) {
      if (memcg !== 0) unchargeBatch(cpu, memcg, nrMemory, pgpgout)
      memcg = id
      nrMemory = 0
      pgpgout = 0
    }
    nrMemory = nrMemory + unchargeFolio(folio, flags, id)
    pgpgout++
  }
  if (memcg !== 0) unchargeBatch(cpu, memcg, nrMemory, pgpgout)
}

/** __mem_cgroup_uncharge_folios (v6.9): `nr` folios (address times 2) at `folios`, in their order. */
export function memCgroupUnchargeFolios(cpu: number, folios: number, nr: number): void {
  let memcg = 0
  let nrMemory = 0
  let pgpgout = 0
  for (let i = 0; i < nr; i++) {
    const folio = load(folios + i) >> 1
    const flags = folioFlags(folio)
    const id = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
    if (id === 0) continue
    if (memcg !== id) {
      if (memcg !== 0) unchargeBatch(cpu, memcg, nrMemory, pgpgout)
      memcg = id
      nrMemory = 0
      pgpgout = 0
    }
    nrMemory = nrMemory + unchargeFolio(folio, flags, id)
    pgpgout++
  }
  if (memcg !== 0) unchargeBatch(cpu, memcg, nrMemory, pgpgout)
}

/** __mem_cgroup_uncharge: one folio. */
export function memCgroupUncharge(cpu: number, folio: number): void {
  const flags = folioFlags(folio)
  const memcg = (flags >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
  if (memcg === 0) return
  unchargeBatch(cpu, memcg, unchargeFolio(folio, flags, memcg), 1)
}
