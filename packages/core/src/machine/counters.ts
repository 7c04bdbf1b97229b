/**
 * The events that a run counts: the counter keys of the report, and the vmstat items that the kernel text updates.
 *
 * Each CPU counts in its own words (plain increments, as this_cpu_add does); totals are sums over the CPUs. The order
 * here is the order of the words in the per-CPU block and of the keys in every report.
 */

export const E_PTES_CLEARED = 0
export const E_PTE_TABLES = 1
export const E_GATHER_RECORDS = 2
export const E_GATHER_SLOTS = 3
export const E_BATCH_PAGES = 4
export const E_FULL_BREAKS = 5
export const E_FORCED_FLUSHES = 6
export const E_TLB_FLUSHES = 7
export const E_FREE_CHUNKS = 8
export const E_RMAP_CALLS = 9
export const E_MAPCOUNT_ATOMICS = 10
export const E_NR_PAGES_MAPPED_ATOMICS = 11
/** @public Counted by kernels from v6.10 on. */
export const E_LARGE_MAPCOUNT_ATOMICS = 12
export const E_REFCOUNT_ATOMICS = 13
export const E_STAT_UPDATES = 14
export const E_SWAPCACHE_CHECKS = 15
export const E_DEFERRED_SPLIT_CALLS = 16
export const E_DEFERRED_SPLIT_INSERTS = 17
export const E_DEFERRED_SPLIT_REMOVALS = 18
export const E_LRUVEC_LOCK_ACQUISITIONS = 19
export const E_MEMCG_UNCHARGE_BATCHES = 20
export const E_PCP_LOCK_ACQUISITIONS = 21
export const E_ZONE_LOCK_ACQUISITIONS = 22
export const E_SPLIT_LOCK_ACQUISITIONS = 23
export const E_PTL_ACQUISITIONS = 24
export const E_FOLIOS_FREED = 25
export const E_PAGES_FREED = 26
/** Keys up to here are the counters of a report; those below are further figures, reported apart. */
export const NR_COUNTERS = 27

export const E_ZAP_PTE_RANGE_CALLS = 27
export const E_RMAP_SLOTS_INSPECTED = 28
export const E_SWAPCACHE_DROPS = 29
export const E_LRU_ADD_DRAINS = 30
export const E_COND_RESCHEDS = 31
export const E_IRQS_OFF_SLOTS_MAX = 32
export const E_SWAP_ENTRIES_FREED = 33
export const E_DEPOSITED_TABLES_FREED = 34
export const E_PAGE_TABLES_FREED = 35
export const E_TABLE_BATCHES = 36
export const E_PCP_BULK_FREES = 37
export const E_BUDDY_MERGES = 38
export const E_PMDS_CLEARED = 39
export const E_PMD_SPLITS = 40
export const E_DEVICE_PAGES_FREED = 41
export const E_NEED_RESCHED_CALLS = 42
export const E_PAGE_FAULTS = 43
export const E_PTES_MAPPED = 44
export const E_PTES_COPIED = 45
export const E_FOLIOS_ALLOCATED = 46
export const E_PAGES_ALLOCATED = 47
export const E_PAGE_TABLES_ALLOCATED = 48
export const E_MEMCG_CHARGES = 49
export const E_LRU_ADD_BATCHES_MOVED = 50
export const E_COW_REUSES = 51
export const E_COW_COPIES = 52
export const E_FORKS = 53
export const E_RECLAIM_ROUNDS = 54
export const E_RECLAIM_ISOLATED = 55
export const E_RECLAIM_FREED = 56
export const E_FOLIO_BATCHES_FREED = 57
export const E_GATHERS = 58
export const E_PUD_TABLES_FREED = 59
export const E_TLB_FLUSHES_LOCAL = 60
export const NR_EVENTS = 61

/** The counter keys of a report, in the order of the E_ constants. */
export const COUNTER_KEYS = [
  'ptesCleared',
  'pteTables',
  'gatherRecords',
  'gatherSlots',
  'batchPages',
  'fullBreaks',
  'forcedFlushes',
  'tlbFlushes',
  'freeChunks',
  'rmapCalls',
  'mapcountAtomics',
  'nrPagesMappedAtomics',
  'largeMapcountAtomics',
  'refcountAtomics',
  'statUpdates',
  'swapcacheChecks',
  'deferredSplitCalls',
  'deferredSplitInserts',
  'deferredSplitRemovals',
  'lruvecLockAcquisitions',
  'memcgUnchargeBatches',
  'pcpLockAcquisitions',
  'zoneLockAcquisitions',
  'splitLockAcquisitions',
  'ptlAcquisitions',
  'foliosFreed',
  'pagesFreed',
] as const

/** Further figures of a run, reported under `events`, in the order of the E_ constants from NR_COUNTERS on. */
export const EVENT_KEYS = [
  'zapPteRangeCalls',
  'rmapSlotsInspected',
  'swapcacheDrops',
  'lruAddDrains',
  'condRescheds',
  'irqsOffSlotsMax',
  'swapEntriesFreed',
  'depositedTablesFreed',
  'pageTablesFreed',
  'tableBatches',
  'pcpBulkFrees',
  'buddyMerges',
  'pmdsCleared',
  'pmdSplits',
  'devicePagesFreed',
  'needReschedCalls',
  'pageFaults',
  'ptesMapped',
  'ptesCopied',
  'foliosAllocated',
  'pagesAllocated',
  'pageTablesAllocated',
  'memcgCharges',
  'lruAddBatchesMoved',
  'cowReuses',
  'cowCopies',
  'forks',
  'reclaimRounds',
  'reclaimIsolated',
  'reclaimFreed',
  'folioBatchesFreed',
  'gathers',
  'pudTablesFreed',
  'tlbFlushesLocal',
] as const

export type CounterKey = (typeof COUNTER_KEYS)[number]
export type EventKey = (typeof EVENT_KEYS)[number]

/** enum node_stat_item, zone_stat_item and vm_event_item, as far as the model has them: per-CPU differences. */
export const NR_ANON_MAPPED = 0
export const NR_FILE_MAPPED = 1
export const NR_ANON_THPS = 2
export const NR_FILE_PMDMAPPED = 3
export const NR_SHMEM_PMDMAPPED = 4
export const NR_FILE_DIRTY = 5
export const NR_MLOCK = 6
export const NR_SWAPCACHE = 7
export const NR_PAGETABLE = 8
export const NR_FREE_PAGES = 9
export const NR_LRU_BASE = 10
export const PGFREE = 15
export const PGALLOC = 16
export const PGACTIVATE = 17
export const THP_DEFERRED_SPLIT_PAGE = 18
export const UNEVICTABLE_PGCLEARED = 19
export const UNEVICTABLE_PGMUNLOCKED = 20
export const UNEVICTABLE_PGRESCUED = 21
export const UNEVICTABLE_PGSTRANDED = 22
export const PGPGOUT_MEMCG = 23
/** @public Counted by engines with TLBs. */
export const NR_TLB_REMOTE_FLUSH = 24
export const NR_TLB_LOCAL_FLUSH_ALL = 25
export const NR_TLB_LOCAL_FLUSH_ONE = 26
export const NR_VMSTAT_ITEMS = 27

/** Names of the vmstat items, as /proc/vmstat has them where it has them. */
export const VMSTAT_KEYS = [
  'nr_anon_pages',
  'nr_mapped',
  'nr_anon_transparent_hugepages',
  'nr_file_pmdmapped',
  'nr_shmem_pmdmapped',
  'nr_dirty',
  'nr_mlock',
  'nr_swapcached',
  'nr_page_table_pages',
  'nr_free_pages',
  'nr_inactive_anon',
  'nr_active_anon',
  'nr_inactive_file',
  'nr_active_file',
  'nr_unevictable',
  'pgfree',
  'pgalloc',
  'pgactivate',
  'thp_deferred_split_page',
  'unevictable_pgs_cleared',
  'unevictable_pgs_munlocked',
  'unevictable_pgs_rescued',
  'unevictable_pgs_stranded',
  'memcg_pgpgout',
  'nr_tlb_remote_flush',
  'nr_tlb_local_flush_all',
  'nr_tlb_local_flush_one',
] as const

export type VmstatKey = (typeof VMSTAT_KEYS)[number]

/** Lock classes, as lockdep would name them. */
export const PTL_CLASS = 0
export const LRUVEC_CLASS = 1
export const ZONE_CLASS = 2
export const PCP_CLASS = 3
export const SPLIT_QUEUE_CLASS = 4
export const SWAP_CLUSTER_CLASS = 5

export const LOCK_CLASS_KEYS = [
  'ptl',
  'lruvec',
  'zone',
  'pcp',
  'splitQueue',
  'swapCluster',
] as const

export type LockClassKey = (typeof LOCK_CLASS_KEYS)[number]
