/**
 * The interface of a gather strategy: the functions in which one kernel (or patch) differs from another.
 *
 * Everything else is shared text. A strategy is a record of kernel functions that the run receives once and passes
 * down as the parameter named `strategy`; functions in `plain` never reach a synchronising primitive. Integers say how
 * the shared text behaves where kernels differ by a condition only; what a kernel fixes for the whole machine is copied
 * into its globals when a machine is made (machine/limits.ts).
 */

export interface Strategy {
  readonly id: string
  /** Words of a slot: 1 an encoded page, 2 a range. */
  readonly slotWords: number
  /** PAGEVEC_SIZE of this kernel. */
  readonly pagevecSize: number
  /** MAX_GATHER_BATCH of this kernel for 4 KiB pages. */
  readonly maxGatherBatch: number
  /** CONFIG_PCP_BATCH_SCALE_MAX: bulk frees grow to batch << this at most (v6.5 had no bound: a shift that none reaches). */
  readonly pcpBatchScaleMax: number
  /** 1: a pcp list counts what is freed, and high adapts (v6.7); 0: bulk frees double each time. */
  readonly pcpFreeCount: number
  /** 1: NR_PAGETABLE counts PUD pages too ("mm: add statistics for PUD level pagetable": in v6.9, not in v6.5). */
  readonly pudTablesCounted: number
  /** Smallest order of large anonymous folios (the deferred list lies in page[2]); 1: order-1 folios are never queued. */
  readonly largeAnonOrderMin: number
  /**
   * 1: zap_pte_range takes runs of PTEs that map one folio at once (folio_pte_batch, v6.9), and a slot may be followed by
   * one with the number of pages, so that a batch is full one slot early; 0: page by page.
   */
  readonly batchPtes: number
  /** 1: rmap removal of every page waits until the end of its table visit (tlb_batch_rmap); 0: at most of dirty file pages. */
  readonly batchRmap: number
  /** 1: rmap removal of a dirty file page waits for the TLB flush (v6.2); 0: it does not. */
  readonly delayRmap: number
  /** 1: references are dropped and folios freed by folio_batch (v6.9); 0: by release_pages. */
  readonly folioBatchFree: number
  /** 1: lru_add_drain when teardown starts and before each chunk is freed; 0: never (v6.18). */
  readonly lruAddDrain: number
  /** 1: _nr_pages_mapped exists (v6.2); 0: the model keeps it in place of PG_double_map, and counts no atomic on it. */
  readonly nrPagesMapped: number
  /** _large_mapcount: 0 none, 1 an atomic (v6.10), 2 under the bit lock of the MM slots (v6.15). */
  readonly largeMapcount: number
  /** 1: CONFIG_NO_PAGE_MAPCOUNT: pages of large folios have no _mapcount, and there is no _nr_pages_mapped. */
  readonly noPageMapcount: number
  /** 1: splitting a PMD mapping calls page_remove_rmap or folio_remove_rmap_pmd (v6.2); 0: it does that itself. */
  readonly splitRemovesRmap: number
  /** Deferred split: 1 only of PMD-mappable folios (v6.1 to v6.7), 0 of any large folio. */
  readonly deferredSplitPmd: number
  /** 1: PG_partially_mapped, set under split_queue_lock (v6.12). */
  readonly partiallyMappedFlag: number
  /** 1: PMD-sized anonymous folios are on the deferred split queue from the fault on (underused THPs, v6.12). */
  readonly thpQueuedAtFault: number
  /** 1: freeing a large folio (order 2 or more) takes split_queue_lock whether it is queued or not (v6.1). */
  readonly splitLockAtFree: number
  /**
   * page_remove_rmap, folio_remove_rmap_range or folio_remove_rmap_ptes: `nr` pages of a folio from `page` on lose one PTE
   * mapping each (page by page kernels: nr is 1). Counted by the caller (countRmapCalls).
   */
  folioRemoveRmapPtes(
    cpu: number,
    folio: number,
    page: number,
    nr: number,
    vma: number,
    strategy: Strategy,
  ): void
  /** page_remove_rmap(compound) or folio_remove_rmap_pmd: the folio loses a PMD mapping. Counted by the caller. */
  folioRemoveRmapPmd(cpu: number, folio: number, vma: number, strategy: Strategy): void
  /** tlb_flush_rmaps: the postponed rmap removals, under the ptl. */
  tlbFlushRmaps(cpu: number, vma: number, strategy: Strategy): void
  /** What tlb_batch_pages_flush calls for each chunk: free_pages_and_swap_cache or free_folios_and_swap_cache. */
  freeSlotsAndSwapCache(cpu: number, slots: number, nr: number): void
  readonly plain: {
    /** __tlb_remove_page_size up to the full test: stores a page; true if the active batch is full now. */
    tlbStorePage(cpu: number, page: number, delayRmap: number): boolean
    /** tlb_discard_rmaps: nothing is pending from here on. */
    tlbDiscardRmaps(cpu: number): void
  }
}
