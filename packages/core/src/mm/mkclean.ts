/**
 * mm/rmap.c and mm/page-writeback.c: cleaning a file page before it is written out: folio_clear_dirty_for_io.
 *
 * The page's mappings are made clean and write-protected first, so that a later write faults and makes it dirty again;
 * then its dirty flag is taken off. The rmap walk visits one place where the page may be mapped, which the caller knows.
 *
 * Invariant (what the order against zap_pte_range is for, H-2 and H-3): no CPU writes to the page through a TLB entry
 * that it had before, once the flag is off.
 */

import { E_PTL_ACQUISITIONS, NR_FILE_DIRTY, PTL_CLASS } from '../machine/counters.ts'
import {
  PAGE_FLAGS,
  PG_DIRTY,
  PMD_HUGE,
  PT_CONTENT,
  PT_PTL,
  PTE_DIRTY,
  PTE_WRITE,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, folioNrPages, pageFolio, pageToPfn } from '../machine/page.ts'
import { pteIndex, ptePfn, ptePresent, tablePage, walkToPmd } from '../machine/pgtable.ts'
import { flushTlbMmRange, spinLock, spinUnlock, testAndClearBit } from '../sync/live.ts'
import { folioMapped } from './mm-inline.ts'
import { folioMarkDirty } from './page-writeback.ts'
import { countEvents, modNodePageState } from './vmstat.ts'

/** page_vma_mkclean_one, for a PTE: true if it was dirty or writable. */
function pageVmaMkcleanOne(cpu: number, page: number, mm: number, addr: number): boolean {
  const pmd = walkToPmd(mm, addr)
  if (pmd === 0 || (pmd & PMD_HUGE) !== 0) return false
  const table = tablePage(pmd)
  spinLock(table + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 1)
  const ptep = load(table + PT_CONTENT) + pteIndex(addr)
  const pte = load(ptep)
  let cleaned = false
  if (ptePresent(pte) && ptePfn(pte) === pageToPfn(page) && (pte & (PTE_DIRTY | PTE_WRITE)) !== 0) {
    // ptep_clear_flush; pte_wrprotect, pte_mkclean; set_pte_at
    store(ptep, 0)
    flushTlbMmRange(mm, addr, addr + 1, 0)
    store(ptep, pte & ~(PTE_DIRTY | PTE_WRITE))
    cleaned = true
  }
  spinUnlock(table + PT_PTL, PTL_CLASS)
  return cleaned
}

/** folio_mkclean: only mapped folios are walked. */
function folioMkclean(cpu: number, page: number, mm: number, addr: number): boolean {
  if (!folioMapped(pageFolio(page))) return false
  return pageVmaMkcleanOne(cpu, page, mm, addr)
}

/** folio_clear_dirty_for_io: true if the folio is to be written out. */
export function folioClearDirtyForIo(cpu: number, page: number, mm: number, addr: number): boolean {
  const folio = pageFolio(page)
  if (folioMkclean(cpu, page, mm, addr)) folioMarkDirty(cpu, folio)
  if (!testAndClearBit(PG_DIRTY, folio + PAGE_FLAGS)) return false
  modNodePageState(cpu, NR_FILE_DIRTY, -folioNrPages(folio, folioFlags(folio)))
  return true
}
