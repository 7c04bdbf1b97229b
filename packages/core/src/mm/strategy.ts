/**
 * The interface of a gather strategy: the functions in which one kernel (or patch) differs from another.
 *
 * Everything else is shared text. A strategy is a record of kernel functions that the run receives once and passes
 * down as the parameter named `strategy`; functions in `plain` never reach a synchronising primitive. Integers say how
 * the shared text behaves where kernels differ by a condition only.
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
  /** Smallest order of large anonymous folios (the deferred list lies in page[2]). */
  readonly largeAnonOrderMin: number
  /** 1: rmap removal of every page waits until the end of its table visit (tlb_batch_rmap); 0: only of dirty file pages. */
  readonly batchRmap: number
  /** Deferred split: 1 only of PMD-mappable folios (v6.5 to v6.7), 0 of any large folio. */
  readonly deferredSplitPmd: number
  /** page_remove_rmap: one page loses one mapping (`compound`: the folio its PMD mapping). Counted by the caller. */
  pageRemoveRmap(
    cpu: number,
    page: number,
    vma: number,
    compound: boolean,
    strategy: Strategy,
  ): void
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
