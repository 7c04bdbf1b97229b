/**
 * Which function of ours stands for which function of the kernel: those that were counted on real kernels.
 *
 * Owns the table that `validate` counts by and the documentation prints. exact: the text has a function, or counts an event,
 * for each call. simplified: the text does less or does it elsewhere, but as often. Every counted function is here.
 */

import type { RealKernel } from './real-counts.ts'

export type Standing = 'exact' | 'simplified' | 'left out'

export interface KernelFunction {
  /** tp_NAME is a tracepoint. */
  readonly name: string
  readonly kernels: readonly RealKernel[]
  /** Our functions, counters and events that count its calls; see expression.ts. */
  readonly ours: string
  readonly standing: Standing
  readonly why: string
}

const BOTH: readonly RealKernel[] = ['6.1', '6.12']
const V61: readonly RealKernel[] = ['6.1']
const V612: readonly RealKernel[] = ['6.12']

type Row = readonly [
  name: string,
  kernels: readonly RealKernel[],
  ours: string,
  standing: Standing,
  why: string,
]

const ROWS: readonly Row[] = [
  ['unmap_page_range', BOTH, 'unmapPageRange()', 'exact', 'one for each VMA, touched or not'],
  ['page_remove_rmap', V61, 'rmapCalls', 'exact', 'one for each PTE and for each PMD mapping'],
  [
    'lock_page_memcg',
    V61,
    'rmapCalls + pmdSplits',
    'simplified',
    'the memcg move lock is not in the text; the kernel takes it around each rmap removal, and once for a split PMD mapping',
  ],
  ['folio_remove_rmap_ptes', V612, 'folioRemoveRmapPtes()', 'exact', 'one for each run of PTEs'],
  ['folio_remove_rmap_pmd', V612, 'folioRemoveRmapPmd()', 'exact', 'PMD mappings'],
  [
    'deferred_split_huge_page',
    V61,
    'deferredSplitCalls',
    'exact',
    'once for each page of a THP that becomes unmapped; the first one queues it',
  ],
  [
    'deferred_split_folio',
    V612,
    'deferredSplitCalls',
    'exact',
    'a THP of which something is still mapped; whole ones are queued since the fault',
  ],
  [
    '__folio_unqueue_deferred_split',
    V612,
    'deferredSplitRemovals',
    'exact',
    'called behind a test without the lock',
  ],
  [
    '__mod_lruvec_page_state',
    V61,
    'statUpdates + pageTablesFreed - pudTablesFreed + depositedTablesFreed + 4*exitMmap()',
    'exact',
    'NR_ANON_MAPPED and its like; NR_PAGETABLE of PTE and PMD pages; at exit 4 pages of the kernel stack, which is not simulated',
  ],
  [
    '__lruvec_stat_mod_folio',
    V612,
    'statUpdates + pageTablesFreed + depositedTablesFreed + 4*exitMmap()',
    'exact',
    'as above, and NR_PAGETABLE of PUD pages too',
  ],
  ['tlb_gather_mmu', BOTH, 'tlbGatherMmu()', 'exact', 'exit uses tlb_gather_mmu_fullmm'],
  ['tlb_finish_mmu', BOTH, 'tlbFinishMmu()', 'exact', ''],
  [
    '__tlb_remove_page_size',
    V61,
    'gatherRecords',
    'simplified',
    'the zap loop stores into the batch without the call',
  ],
  [
    '__tlb_remove_page_size',
    V612,
    'tlbRemovePageSize()',
    'exact',
    'page tables and PMD-mapped THPs',
  ],
  [
    '__tlb_remove_folio_pages',
    V612,
    'gatherRecords - tlbRemovePageSize()',
    'simplified',
    'one record for each run; the call is tlbRemoveFolioPages, part of the zap loop',
  ],
  [
    'tlb_batch_pages_flush',
    V61,
    'tlbBatchPagesFlush()',
    'exact',
    'one for each flush of the gather',
  ],
  [
    'flush_tlb_mm_range',
    BOTH,
    'tlbFlushes',
    'exact',
    'effective flushes; the folded P4D makes that of an untouched mapping one',
  ],
  [
    'tp_tlb_flush',
    BOTH,
    'tlbFlushesLocal',
    'exact',
    'flushes that reach this CPU: at exit the first only, for it leaves the mm then (lazy TLB)',
  ],
  ['___pte_free_tlb', BOTH, 'pteTables', 'exact', ''],
  ['___pmd_free_tlb', BOTH, 'pageTablesFreed - pteTables - pudTablesFreed', 'exact', ''],
  ['___pud_free_tlb', BOTH, 'pudTablesFreed', 'exact', ''],
  ['lru_add_drain', BOTH, 'lruAddDrain()', 'exact', 'at the start, and before each chunk is freed'],
  [
    'folio_batch_move_lru',
    BOTH,
    'folioBatchMoveAdd() + folioBatchMoveActivate()',
    'exact',
    'the lru_add and the activation batch; others are always empty here',
  ],
  ['lru_add_fn', V61, 'lruAddFn()', 'exact', 'folios that a batch moves to their list'],
  ['free_pages_and_swap_cache', BOTH, 'freeChunks', 'exact', 'one for each chunk of a batch'],
  [
    'free_swap_cache',
    BOTH,
    'swapcacheChecks',
    'simplified',
    'its first test stands in the loop; freeSwapCache is called behind it',
  ],
  ['release_pages', V61, 'releasePages()', 'exact', 'one for each chunk and each LRU batch moved'],
  ['release_pages', V612, 'releasePages()', 'exact', 'not on this path any more'],
  [
    'folio_lruvec_lock_irqsave',
    BOTH,
    'lruvecLockAcquisitions',
    'exact',
    'LRU batches that are moved included',
  ],
  ['__mem_cgroup_uncharge_list', V61, 'memCgroupUnchargeList()', 'exact', 'empty lists too'],
  [
    '__mem_cgroup_uncharge',
    BOTH,
    'memCgroupUncharge()',
    'exact',
    'single folios: large ones of 6.1',
  ],
  ['uncharge_batch', BOTH, 'memcgUnchargeBatches', 'exact', 'runs of one memcg, the root too'],
  [
    'uncharge_folio',
    BOTH,
    'foliosFreed',
    'simplified',
    'called for each folio that is freed, a page table of no memcg too, which the text skips',
  ],
  [
    'page_counter_uncharge',
    BOTH,
    'pageCounterUncharge()',
    'exact',
    'runs but those of the root, and stocks that exceed 64 pages',
  ],
  ['free_unref_page_list', V61, 'freeUnrefPageList()', 'exact', 'empty lists too'],
  [
    'free_unref_folios',
    V612,
    'freeUnrefFolios()',
    'exact',
    'folio batches of which something is freed',
  ],
  [
    'free_unref_page',
    BOTH,
    'freeUnrefPage()',
    'exact',
    'batch pages, deposited tables, large folios of 6.1 that pcp lists take',
  ],
  [
    'free_pcppages_bulk',
    BOTH,
    'pcpBulkFrees',
    'exact',
    'on 6.12 high adapts, also by a worker that is not simulated: what the lists hold and how long they may be is set at the start',
  ],
  [
    'free_one_page',
    V61,
    'freeOnePage() - freePagesOk()',
    'exact',
    'where the pcp lock is taken; __free_pages_ok of 6.1 does without it',
  ],
  ['free_one_page', V612, 'freeOnePage()', 'exact', 'orders that no pcp list takes'],
  [
    'tp_mm_page_alloc',
    BOTH,
    'batchPages',
    'exact',
    "the gather's batch pages; what the slab allocates is not simulated",
  ],
  [
    'tp_mm_page_free',
    BOTH,
    'foliosFreed + batchPages + depositedTablesFreed',
    'exact',
    'blocks of any order',
  ],
  [
    'tp_mm_page_free_batched',
    BOTH,
    'freeUnrefPageCommit() - freeUnrefPage()',
    'exact',
    'what lists and folio batches put on pcp lists',
  ],
]

/** Functions of which there is no real count here: what to compare them with, for those who measure again. */
const UNCOUNTED_ROWS: readonly Row[] = [
  ['zap_huge_pmd', BOTH, 'zapHugePmd()', 'exact', ''],
  ['__split_huge_pmd', BOTH, 'splitHugePmd()', 'exact', ''],
  ['zap_pte_range', BOTH, 'zapPteRangeCalls', 'exact', 'visits: tables, and breaks not at an end'],
  ['__pte_offset_map_lock', V612, 'zapPteRangeCalls', 'exact', 'of the visits'],
  ['__tlb_remove_folio_pages_size', V612, 'gatherRecords', 'exact', 'called by the two above'],
  ['tlb_flush_mmu', BOTH, 'tlbFlushMmu() - tlbFinishMmu()', 'exact', 'the last one is inlined'],
  ['tlb_flush_rmaps', V612, 'tlbFlushDelayedRmapsV69()', 'exact', 'returns at once unless delayed'],
  ['mark_page_accessed', V61, 'markPageAccessed()', 'exact', 'young PTEs of files'],
  ['folio_mark_accessed', V612, 'markPageAccessed()', 'exact', 'runs with a young PTE'],
  ['folios_put_refs', V612, 'foliosPutRefs()', 'exact', 'LRU batches that are moved included'],
  ['mem_cgroup_update_lru_size', BOTH, 'updateLruSize()', 'exact', 'onto a list and off it'],
  ['free_transhuge_page', V61, 'folioUndoLargeRmappable()', 'exact', ''],
  ['__count_memcg_events', V61, 'memcgUnchargeBatches', 'exact', 'of the batches'],
  ['memcg_check_events', V61, 'memcgUnchargeBatches', 'exact', 'of the batches'],
  ['free_unref_page_commit', BOTH, 'freeUnrefPageCommit()', 'exact', ''],
]

/** Every kernel function that was counted, in the order of a teardown. */
export const KERNEL_FUNCTIONS: readonly KernelFunction[] = ROWS.map(rowOf)
/** Further ones, of which no count is published. */
export const UNCOUNTED_FUNCTIONS: readonly KernelFunction[] = UNCOUNTED_ROWS.map(rowOf)

function rowOf([name, kernels, ours, standing, why]: Row): KernelFunction {
  return { name, kernels, ours, standing, why }
}

/** What stands for a function of a kernel; undefined: the table does not have it. */
export function kernelFunction(name: string, kernel: RealKernel): KernelFunction | undefined {
  return KERNEL_FUNCTIONS.find((one) => one.name === name && one.kernels.includes(kernel))
}
