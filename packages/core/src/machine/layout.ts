/**
 * Where every word of the simulated machine lies: the offsets of the fields within their structures.
 *
 * All state lives in one shared buffer, seen as 32-bit words; an address is a word index, 0 is NULL. Structures that
 * CPUs fight over start on their own 64-byte line (16 words). A struct page has 6 words (24 bytes), so that it, its PTE
 * and its share of everything else stay below 32 bytes; engines that model cache lines take one line for each struct
 * page, as in the kernel, from the page and not from the word.
 *
 * The places of the fields of large folios follow include/linux/mm_types.h: page[1] holds the order, _nr_pages_mapped,
 * _entire_mapcount and _large_mapcount, page[2] the _deferred_list, in words that tail pages have no other use for.
 * What differs: the memcg id and the type of a page share the flags word (the kernel has memcg_data and page_type).
 */

export const LINE_WORDS = 16

/* ---------------------------------------------------------------- struct page */

export const PAGE_WORDS = 6
export const PAGE_FLAGS = 0
export const PAGE_REFCOUNT = 1
/** -1 based; in page-table pages the list of deposited tables (pmd_huge_pte). */
export const PAGE_MAPCOUNT = 2
/** The head page's address (its own in head and order-0 pages). */
export const PAGE_COMPOUND_HEAD = 3
/** struct list_head: LRU list, pcp list, buddy list, list of pages to free. mlock_count in an unevictable folio's second word. */
export const PAGE_LRU = 4
export const PAGE_MLOCK_COUNT = 5

/** Offsets from the head page to the words of page[1] and page[2]. */
export const FOLIO_ORDER = 6
export const FOLIO_NR_PAGES_MAPPED = 7
export const FOLIO_ENTIRE_MAPCOUNT = 10
export const FOLIO_LARGE_MAPCOUNT = 11
export const FOLIO_DEFERRED_LIST = 16

/** Page-table pages (struct ptdesc): the lock and the word address of the 512 entries lie in the lru words. */
export const PT_HUGE_PTE = 2
export const PT_PTL = 4
export const PT_CONTENT = 5

/* page->flags */
export const PG_LOCKED = 1
export const PG_REFERENCED = 2
export const PG_DIRTY = 4
export const PG_LRU = 8
export const PG_ACTIVE = 16
export const PG_UNEVICTABLE = 32
export const PG_MLOCKED = 64
export const PG_SWAPCACHE = 128
export const PG_SWAPBACKED = 256
/** PAGE_MAPPING_ANON of page->mapping. */
export const PG_ANON = 512
export const PG_HEAD = 1024
export const PG_WRITEBACK = 2048
/** Charged in a movable pageblock (user memory); clear: unmovable (page tables, gather pages). */
export const PG_MOVABLE = 4096
export const PG_TYPE_SHIFT = 13
export const PG_TYPE_MASK = 57344
export const PG_TYPE_BUDDY = 8192
export const PG_TYPE_TABLE = 16384
export const PG_TYPE_PCP = 24576
export const PG_TYPE_ZONE_DEVICE = 32768
export const PG_TYPE_ZONE_DEVICE_FSDAX = 40960
export const PG_TYPE_HUGE_ZERO = 49152
/** Not managed by the allocator: gaps left by placement, memory of others. */
export const PG_TYPE_RESERVED = 57344
/** Bits 20 to 31: the memcg id of a page in use (0: none), the order of a free one. */
export const PG_MEMCG_SHIFT = 20
export const PG_MEMCG_MASK = 4095
/** PAGE_FLAGS_CHECK_AT_FREE: flags that no freed page may carry. */
export const PG_CHECK_AT_FREE = 2297
/** What stays of the flags of a page that is freed. */
export const PG_KEEP_AT_FREE = 4096

/* page[1] flags word: the order in the low byte, then the flags of the second page */
export const FOLIO_ORDER_MASK = 255
export const PG_PARTIALLY_MAPPED = 256

/** The two MM slots of a large folio: who maps it (0: nobody) and how often (-1 based). One entry for two page frames. */
export const MM_SLOT_ID = 0
export const MM_SLOT_MAPCOUNT = 1
export const MM_SLOT_WORDS = 2
/** _mm_ids, behind the two slots: the bit spinlock, and whether more than one MM maps the folio. */
export const MM_IDS = 4
export const FOLIO_MM_IDS_LOCK = 1
export const FOLIO_MM_IDS_SHARED = 2
export const MM_SLOTS_WORDS = 5

export const COMPOUND_MAPPED = 0x800000
export const FOLIO_PAGES_MAPPED = 0x7fffff

/* ---------------------------------------------------------------- page table entries */

export const PTE_PRESENT = 1
export const PTE_WRITE = 2
export const PTE_YOUNG = 4
export const PTE_DIRTY = 8
/** No struct page to account (zero page, VM_PFNMAP). */
export const PTE_SPECIAL = 16
/** A PMD entry that maps a huge page. */
export const PMD_HUGE = 32
export const PTE_PFN_SHIFT = 8
export const PTE_PFN_MASK = 0xffffff
/** Non-present entries: bit 0 clear, the kind in bits 1 to 3, what it refers to (slot or PFN) from bit 8. */
export const SWP_KIND_MASK = 14
export const SWP_SWAP = 2
export const SWP_MIGRATION = 4
export const SWP_DEVICE_PRIVATE = 6
export const SWP_DEVICE_EXCLUSIVE = 8
export const SWP_HWPOISON = 10
export const SWP_MARKER = 12

export const PTRS_PER_PTE = 512
export const PTRS_PER_PGD = 16
export const PMD_SHIFT = 9
export const PUD_SHIFT = 18
export const PGDIR_SHIFT = 27
/** Virtual addresses are page numbers; the top of user space, 15 of the 16 PGD entries, so that they stay in int32. */
export const TASK_SIZE = 2013265920
export const HPAGE_PMD_ORDER = 9
export const HPAGE_PMD_NR = 512

/* ---------------------------------------------------------------- struct vm_area_struct */

export const VMA_WORDS = 8
export const VMA_START = 0
export const VMA_END = 1
export const VMA_FLAGS = 2
export const VMA_MM = 3
export const VMA_NEXT = 4
export const VMA_PREV = 5
/** The process's VMA number in the scenario, for messages. */
export const VMA_ID = 6
/** What faults allocate: the order of the folios in the low byte, above it the memcg id that they are charged to. */
export const VMA_FAULT = 7
export const VMA_FAULT_ORDER_MASK = 255
export const VMA_FAULT_MEMCG_SHIFT = 8

export const VM_SHARED = 1
export const VM_LOCKED = 2
export const VM_PFNMAP = 4
export const VM_RAND_READ = 8
/** vm_ops == NULL: vma_is_anonymous(). */
export const VM_ANON = 16

/* ---------------------------------------------------------------- struct mm_struct */

export const MM_ID = 0
export const MM_USERS = 1
export const MM_TLB_FLUSH_PENDING = 2
export const MM_FLAGS = 3
export const MM_MMAP = 4
export const MM_MAP_COUNT = 5
/** Spare vm_area_structs (linked by VMA_NEXT) for the splits that munmap makes. */
export const MM_VMA_POOL = 6
/** The program that its CPU runs before the TEARDOWN steps: address (0: none); it ends at MM_PROGRAM_END. */
export const MM_PROGRAM = 7
export const MM_RSS = 8
export const MM_PGTABLES = 12
/** What its CPU runs: address and number of the TEARDOWN steps, 3 words each. */
export const MM_STEPS = 13
export const MM_NR_STEPS = 14
export const MM_PROGRAM_END = 15
export const MM_PGD = 16
export const MM_CPUMASK = 32

export const MM_FILEPAGES = 0
export const MM_ANONPAGES = 1
export const MM_SWAPENTS = 2
export const MM_SHMEMPAGES = 3
export const NR_MM_COUNTERS = 4
export const MMF_OOM_SKIP = 1

export const STEP_WORDS = 3
export const STEP_KIND = 0
export const STEP_START = 1
export const STEP_END = 2
export const STEP_EXIT = 1
export const STEP_MUNMAP = 2

/* ---------------------------------------------------------------- struct mem_cgroup, lruvec, deferred_split */

export const MEMCG_WORDS = 32
export const MEMCG_ID = 0
export const MEMCG_PARENT = 1
export const MEMCG_LRUVEC = 2
/** page_counter, on its own line. */
export const MEMCG_USAGE = 16
export const ROOT_MEMCG_ID = 1
/** Pages that a CPU charges at once. */
export const MEMCG_CHARGE_BATCH = 64

export const SPLIT_QUEUE_WORDS = 16
export const SPLIT_QUEUE_LOCK = 0
export const SPLIT_QUEUE_LIST = 2
export const SPLIT_QUEUE_LEN = 4

export const LRUVEC_WORDS = 32
export const LRUVEC_LOCK = 0
export const LRUVEC_ID = 1
/** Lists in the order of enum lru_list, 2 words each. */
export const LRUVEC_LISTS = 2
/** Pages on each list (lru_size), same order. */
export const LRUVEC_SIZES = 16
export const LRU_INACTIVE_ANON = 0
export const LRU_ACTIVE_ANON = 1
export const LRU_INACTIVE_FILE = 2
export const LRU_ACTIVE_FILE = 3
export const LRU_UNEVICTABLE = 4
/** From an inactive list to the active one of its kind. */
export const LRU_ACTIVE = 1
export const NR_LRU_LISTS = 5

/* ---------------------------------------------------------------- struct zone */

export const MAX_ORDER = 10
export const MIGRATE_UNMOVABLE = 0
export const MIGRATE_MOVABLE = 1
export const MIGRATE_RECLAIMABLE = 2
export const MIGRATE_PCPTYPES = 3
export const ZONE_WORDS = 128
export const ZONE_LOCK = 0
export const ZONE_FREE_PAGES = 1
export const ZONE_START_PFN = 2
export const ZONE_END_PFN = 3
/** free_area[order]: MIGRATE_PCPTYPES lists of 2 words, then nr_free. */
export const ZONE_FREE_AREA = 16
export const FREE_AREA_WORDS = 8
export const FREE_AREA_NR_FREE = 6

/* ---------------------------------------------------------------- per CPU */

export const PAGE_ALLOC_COSTLY_ORDER = 3
/** Lists of order 9. (v6.12 has one for each mobility; those of unmovable blocks would stay empty.) */
export const NR_PCP_THP = 1
export const NR_PCP_LISTS = 13
/** pindex of order-9 folios: after the MIGRATE_PCPTYPES lists of each of the orders 0 to 3. */
export const PCP_THP_PINDEX = 12

/** Offsets in the per-CPU block. Line 0: identity and engine words. */
export const CPU_ID = 0
export const CPU_STATE = 1
export const CPU_CURRENT_MM = 2
/** Processes that this CPU has run. */
export const CPU_PROCESSES = 3
export const CPU_RESCHED_COUNT = 4
export const CPU_MCS_NESTING = 5
/** What zap_ptes found besides the address it stopped at: ZAP_* bits. */
export const CPU_ZAP = 6
export const ZAP_FORCE_FLUSH = 1
export const ZAP_FULL = 2
/** The lock whose hold is being timed; 0: none. */
export const CPU_HELD_LOCK = 7
/** int rss[NR_MM_COUNTERS] of a table visit. */
export const CPU_RSS = 8
/** struct memcg_stock_pcp: the memcg (0: none) that pages were charged to in advance, and how many. */
export const CPU_STOCK_MEMCG = 12
export const CPU_STOCK_PAGES = 13
/** Free page-table contents of this CPU: number + 1 of the first, linked through PT_FREE_NEXT; 0: none. */
export const CPU_PT_FREE = 14
/** Delays that this CPU has spent, in looks at the clock: shows that it is not stuck. */
export const CPU_DELAYS = 15
export const CPU_EVENTS = 16
export const CPU_VMSTAT = 80
/** The list head of deferred_split_scan: folios that it has taken off their queue. */
export const CPU_SPLIT_LIST = 108
/** struct mmu_gather: one per CPU, for a CPU tears down one mm at a time. */
export const TLB_MM = 110
export const TLB_START = 111
export const TLB_END = 112
export const TLB_FULLMM = 113
export const TLB_FREED_TABLES = 114
export const TLB_DELAYED_RMAP = 115
export const TLB_CLEARED = 116
export const TLB_VMA_PFN = 117
export const TLB_BATCH_COUNT = 118
export const TLB_ACTIVE = 119
export const TLB_RANGE_LIMIT = 120
export const TLB_RMAP_PEND = 121
export const TLB_RMAP_PEND_FIRST = 122
export const TLB_NEXT_FRAME = 123
/** Folios that shrink_inactive_list has taken off their list: the first node, linked by next; 0: none. */
export const CPU_ISOLATED = 124
/** State of the numbers that the intervals of need_resched() are drawn from. */
export const CPU_RESCHED_STATE = 125
/** cpu_tlbstate: what a flush of the mm that is torn down finds on this CPU. */
export const CPU_TLB_STATE = 126
export const TLB_STATE_LOADED = 0
/** enter_lazy_tlb: the task exits. */
export const TLB_STATE_LAZY = 1
/** It found the CPU lazy, which has switched to init_mm: later ones do not reach it. */
export const TLB_STATE_LEFT = 2
/** Bits of TLB_CLEARED: cleared_ptes, cleared_pmds, cleared_puds, cleared_p4ds. */
export const CLEARED_PTES = 1
export const CLEARED_PMDS = 2
export const CLEARED_PUDS = 4
export const CLEARED_P4DS = 8
/** struct per_cpu_pages. */
export const PCP_LOCK = 128
export const PCP_COUNT = 129
export const PCP_HIGH = 130
export const PCP_BATCH = 131
/** Up to v6.6: log2 of the batches that the next bulk free takes. */
export const PCP_FREE_FACTOR = 132
/** From v6.7 on: pages freed since allocations last halved it. */
export const PCP_FREE_COUNT = 133
export const PCP_ALLOC_FACTOR = 134
export const PCP_HIGH_MIN = 135
export const PCP_HIGH_MAX = 136
export const PCP_FLAGS = 137
export const PCPF_PREV_FREE_HIGH_ORDER = 1
export const PCPF_FREE_HIGH_BATCH = 2
export const PCP_LISTS = 144
/** MCS nodes, one line for each level of nesting: next (address of the next node), locked. */
export const CPU_MCS_NODES = 176
export const MCS_NEXT = 0
export const MCS_LOCKED = 1
export const MCS_NESTING_MAX = 4
/** Lock statistics, LOCKSTAT_WORDS for each class. 64-bit sums take two words, low first. */
export const CPU_LOCKSTAT = 240
export const LOCKSTAT_WORDS = 16
export const LS_ACQUISITIONS = 0
export const LS_CONTENDED = 1
export const LS_SPINS = 2
export const LS_WAIT_TOTAL = 4
export const LS_WAIT_MIN = 6
export const LS_WAIT_MAX = 7
export const LS_HOLD_SAMPLES = 8
export const LS_HOLD_TOTAL = 10
export const LS_HOLD_MIN = 12
export const LS_HOLD_MAX = 13
/** Histograms of wait and hold time for each class (metrics/histogram.ts has the buckets). */
export const CPU_HISTOGRAMS = 336
export const HISTOGRAM_WORDS = 240
/** The rest has sizes that depend on tunables; see limits.ts: local batch, folio batches, table batch, batch frames. */
export const CPU_FIXED_WORDS = 3216

/** struct mmu_gather_batch: next, nr, max, the page it lies in (0: none), then the slots. */
export const BATCH_NEXT = 0
export const BATCH_NR = 1
export const BATCH_MAX = 2
export const BATCH_PAGE = 3
export const BATCH_SLOTS = 4
/** Words in a slot of the range strategies (start, end); an encoded page takes one. */
export const RANGE_WORDS = 2
export const RANGE_START = 0
export const RANGE_END = 1
/** ENCODED_PAGE_BIT_DELAY_RMAP: an encoded page is the page's address times 2 plus this bit. */
export const ENCODED_PAGE_BIT_DELAY_RMAP = 1
/** From v6.9 on: the next slot holds the number of pages, shifted by ENCODED_NR_PAGES_SHIFT. (Addresses of pages are even.) */
export const ENCODED_PAGE_BIT_NR_PAGES_NEXT = 2
export const ENCODED_NR_PAGES_SHIFT = 2

/** struct folio_batch: nr, then the folios. */
export const FBATCH_NR = 0
export const FBATCH_FOLIOS = 1

/** struct mmu_table_batch: nr, then the tables: (4096 - 24) / 8. */
export const MAX_TABLE_BATCH = 509
export const TABLE_BATCH_NR = 0
export const TABLE_BATCH_TABLES = 1

/* ---------------------------------------------------------------- swap */

export const SWAPFILE_CLUSTER = 512
/** Bit of a swap_map word: a swapcache folio owns the slot. */
export const SWAP_HAS_CACHE = 0x40000000

/* ---------------------------------------------------------------- control block */

/** At a fixed address; the engine's words and the run-fixed values that every thread reads when it attaches. */
export const CONTROL = 16
export const CTL_MAGIC = 0
export const CTL_LAYOUT_HASH = 1
export const CTL_WORDS_TOTAL = 2
/** Not 0: every CPU leaves at its next look. */
export const CTL_ABORT = 3
/** Start barrier: CPUs that have arrived; 1 in CTL_GO lets them run. */
export const CTL_ARRIVED = 4
export const CTL_GO = 5
/** deal: queue - the next process to take. */
export const CTL_NEXT_PROCESS = 6
export const CTL_DONE = 7
/** Of the first failed assertion: code, CPU + 1. */
export const CTL_BUG_CODE = 8
export const CTL_BUG_CPU = 9
export const CTL_GLOBALS = 16
/** vmstat items as populate left them; the CPUs' differences come on top. */
export const CTL_VMSTAT_BASE = 96
export const CONTROL_WORDS = 128

/** A worker's log ring: words written so far, then records (see log-ring.ts). */
export const LOG_RING_RECORDS = 64
export const LOG_RECORD_WORDS = 4
export const LOG_RING_WORDS = 272

export const MACHINE_MAGIC = 0x6d6d6731
