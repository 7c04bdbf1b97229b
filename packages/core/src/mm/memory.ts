/**
 * mm/memory.c: unmap_vmas and the walk down to zap_pte_range.
 *
 * Invariants: every PTE of the range is processed exactly once (a visit that stops early says where, and the next one
 * restarts there); the ptl is held from the first look at a table to the end of its rmap removals; pages are freed
 * outside of it.
 */

import { BUG_NEGATIVE_MAPCOUNT } from '../machine/bugs.ts'
import {
  E_COND_RESCHEDS,
  E_FORCED_FLUSHES,
  E_FULL_BREAKS,
  E_NEED_RESCHED_CALLS,
  E_PTES_CLEARED,
  E_PTL_ACQUISITIONS,
  E_ZAP_PTE_RANGE_CALLS,
  PTL_CLASS,
} from '../machine/counters.ts'
import {
  CPU_RSS,
  CPU_ZAP,
  MM_ANONPAGES,
  MM_RSS,
  NR_MM_COUNTERS,
  PAGE_MAPCOUNT,
  PG_ANON,
  PGDIR_SHIFT,
  PMD_SHIFT,
  PT_CONTENT,
  PT_PTL,
  PTE_PRESENT,
  PTE_SPECIAL,
  PUD_SHIFT,
  TLB_MM,
  VM_PFNMAP,
  VMA_END,
  VMA_FLAGS,
  VMA_NEXT,
  VMA_START,
  ZAP_FORCE_FLUSH,
  ZAP_FULL,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { folioFlags, pageFolio, pfnToPage } from '../machine/page.ts'
import {
  addrEnd,
  pgdOffset,
  pmdIndex,
  pmdTransHuge,
  pteIndex,
  ptePfn,
  pudIndex,
  tableContent,
  tablePage,
} from '../machine/pgtable.ts'
import { atomicAdd, bugOn, condResched, needResched, spinLock, spinUnlock } from '../sync/live.ts'
import { splitHugePmd, zapHugePmd } from './huge-pmd.ts'
import { tlbFlushMmu, tlbNextBatch } from './mmu-gather.ts'
import { zapNonpresentPte } from './zap-nonpresent.ts'
import { zapFilePtes, zapPteBatches } from './zap-present-ptes.ts'
import { countRmapCalls } from './rmap.ts'
import type { Strategy } from './strategy.ts'
import { tlbEndVma, tlbFlushMmuTlbonly, tlbRemoveTlbEntries, tlbStartVma } from './tlb.ts'
import { countEvents } from './vmstat.ts'

/** unmap_vmas: the parts of the VMAs from `vma` on that lie in [start, end). */
export function unmapVmas(
  cpu: number,
  vma: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  for (let v = vma; v !== 0 && load(v + VMA_START) < end; v = load(v + VMA_NEXT)) {
    unmapSingleVma(cpu, v, start, end, strategy)
  }
}

/** unmap_single_vma */
function unmapSingleVma(
  cpu: number,
  vma: number,
  startAddr: number,
  endAddr: number,
  strategy: Strategy,
): void {
  const start = Math.max(load(vma + VMA_START), startAddr)
  const end = Math.min(load(vma + VMA_END), endAddr)
  if (start < end) unmapPageRange(cpu, vma, start, end, strategy)
}

/** unmap_page_range; with the folded P4D level, PGD entries point to PUD tables. */
function unmapPageRange(
  cpu: number,
  vma: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  tlbStartVma(cpu, (load(vma + VMA_FLAGS) & VM_PFNMAP) !== 0)
  const mm = load(cpu + TLB_MM)
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PGDIR_SHIFT)
    const pgd = load(pgdOffset(mm, addr))
    if (pgd !== 0) zapPudRange(cpu, vma, tableContent(pgd), addr, next, strategy)
    addr = next
  }
  tlbEndVma(cpu)
}

/** zap_pud_range */
function zapPudRange(
  cpu: number,
  vma: number,
  puds: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PUD_SHIFT)
    const pud = load(puds + pudIndex(addr))
    if (pud !== 0) zapPmdRange(cpu, vma, pud, addr, next, strategy)
    countEvents(cpu, E_COND_RESCHEDS, 1)
    condResched()
    addr = next
  }
}

/** zap_pmd_range: a table whose visit stopped early is visited again. */
function zapPmdRange(
  cpu: number,
  vma: number,
  pud: number,
  start: number,
  end: number,
  strategy: Strategy,
): void {
  const pmds = tableContent(pud)
  let addr = start
  while (addr !== end) {
    const next = addrEnd(addr, end, PMD_SHIFT)
    const pmdp = pmds + pmdIndex(addr)
    addr = zapPmd(cpu, vma, pmdp, tablePage(pud), addr, next, strategy)
    countEvents(cpu, E_COND_RESCHEDS, 1)
    condResched()
  }
}

/** The body of zap_pmd_range's loop: one PMD entry; returns the address reached. */
function zapPmd(
  cpu: number,
  vma: number,
  pmdp: number,
  pmdPage: number,
  addr: number,
  next: number,
  strategy: Strategy,
): number {
  if (pmdTransHuge(load(pmdp))) {
    if (next - addr !== 1 << PMD_SHIFT) splitHugePmd(cpu, vma, pmdp, pmdPage, addr, strategy)
    else if (zapHugePmd(cpu, vma, pmdp, pmdPage, addr, strategy)) return next
  }
  const pmd = load(pmdp)
  if (pmd === 0) return next
  return zapPteRange(cpu, vma, tablePage(pmd), addr, next, strategy)
}

/** add_mm_rss_vec: one counter update per non-zero slot. */
function addMmRssVec(cpu: number, mm: number): void {
  for (let i = 0; i < NR_MM_COUNTERS; i++) {
    const delta = load(cpu + CPU_RSS + i)
    if (delta !== 0) {
      store(cpu + CPU_RSS + i, 0)
      atomicAdd(delta, mm + MM_RSS + i)
    }
  }
}

/**
 * zap_pte_range: one visit of a PTE table under its ptl. A flush that the visit forces happens before the ptl is
 * dropped, the freeing after; postponed rmap removals happen in between. Returns the address reached.
 */
export function zapPteRange(
  cpu: number,
  vma: number,
  table: number,
  addr: number,
  end: number,
  strategy: Strategy,
): number {
  countEvents(cpu, E_ZAP_PTE_RANGE_CALLS, 1)
  strategy.plain.tlbDiscardRmaps(cpu)
  spinLock(table + PT_PTL, PTL_CLASS)
  countEvents(cpu, E_PTL_ACQUISITIONS, 1)
  store(cpu + CPU_ZAP, 0)
  const content = load(table + PT_CONTENT)
  let reached = 0
  if (strategy.batchPtes !== 0) reached = zapPteBatches(cpu, vma, content, addr, end, strategy)
  else reached = zapPtes(cpu, vma, content, addr, end, strategy)
  addMmRssVec(cpu, load(cpu + TLB_MM))
  const zap = load(cpu + CPU_ZAP)
  const forceFlush = (zap & ZAP_FORCE_FLUSH) !== 0
  if (forceFlush) tlbFlushMmuTlbonly(cpu)
  if (forceFlush || strategy.batchRmap !== 0) strategy.tlbFlushRmaps(cpu, vma, strategy)
  spinUnlock(table + PT_PTL, PTL_CLASS)
  if (forceFlush) {
    countEvents(cpu, E_FORCED_FLUSHES, 1)
    if ((zap & ZAP_FULL) !== 0) countEvents(cpu, E_FULL_BREAKS, 1)
    tlbFlushMmu(cpu, strategy)
  }
  return reached
}

/** The PTE loop of zap_pte_range up to v6.8, page by page; leaves its findings in CPU_ZAP and CPU_RSS. (From v6.9 on: zap-present-ptes.ts.) */
function zapPtes(
  cpu: number,
  vma: number,
  content: number,
  start: number,
  end: number,
  strategy: Strategy,
): number {
  const vmFlags = load(vma + VMA_FLAGS)
  const batchRmap = strategy.batchRmap !== 0
  let firstCleared = end
  let lastCleared = -1
  let cleared = 0
  let anon = 0
  let removed = 0
  let addr = start
  let pte = content + pteIndex(start)
  for (; addr !== end; addr++, pte++) {
    const ptent = load(pte)
    if (ptent === 0) continue
    if (needResched()) {
      countEvents(cpu, E_NEED_RESCHED_CALLS, 1)
      break
    }
    store(pte, 0)
    if ((ptent & PTE_PRESENT) === 0) {
      zapNonpresentPte(cpu, vma, ptent, strategy)
      continue
    }
    if (lastCleared < 0) firstCleared = addr
    lastCleared = addr
    // vm_normal_page: no struct page behind special entries and PFN mappings
    if ((ptent & PTE_SPECIAL) !== 0 || (vmFlags & VM_PFNMAP) !== 0) continue
    cleared++
    const page = pfnToPage(ptePfn(ptent))
    const folio = pageFolio(page)
    const flags = folioFlags(folio)
    let delayRmap = 0
    if ((flags & PG_ANON) !== 0) anon++
    else delayRmap = zapFilePtes(cpu, folio, 1, ptent, vmFlags, strategy)
    if (!batchRmap && delayRmap === 0) {
      strategy.folioRemoveRmapPtes(cpu, folio, page, 1, vma, strategy)
      removed++
      bugOn(load(page + PAGE_MAPCOUNT) < -1, BUG_NEGATIVE_MAPCOUNT)
    }
    if (strategy.plain.tlbStorePage(cpu, page, delayRmap) && !tlbNextBatch(cpu)) {
      store(cpu + CPU_ZAP, load(cpu + CPU_ZAP) | ZAP_FORCE_FLUSH | ZAP_FULL)
      addr++
      break
    }
  }
  // tlb_remove_tlb_entry of each, at once: nothing looks at the range before the loop ends
  if (lastCleared >= 0) tlbRemoveTlbEntries(cpu, firstCleared, lastCleared + 1)
  store(cpu + CPU_RSS + MM_ANONPAGES, load(cpu + CPU_RSS + MM_ANONPAGES) - anon)
  countEvents(cpu, E_PTES_CLEARED, cleared)
  countRmapCalls(cpu, removed, removed)
  return addr
}
