/**
 * What building a machine needs at hand: its words, the folios' places, memcg ids, and what goes into the census.
 *
 * Invariant: folios are created in the order of `folio-walk.ts`, so the n-th one created has the n-th place.
 */

import { assert } from '../../lib/assert.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import {
  COMPOUND_MAPPED,
  CONTROL,
  CTL_VMSTAT_BASE,
  FOLIO_LARGE_MAPCOUNT,
  FOLIO_NR_PAGES_MAPPED,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_REFCOUNT,
  PG_ANON,
  PG_HEAD,
} from '../layout.ts'
import { NR_ANON_MAPPED, NR_FILE_MAPPED } from '../counters.ts'
import { LARGE_MAPCOUNT, NO_PAGE_MAPCOUNT } from '../globals.ts'
import type { Machine } from '../machine.ts'
import { mem } from '../memory.ts'
import { addToMmSlots } from '../folio-mm-slots.ts'
import { folioNrPages, pageToPfn, pfnToPage } from '../page.ts'
import { LruAddBatches } from './lru-add.ts'
import { memcgNames } from './memcg-names.ts'

/** mm_id of all processes outside the machine. */
const OTHER_MM_ID = 0x7fff

export class Builder {
  readonly machine: Machine
  readonly scenario: Scenario
  /** First PFN and order of every folio, in creation order. */
  readonly pfns: Int32Array
  readonly orders: Uint8Array
  readonly memcgIds: ReadonlyMap<string, number>
  readonly lruAdd: LruAddBatches
  /** The next folio to be created. */
  nextFolio = 0
  /** The next page frame for the kernel's own pages. */
  nextKernelPfn: number
  nextSwapSlot = 1
  nextTable = 0
  otherRefs: Int32Array | null = null
  otherMaps: Int32Array | null = null
  mappedPages = 0
  /** Folios on deferred split queues before the run. */
  foliosQueued = 0

  constructor(
    machine: Machine,
    scenario: Scenario,
    pfns: Int32Array,
    orders: Uint8Array,
    kernelPfn: number,
  ) {
    this.machine = machine
    this.scenario = scenario
    this.pfns = pfns
    this.orders = orders
    this.nextKernelPfn = kernelPfn
    this.lruAdd = new LruAddBatches(scenario.machine.cpus)
    this.memcgIds = new Map(memcgNames(scenario).map((name, i) => [name, i + 1]))
  }

  memcgId(name: string): number {
    const id = this.memcgIds.get(name)
    assert(id !== undefined, 'memcg of no id', { name })
    return id
  }

  /** Adds to a vmstat item of the state before the run. */
  vmstat(item: number, delta: number): void {
    const at = CONTROL + CTL_VMSTAT_BASE + item
    mem[at] = (mem[at] as number) + delta
  }

  /** References to a folio that outlive the run. */
  addOtherRefs(folio: number, refs: number): void {
    if (refs === 0) return
    this.otherRefs ??= new Int32Array(this.machine.globals.NR_PFNS)
    const pfn = pageToPfn(folio)
    this.otherRefs[pfn] = (this.otherRefs[pfn] as number) + refs
    add(folio + PAGE_REFCOUNT, refs)
  }

  /** Mappings of a page by processes outside the machine; each has a reference. */
  addOtherMaps(page: number, maps: number): void {
    if (maps === 0) return
    this.otherMaps ??= new Int32Array(this.machine.globals.NR_PFNS)
    const pfn = pageToPfn(page)
    this.otherMaps[pfn] = (this.otherMaps[pfn] as number) + maps
    this.addOtherRefs(mem[page + PAGE_COMPOUND_HEAD] as number, maps)
    this.addMappings(page, maps, OTHER_MM_ID)
  }

  /**
   * page_add_*_rmap of one page, `n` times: _mapcount, _nr_pages_mapped, _large_mapcount and statistics; not the
   * references.
   */
  addMappings(page: number, n: number, mmId: number): void {
    const folio = mem[page + PAGE_COMPOUND_HEAD] as number
    const flags = mem[folio + PAGE_FLAGS] as number
    if (LARGE_MAPCOUNT !== 0 && (flags & PG_HEAD) !== 0) {
      this.addLargeMapcount(folio, n, mmId)
      if (NO_PAGE_MAPCOUNT !== 0) return
    }
    const before = mem[page + PAGE_MAPCOUNT] as number
    mem[page + PAGE_MAPCOUNT] = before + n
    if (before >= 0) return
    if ((flags & PG_HEAD) !== 0) {
      add(folio + FOLIO_NR_PAGES_MAPPED, 1)
      // while the folio is PMD-mapped its pages are mapped for the statistics already
      if ((mem[folio + FOLIO_NR_PAGES_MAPPED] as number) >= COMPOUND_MAPPED) return
    }
    this.vmstat((flags & PG_ANON) !== 0 ? NR_ANON_MAPPED : NR_FILE_MAPPED, 1)
  }

  /** _large_mapcount and the MM slots; without page mapcounts the statistics are of the whole folio. */
  addLargeMapcount(folio: number, n: number, mmId: number): void {
    const mapcount = (mem[folio + FOLIO_LARGE_MAPCOUNT] as number) + n
    mem[folio + FOLIO_LARGE_MAPCOUNT] = mapcount
    if (LARGE_MAPCOUNT === 2) addToMmSlots(folio, n, mmId, mapcount)
    if (NO_PAGE_MAPCOUNT === 0 || mapcount !== n - 1) return
    const flags = mem[folio + PAGE_FLAGS] as number
    const pages = folioNrPages(folio, flags)
    this.vmstat((flags & PG_ANON) !== 0 ? NR_ANON_MAPPED : NR_FILE_MAPPED, pages)
  }

  /** The struct page of the next of the kernel's own page frames, or of a block of them. */
  kernelPage(order = 0): number {
    const pages = 2 ** order
    const pfn = Math.ceil(this.nextKernelPfn / pages) * pages
    this.nextKernelPfn = pfn + pages
    return pfnToPage(pfn)
  }
}

/** Adds to a word. */
export function add(address: number, delta: number): void {
  mem[address] = (mem[address] as number) + delta
}
