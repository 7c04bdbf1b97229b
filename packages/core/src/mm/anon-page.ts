/**
 * mm/memory.c: what both kinds of faults on anonymous memory share: the new folio, the lock of the table, the entry.
 */

import { BUG_OUT_OF_MEMORY } from '../machine/bugs.ts'
import {
  E_FOLIOS_ALLOCATED,
  E_PAGES_ALLOCATED,
  E_PTL_ACQUISITIONS,
  PTL_CLASS,
} from '../machine/counters.ts'
import { PT_PTL, VMA_FAULT, VMA_FAULT_MEMCG_SHIFT } from '../machine/layout.ts'
import { load } from '../machine/memory.ts'
import { bugOn, spinLock, spinUnlock } from '../sync/live.ts'
import { memCgroupCharge } from './memcontrol.ts'
import { folioAlloc } from './rmqueue.ts'
import { countEvents } from './vmstat.ts'

/** The entry of a page that a write fault maps: present, writable, accessed, dirty. */
export const PTE_WRITTEN = 15

/** pte_offset_map_lock */
export function lockTable(cpu: number, table: number): void {
  spinLock(table + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 1)
}

/** pte_unmap_unlock */
export function unlockTable(table: number): void {
  spinUnlock(table + PT_PTL, PTL_CLASS)
}

/** vma_alloc_folio, charged to the VMA's memcg; smaller if there is no such block, and a bug if there is no page. */
export function allocAnonFolio(cpu: number, vma: number, order: number): number {
  let folio = folioAlloc(cpu, order)
  let got = order
  if (folio === 0 && order !== 0) {
    folio = folioAlloc(cpu, 0)
    got = 0
  }
  bugOn(folio === 0, BUG_OUT_OF_MEMORY)
  countEvents(cpu, E_FOLIOS_ALLOCATED, 1)
  countEvents(cpu, E_PAGES_ALLOCATED, 1 << got)
  memCgroupCharge(cpu, folio, load(vma + VMA_FAULT) >> VMA_FAULT_MEMCG_SHIFT)
  return folio
}
