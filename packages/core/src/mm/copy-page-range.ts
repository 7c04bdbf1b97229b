/**
 * mm/memory.c: copy_page_range: a child gets its parent's entries, both sides write-protected.
 *
 * Only anonymous memory and PFN mappings are copied (vma_needs_copy); file mappings fault in again. Huge PMDs, swap and
 * migration entries are not: a scenario that would need it is refused. Pages that may be pinned for DMA are shared too.
 *
 * Invariant: each entry that is copied has its mapping and its reference counted in its page, under the locks of both
 * tables, before the parent can lose it.
 */

import { BUG_FAULT_ENTRY } from '../machine/bugs.ts'
import {
  E_COND_RESCHEDS,
  E_PTES_COPIED,
  E_PTES_MAPPED,
  E_PTL_ACQUISITIONS,
  PTL_CLASS,
} from '../machine/counters.ts'
import {
  MM_ANONPAGES,
  MM_RSS,
  PAGE_REFCOUNT,
  PGDIR_SHIFT,
  PMD_SHIFT,
  PT_CONTENT,
  PT_PTL,
  PTE_SPECIAL,
  PTE_WRITE,
  PTE_YOUNG,
  PUD_SHIFT,
  VM_ANON,
  VM_PFNMAP,
  VMA_END,
  VMA_FLAGS,
  VMA_MM,
  VMA_START,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { pageFolio, pfnToPage } from '../machine/page.ts'
import {
  addrEnd,
  pgdOffset,
  pmdIndex,
  pmdTransHuge,
  pteIndex,
  ptePfn,
  ptePresent,
  pudIndex,
  tableContent,
  tablePage,
} from '../machine/pgtable.ts'
import { atomicAdd, bugOn, condResched, spinLock, spinUnlock } from '../sync/live.ts'
import { pmdAlloc, pteAlloc } from './pgtable-alloc.ts'
import { pageDupAnonRmap } from './rmap.ts'
import { countEvents } from './vmstat.ts'

/** copy_page_range: what the VMA `src` maps, into `dst` of the child. */
export function copyPageRange(cpu: number, dst: number, src: number): void {
  // vma_needs_copy
  if ((load(src + VMA_FLAGS) & (VM_ANON | VM_PFNMAP)) === 0) return
  const mm = load(src + VMA_MM)
  const end = load(src + VMA_END)
  let addr = load(src + VMA_START)
  while (addr !== end) {
    const next = addrEnd(addr, end, PGDIR_SHIFT)
    const pgd = load(pgdOffset(mm, addr))
    if (pgd !== 0) copyPudRange(cpu, dst, tableContent(pgd), addr, next)
    addr = next
  }
}

/** copy_pud_range */
function copyPudRange(cpu: number, dst: number, puds: number, start: number, end: number): void {
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PUD_SHIFT)
    const pud = load(puds + pudIndex(addr))
    if (pud !== 0) copyPmdRange(cpu, dst, tableContent(pud), addr, next)
    addr = next
  }
}

/** copy_pmd_range */
function copyPmdRange(cpu: number, dst: number, pmds: number, start: number, end: number): void {
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PMD_SHIFT)
    const pmd = load(pmds + pmdIndex(addr))
    if (pmd !== 0) {
      bugOn(pmdTransHuge(pmd), BUG_FAULT_ENTRY)
      copyPteRange(cpu, dst, tablePage(pmd), addr, next)
    }
    addr = next
  }
}

/** copy_pte_range: one table of the parent, under its lock and that of the child's. */
function copyPteRange(
  cpu: number,
  dst: number,
  srcTable: number,
  start: number,
  end: number,
): void {
  const mm = load(dst + VMA_MM)
  const dstTable = pteAlloc(cpu, mm, dst, pmdAlloc(cpu, mm, dst, start), start)
  let from = load(srcTable + PT_CONTENT) + pteIndex(start)
  let to = load(dstTable + PT_CONTENT) + pteIndex(start)
  let anon = 0
  spinLock(dstTable + PT_PTL, PTL_CLASS)
  spinLock(srcTable + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 2)
  const pfnmap = (load(dst + VMA_FLAGS) & VM_PFNMAP) !== 0
  for (let addr = start; addr !== end; addr++, from++, to++) {
    const pte = load(from)
    if (pte === 0) continue
    bugOn(!ptePresent(pte), BUG_FAULT_ENTRY)
    if (pfnmap || (pte & PTE_SPECIAL) !== 0) store(to, pte)
    else {
      copyPresentPte(dst, from, to, pte)
      anon++
    }
  }
  spinUnlock(srcTable + PT_PTL, PTL_CLASS)
  // add_mm_rss_vec
  if (anon !== 0) atomicAdd(anon, mm + MM_RSS + MM_ANONPAGES)
  spinUnlock(dstTable + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTES_COPIED, anon)
  countEvents(cpu, E_PTES_MAPPED, anon)
  countEvents(cpu, E_COND_RESCHEDS, 1)
  condResched()
}

/** copy_present_pte: a reference, a mapping, and no write access on either side. */
function copyPresentPte(dst: number, from: number, to: number, pte: number): void {
  const page = pfnToPage(ptePfn(pte))
  const folio = pageFolio(page)
  atomicAdd(1, folio + PAGE_REFCOUNT)
  pageDupAnonRmap(folio, page, dst)
  if ((pte & PTE_WRITE) !== 0) store(from, pte & ~PTE_WRITE)
  store(to, pte & ~(PTE_WRITE | PTE_YOUNG))
}
