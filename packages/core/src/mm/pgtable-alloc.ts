/**
 * mm/memory.c, include/linux/mm.h: page tables that a fault or a fork needs: __pud_alloc, __pmd_alloc, __pte_alloc.
 *
 * A table's page comes from the page allocator, its 512 entries from the CPU's list of free contents. page_table_lock is
 * not modelled (one CPU works on an mm); installing a PTE table takes the lock of its PMD page, as pmd_install does.
 *
 * Invariant: MM_PGTABLES is the number of tables that the mm has; a new table is empty.
 */

import { BUG_NO_TABLE_CONTENT, BUG_OUT_OF_MEMORY } from '../machine/bugs.ts'
import {
  E_PAGE_TABLES_ALLOCATED,
  E_PTL_ACQUISITIONS,
  NR_PAGETABLE,
  PTL_CLASS,
} from '../machine/counters.ts'
import { PT_BASE, PT_FREE_NEXT, PUD_TABLES_COUNTED, TABLE_FREE } from '../machine/globals.ts'
import {
  CPU_PT_FREE,
  MM_PGTABLES,
  PAGE_FLAGS,
  PG_MEMCG_SHIFT,
  PG_TYPE_TABLE,
  PT_CONTENT,
  PT_HUGE_PTE,
  PT_PTL,
  PTE_PRESENT,
  PTRS_PER_PTE,
  ROOT_MEMCG_ID,
  VMA_FAULT,
  VMA_FAULT_MEMCG_SHIFT,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { pageToPfn } from '../machine/page.ts'
import {
  mkPte,
  pgdOffset,
  pmdIndex,
  pudIndex,
  tableContent,
  tablePage,
} from '../machine/pgtable.ts'
import { WORK_CLEAR_PAGE } from '../machine/work.ts'
import { bugOn, doWork, spinLock, spinUnlock } from '../sync/live.ts'
import { tryCharge } from './memcontrol.ts'
import { allocKernelPage } from './rmqueue.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/** pte_alloc_one and its like: a table with no entries, charged as those that the gather will free are. */
function allocTable(cpu: number, mm: number, vma: number, pudTable: boolean): number {
  const table = allocKernelPage(cpu)
  bugOn(table === 0, BUG_OUT_OF_MEMORY)
  const index = load(cpu + CPU_PT_FREE) - 1
  bugOn(index < 0, BUG_NO_TABLE_CONTENT)
  store(cpu + CPU_PT_FREE, load(PT_FREE_NEXT + index))
  // a table of the root memcg carries none, nor does one that is freed outside the gather
  let memcg = load(vma + VMA_FAULT) >> VMA_FAULT_MEMCG_SHIFT
  if (TABLE_FREE !== 0 || memcg === ROOT_MEMCG_ID) memcg = 0
  if (memcg !== 0) tryCharge(cpu, memcg, 1)
  store(table + PAGE_FLAGS, PG_TYPE_TABLE | (memcg << PG_MEMCG_SHIFT))
  store(table + PT_HUGE_PTE, 0)
  store(table + PT_PTL, 0)
  store(table + PT_CONTENT, PT_BASE + Math.imul(index, PTRS_PER_PTE))
  doWork(WORK_CLEAR_PAGE, 1)
  store(mm + MM_PGTABLES, load(mm + MM_PGTABLES) + 1)
  countEvents(cpu, E_PAGE_TABLES_ALLOCATED, 1)
  if (!pudTable || PUD_TABLES_COUNTED !== 0) modNodePageState(cpu, NR_PAGETABLE, 1)
  return table
}

function mkTable(table: number): number {
  return mkPte(pageToPfn(table), PTE_PRESENT)
}

/** pud_alloc and pmd_alloc: the address of the PMD entry for `addr`, with the tables above it. */
export function pmdAlloc(cpu: number, mm: number, vma: number, addr: number): number {
  const pgdp = pgdOffset(mm, addr)
  if (load(pgdp) === 0) store(pgdp, mkTable(allocTable(cpu, mm, vma, true)))
  const pudp = tableContent(load(pgdp)) + pudIndex(addr)
  if (load(pudp) === 0) store(pudp, mkTable(allocTable(cpu, mm, vma, false)))
  return tableContent(load(pudp)) + pmdIndex(addr)
}

/** pte_alloc: the PTE table at a PMD entry, made and installed if there is none. */
export function pteAlloc(cpu: number, mm: number, vma: number, pmdp: number, addr: number): number {
  if (load(pmdp) === 0) {
    const table = allocTable(cpu, mm, vma, false)
    // pmd_install
    const pudp = tableContent(load(pgdOffset(mm, addr))) + pudIndex(addr)
    const pmdPage = tablePage(load(pudp))
    spinLock(pmdPage + PT_PTL, PTL_CLASS)
    countEvents(cpu, E_PTL_ACQUISITIONS, 1)
    store(pmdp, mkTable(table))
    spinUnlock(pmdPage + PT_PTL, PTL_CLASS)
  }
  return tablePage(load(pmdp))
}
