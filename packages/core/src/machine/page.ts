/**
 * struct page and struct folio: PFN to page and back, page flags, order (include/asm-generic/memory_model.h,
 * include/linux/page-flags.h, include/linux/mm.h).
 *
 * A PagePtr is the address of a struct page, a Pfn its number; only `pfnToPage` and `pageToPfn` cross between them.
 * A folio is the address of its head page.
 *
 * Flags are read plainly here: whoever reads a flag holds a reference or a lock that keeps that bit; bits that others
 * may change meanwhile (PG_locked, PG_swapcache, PG_dirty) are read through `readOnce` by the callers that need it.
 */

import {
  CHUNK_SECTION,
  MAX_PAGE_ORDER,
  MEMMAP,
  PFN_SECTION_SHIFT,
  SECTION_CHUNK,
  SPARSE,
} from './globals.ts'
import {
  FOLIO_ORDER,
  FOLIO_ORDER_MASK,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_WORDS,
  PG_ANON,
  PG_HEAD,
  PG_MEMCG_MASK,
  PG_MEMCG_SHIFT,
  PG_TYPE_HUGE_ZERO,
  PG_TYPE_MASK,
  PG_TYPE_ZONE_DEVICE,
  PG_TYPE_ZONE_DEVICE_FSDAX,
  PG_UNEVICTABLE,
} from './layout.ts'
import { load, store } from './memory.ts'

/** pfn_to_page: through the section's memmap chunk where the memory model has chunks. */
export function pfnToPage(pfn: number): number {
  if (SPARSE !== 0) return sparsePfnToPage(pfn)
  return MEMMAP + Math.imul(pfn, PAGE_WORDS)
}

function sparsePfnToPage(pfn: number): number {
  const section = pfn >> PFN_SECTION_SHIFT
  const within = pfn - (section << PFN_SECTION_SHIFT)
  return load(SECTION_CHUNK + section) + Math.imul(within, PAGE_WORDS)
}

/** page_to_pfn */
export function pageToPfn(page: number): number {
  const index = ((page - MEMMAP) / PAGE_WORDS) | 0
  if (SPARSE !== 0) return sparseIndexToPfn(index)
  return index
}

function sparseIndexToPfn(index: number): number {
  const chunk = index >> PFN_SECTION_SHIFT
  const within = index - (chunk << PFN_SECTION_SHIFT)
  return (load(CHUNK_SECTION + chunk) << PFN_SECTION_SHIFT) + within
}

/**
 * nth_page: `n` pages on, by page frame where memmap chunks may lie apart. What walks the pages of a folio by this works
 * across sections; what adds to the pointer, as most of the kernel does, works within one.
 */
export function nthPage(page: number, n: number): number {
  if (SPARSE !== 0) return pfnToPage(pageToPfn(page) + n)
  return page + Math.imul(n, PAGE_WORDS)
}

/** folio_page_idx: the number of a page within its folio, by page frame where memmap chunks may lie apart. */
export function folioPageIdx(folio: number, page: number): number {
  if (SPARSE !== 0) return pageToPfn(page) - pageToPfn(folio)
  return ((page - folio) / PAGE_WORDS) | 0
}

/** Do `nr` pages from `first` on leave the folio? */
export function rangeLeavesFolio(folio: number, first: number, nr: number): boolean {
  const order = folioOrder(folio)
  if (order > MAX_PAGE_ORDER) {
    const at = folioPageIdx(folio, first)
    return at < 0 || at + nr > 1 << order
  }
  return first < folio || first + Math.imul(nr, PAGE_WORDS) > folio + (PAGE_WORDS << order)
}

/** page_folio / compound_head */
export function pageFolio(page: number): number {
  return load(page + PAGE_COMPOUND_HEAD)
}

export function folioFlags(folio: number): number {
  return load(folio + PAGE_FLAGS)
}

export function folioTestLarge(folio: number): boolean {
  return (load(folio + PAGE_FLAGS) & PG_HEAD) !== 0
}

export function folioTestAnon(folio: number): boolean {
  return (load(folio + PAGE_FLAGS) & PG_ANON) !== 0
}

export function folioTestUnevictable(folio: number): boolean {
  return (load(folio + PAGE_FLAGS) & PG_UNEVICTABLE) !== 0
}

export function isHugeZeroPage(page: number): boolean {
  return (load(page + PAGE_FLAGS) & PG_TYPE_MASK) === PG_TYPE_HUGE_ZERO
}

export function folioIsZoneDevice(folio: number): boolean {
  const type = load(folio + PAGE_FLAGS) & PG_TYPE_MASK
  return type === PG_TYPE_ZONE_DEVICE || type === PG_TYPE_ZONE_DEVICE_FSDAX
}

/** A non-atomic set or clear of flags by whoever owns the folio (`__folio_clear_lru` and the like). */
export function folioFlagsAndNot(folio: number, flags: number): void {
  store(folio + PAGE_FLAGS, load(folio + PAGE_FLAGS) & ~flags)
}

export function folioOrder(folio: number): number {
  if (!folioTestLarge(folio)) return 0
  return load(folio + FOLIO_ORDER) & FOLIO_ORDER_MASK
}

/** folio_nr_pages, from the folio's flags and, for large folios, its order. */
export function folioNrPages(folio: number, flags: number): number {
  if ((flags & PG_HEAD) === 0) return 1
  return 1 << (load(folio + FOLIO_ORDER) & FOLIO_ORDER_MASK)
}

/** The memcg id that the folio is charged to; 0: none. */
export function folioMemcgId(folio: number): number {
  return (load(folio + PAGE_FLAGS) >> PG_MEMCG_SHIFT) & PG_MEMCG_MASK
}
