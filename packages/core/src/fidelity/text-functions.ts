/**
 * Which of our functions stands for which of the kernel's, where no count of a real kernel says so by itself: the walk, the
 * counters under it, the allocator, and what programs do before teardown.
 *
 * Owns the table; the documentation prints it. Invariant: each function of ours that is named exists (tested).
 */

import type { Standing } from './kernel-functions.ts'

export interface TextFunction {
  /** The kernel's functions. */
  readonly kernel: string
  /** The versions whose text it is; empty: the same in all. */
  readonly versions: string
  /** Ours, separated by commas; empty: left out. */
  readonly ours: string
  readonly standing: Standing
  readonly why: string
}

type Row = readonly [
  kernel: string,
  versions: string,
  ours: string,
  standing: Standing,
  why: string,
]

const ROWS: readonly Row[] = [
  ['exit_mmap', '', 'exitMmap', 'simplified', 'without mmap_lock and mmu notifiers'],
  ['enter_lazy_tlb', '', 'enterLazyTlb', 'simplified', 'for the exiting task only'],
  [
    'do_vmi_align_munmap, unmap_region',
    '',
    'doMunmap, unmapRegion',
    'simplified',
    'VMAs are a list',
  ],
  ['unmap_vmas, unmap_single_vma', '', 'unmapVmas, unmapSingleVma', 'exact', 'hugetlb is left out'],
  ['zap_pud_range, zap_pmd_range', '', 'zapPudRange, zapPmdRange', 'exact', 'the P4D is folded'],
  [
    'zap_pte_range',
    '',
    'zapPteRange',
    'exact',
    'the loop is zapPtes, or zapPteBatches from v6.9 on',
  ],
  ['zap_present_ptes', '6.9', 'zapPresentPtes', 'exact', ''],
  [
    'folio_pte_batch',
    '6.9',
    'folioPteBatch',
    'exact',
    'soft-dirty and uffd-wp bits do not exist here',
  ],
  ['zap_nonpresent_ptes', '', 'zapNonpresentPte', 'simplified', 'one entry at a time'],
  ['add_mm_rss_vec', '', 'addMmRssVec', 'simplified', 'one atomic word for each kind'],
  ['zap_huge_pmd', '', 'zapHugePmd', 'exact', ''],
  ['__split_huge_pmd', '', 'splitHugePmd', 'exact', 'the folio says whether it is anonymous'],
  ['free_pgtables, free_pgd_range', '', 'freePgtables, freePgdRange', 'exact', ''],
  ['free_pud_range, free_pmd_range', '', 'freePudRange, freePmdRange', 'exact', ''],
  [
    'tlb_remove_table, tlb_table_flush',
    '',
    'tlbRemoveTable, tlbTableFlush',
    'simplified',
    'no RCU',
  ],
  ['tlb_next_batch', '', 'tlbNextBatch', 'exact', ''],
  ['tlb_flush_mmu_tlbonly, tlb_flush', '', 'tlbFlushMmuTlbonly, tlbFlush', 'exact', 'x86'],
  ['tlb_flush_rmaps', '', 'tlbFlushDelayedRmaps, tlbFlushDelayedRmapsV69', 'exact', ''],
  ['tlb_flush_rmaps', 'range series', 'tlbFlushRangeRmaps', 'exact', ''],
  ['folio_remove_rmap_range', 'range series', 'folioRemoveRmapRange', 'exact', ''],
  ['free_folios_and_swap_cache', 'range series', 'freeFoliosAndSwapCache', 'exact', ''],
  ['folio_add_new_anon_rmap', '', 'folioAddNewAnonRmap', 'exact', ''],
  ['munlock_vma_folio, mlock_folio_batch', '', 'munlockVmaFolio, mlockFolioBatch', 'exact', ''],
  ['mark_page_accessed', '', 'markPageAccessed', 'exact', 'without MGLRU and idle tracking'],
  ['folios_put_refs', '6.9', 'foliosPutRefs', 'exact', ''],
  ['__folio_put_large', 'to 6.8', 'folioPutLarge', 'exact', ''],
  [
    'free_transhuge_page',
    'to 6.5',
    'folioUndoLargeRmappable',
    'exact',
    'its part before free_compound_page',
  ],
  [
    'put_devmap_managed_page',
    '',
    'putZoneDeviceFolio',
    'simplified',
    'the driver takes the page back',
  ],
  [
    'folio_free_swap, put_swap_folio',
    '',
    'folioFreeSwap, putSwapFolio',
    'simplified',
    'no slot caches',
  ],
  ['__mem_cgroup_uncharge_folios', '6.9', 'memCgroupUnchargeFolios', 'exact', ''],
  [
    'refill_stock, drain_stock',
    '',
    'refillStock, drainStock',
    'simplified',
    'one memcg at a time; nobody drains from afar',
  ],
  [
    '__memcg_kmem_uncharge_page',
    '',
    'memcgKmemUnchargePage',
    'simplified',
    'page tables only; without obj_cgroups',
  ],
  ['try_charge_memcg', '', 'tryCharge', 'simplified', 'no limits'],
  ['free_unref_page_commit', '', 'freeUnrefPageCommit', 'exact', ''],
  ['nr_pcp_free, nr_pcp_high', 'to 6.6', 'nrPcpFree, nrPcpHigh', 'exact', ''],
  [
    'nr_pcp_free, nr_pcp_high',
    '6.7',
    'nrPcpFree, nrPcpHigh',
    'simplified',
    'no ZONE_BELOW_HIGH, no ZONE_RECLAIM_ACTIVE',
  ],
  ['nr_pcp_alloc', '6.7', 'nrPcpAlloc', 'exact', 'before: batch'],
  ['decay_pcp_high, refresh_cpu_vm_stats', '6.7', '', 'left out', 'no worker runs beside teardown'],
  ['__free_one_page', '', 'freeOnePageLocked', 'exact', 'no isolation, no capture by compaction'],
  ['free_tail_page_prepare', '', 'freeTailPagePrepare', 'simplified', 'the checks that apply here'],
  [
    'free_contig_range',
    '',
    'freeContigRangeLocked',
    'simplified',
    'folios larger than a section: in blocks, not page by page',
  ],
  ['rmqueue, rmqueue_bulk', '', 'rmqueue, rmqueueBulk', 'simplified', 'no watermarks'],
  ['__rmqueue_fallback', '', 'rmqueueFallback', 'simplified', 'no stealing of whole pageblocks'],
  [
    'handle_mm_fault, do_anonymous_page',
    '',
    'handleMmFault, doAnonymousPage',
    'simplified',
    'private anonymous memory',
  ],
  [
    'do_wp_page, wp_page_copy',
    '',
    'doWpPage, wpPageCopy',
    'simplified',
    'reuse by the reference count',
  ],
  ['kernel_clone, dup_mmap', '', 'kernelClone, dupMmap', 'simplified', 'memory only'],
  ['copy_page_range', '', 'copyPageRange', 'simplified', 'anonymous PTEs and PFN mappings'],
  ['shrink_inactive_list', '', 'shrinkInactiveList', 'simplified', 'isolates and puts back'],
  [
    'account_kernel_stack',
    '',
    '',
    'left out',
    'its four updates at exit are added to the counts above',
  ],
]

export const TEXT_FUNCTIONS: readonly TextFunction[] = ROWS.map(
  ([kernel, versions, ours, standing, why]) => ({ kernel, versions, ours, standing, why }),
)
