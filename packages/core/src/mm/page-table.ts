/**
 * Page-table pages that are freed (those that are made: pgtable-alloc.ts): include/linux/mm.h (constructor and destructor), mm/mmu_gather.c (mmu_table_batch).
 *
 * A table that was unlinked goes through the gather as an order-0 record (pageTables: gathered), or through a batch of
 * its own that is freed after the TLB flush (CONFIG_MMU_GATHER_TABLE_FREE).
 *
 * Invariants: a table that is freed has no entries left; unhooking one sets freed_tables, so a TLB flush precedes its
 * reuse; MM_PGTABLES is the number of tables that the mm has, deposited ones included.
 */

import { BUG_TABLE_NOT_FOUND } from '../machine/bugs.ts'
import {
  E_PAGE_TABLES_FREED,
  E_PTE_TABLES,
  E_PUD_TABLES_FREED,
  E_TABLE_BATCHES,
  NR_PAGETABLE,
} from '../machine/counters.ts'
import {
  CPU_TABLE_BATCH,
  PROGRAMS,
  PT_BASE,
  PT_FREE_NEXT,
  PUD_TABLES_COUNTED,
} from '../machine/globals.ts'
import {
  CPU_PT_FREE,
  MAX_TABLE_BATCH,
  MM_PGTABLES,
  PAGE_LRU,
  PAGE_MAPCOUNT,
  PG_TYPE_MASK,
  PT_CONTENT,
  PTRS_PER_PTE,
  TABLE_BATCH_NR,
  TABLE_BATCH_TABLES,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlagsAndNot } from '../machine/page.ts'
import { bugOn } from '../sync/live.ts'
import { freePage } from './page-alloc.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/** pgtable_pte_page_dtor: the lock and list words become an ordinary page's again; the content waits for another table. */
export function pgtablePageDtor(cpu: number, table: number): void {
  const content = load(table + PT_CONTENT)
  bugOn(content < 1 || load(content + PTRS_PER_PTE - 1) !== 0, BUG_TABLE_NOT_FOUND)
  folioFlagsAndNot(table, PG_TYPE_MASK)
  store(table + PAGE_MAPCOUNT, -1)
  store(table + PAGE_LRU, 0)
  store(table + PT_CONTENT, 0)
  if (PROGRAMS === 0) return
  const index = ((content - PT_BASE) / PTRS_PER_PTE) | 0
  store(PT_FREE_NEXT + index, load(cpu + CPU_PT_FREE))
  store(cpu + CPU_PT_FREE, index + 1)
}

/** pte_free: a table that never was visible to the hardware, straight to the allocator. */
export function freePageTable(cpu: number, table: number): void {
  pgtablePageDtor(cpu, table)
  freePage(cpu, table)
}

/** tlb_table_flush: after the TLB flush, the tables of the batch are freed. */
export function tlbTableFlush(cpu: number): void {
  const batch = cpu + CPU_TABLE_BATCH
  const nr = load(batch + TABLE_BATCH_NR)
  if (nr === 0) return
  countEvents(cpu, E_TABLE_BATCHES, 1)
  store(batch + TABLE_BATCH_NR, 0)
  for (let i = 0; i < nr; i++) freePage(cpu, load(batch + TABLE_BATCH_TABLES + i))
}

/** tlb_remove_table: true if the batch is full and must be flushed. */
export function tlbRemoveTable(cpu: number, table: number): boolean {
  const batch = cpu + CPU_TABLE_BATCH
  const nr = load(batch + TABLE_BATCH_NR)
  store(batch + TABLE_BATCH_TABLES + nr, table)
  store(batch + TABLE_BATCH_NR, nr + 1)
  return nr + 1 === MAX_TABLE_BATCH
}

/** mm_dec_nr_ptes and its like, NR_PAGETABLE, and our counters, for a table that is unlinked. */
export function accountTableFreed(
  cpu: number,
  mm: number,
  pteTable: boolean,
  pudTable: boolean,
): void {
  store(mm + MM_PGTABLES, load(mm + MM_PGTABLES) - 1)
  countEvents(cpu, E_PAGE_TABLES_FREED, 1)
  if (pteTable) countEvents(cpu, E_PTE_TABLES, 1)
  if (pudTable) countEvents(cpu, E_PUD_TABLES_FREED, 1)
  if (!pudTable || PUD_TABLES_COUNTED !== 0) modNodePageState(cpu, NR_PAGETABLE, -1)
}
