/**
 * What verify learns on its way through a machine, by page frame, by swap slot and in sums.
 *
 * Later checks compare the machine's words with these facts and not with other words of the machine, so that one wrong
 * word breaks one rule. Those by PFN take 20 bytes for each.
 */

import { Scratch } from '../../lib/scratch.ts'
import type { Census } from '../census.ts'
import { NR_VMSTAT_ITEMS } from '../counters.ts'
import { NR_LRUVECS, NR_MEMCGS, NR_PFNS, NR_PT, NR_SWAP_SLOTS } from '../globals.ts'
import { NR_LRU_LISTS } from '../layout.ts'
import type { Violations } from './violation.ts'

/** Values of `kind`: what a page frame is part of. */
export const KIND_UNKNOWN = 0
/** First page of a folio in use, of order 0 or larger. */
export const KIND_FOLIO = 1
export const KIND_TAIL = 2
/** First page of a folio of device memory. */
export const KIND_DEVICE = 3
export const KIND_DEVICE_TAIL = 4
export const KIND_TABLE = 5
export const KIND_HUGE_ZERO = 6
export const KIND_RESERVED = 7
export const KIND_FREE_HEAD = 8
export const KIND_FREE = 9
export const KIND_PCP_HEAD = 10
export const KIND_PCP = 11

/** Bits of `seen`. */
export const SEEN_ON_LRU = 1
export const SEEN_ON_SPLIT_QUEUE = 2
export const SEEN_IN_TABLES = 4

export interface Facts {
  readonly violations: Violations
  readonly census: Census
  /** KIND_* of each page frame. */
  readonly kind: Uint8Array
  /** log2 of the pages of the folio or free block that the page frame is part of. */
  readonly order: Uint8Array
  /** MM_* counter of the pages of folios in use. */
  readonly rssKind: Uint8Array
  /** SEEN_* bits. */
  readonly seen: Uint8Array
  /** PTEs found that map the page. */
  readonly pteMaps: Int32Array
  /** By head page: PMDs found that map the folio. */
  readonly pmdMaps: Int32Array
  /** By head page: references of holders other than mappings and the swap cache. */
  readonly refs: Int32Array
  /** By head page: mappings by VM_LOCKED VMAs and munlocks that wait in a batch. */
  readonly lockedMaps: Int32Array
  /** By swap slot: entries of page tables that refer to it. */
  readonly swapEntries: Int32Array
  /** By swap slot: 1 if a swapcache folio owns it. */
  readonly swapCached: Uint8Array
  /** By page-table content: PFN + 1 of the table that it belongs to. */
  readonly contentOwner: Int32Array
  /** By lruvec and list: pages. */
  readonly lruSizes: Int32Array
  /** By memcg id: pages charged to it, without descendants. */
  readonly memcgPages: Int32Array
  /** By vmstat item: its value, counted again. */
  readonly vmstat: Int32Array
  foliosInUse: number
  pagesInUse: number
  foliosQueued: number
  /** Device memory without references: its driver has it. */
  deviceFoliosFree: number
  devicePagesFree: number
  /** Pages mapped by PTEs and PMDs, without zero pages: what Census.mappedPages counts. */
  mappedPages: number
}

const scratch = new Scratch()

/** Facts of the machine that is bound to this thread, all zero; valid until they are created again. */
export function createFacts(violations: Violations, census: Census): Facts {
  scratch.reset()
  return {
    violations,
    census,
    kind: scratch.uint8(NR_PFNS),
    order: scratch.uint8(NR_PFNS),
    rssKind: scratch.uint8(NR_PFNS),
    seen: scratch.uint8(NR_PFNS),
    pteMaps: scratch.int32(NR_PFNS),
    pmdMaps: scratch.int32(NR_PFNS),
    refs: scratch.int32(NR_PFNS),
    lockedMaps: scratch.int32(NR_PFNS),
    swapEntries: scratch.int32(NR_SWAP_SLOTS),
    swapCached: scratch.uint8(NR_SWAP_SLOTS),
    contentOwner: scratch.int32(NR_PT),
    lruSizes: scratch.int32(NR_LRUVECS * NR_LRU_LISTS),
    memcgPages: scratch.int32(NR_MEMCGS + 1),
    vmstat: scratch.int32(NR_VMSTAT_ITEMS),
    foliosInUse: 0,
    pagesInUse: 0,
    foliosQueued: 0,
    deviceFoliosFree: 0,
    devicePagesFree: 0,
    mappedPages: 0,
  }
}

/** The first page frame of the folio or block that a page frame is part of. */
export function headOf(facts: Facts, pfn: number): number {
  return pfn & -(1 << (facts.order[pfn] as number))
}

/** Is this page frame part of a folio that a PTE may map? */
export function isMappable(kind: number): boolean {
  return kind >= KIND_FOLIO && kind <= KIND_DEVICE_TAIL
}

export function addTo(sums: Int32Array, index: number, n: number): void {
  sums[index] = (sums[index] as number) + n
}
