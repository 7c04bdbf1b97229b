/**
 * Values that a run fixes: where the regions lie, the tunables, the configuration.
 *
 * Each is a word of the control block, written once by createMachine and read by every thread when it binds the
 * machine; to the kernel text they are constants.
 */

import { CONTROL, CTL_GLOBALS } from './layout.ts'

/** CPUs of the machine. */
export let NR_CPUS = 0
/** First per-CPU block. */
export let CPU_BASE = 0
/** Words from one per-CPU block to the next. */
export let CPU_STRIDE = 0
/** struct page of the first page of the first memmap chunk. */
export let MEMMAP = 0
/** Page frames, from PFN 0. */
export let NR_PFNS = 0
/** 1: memmap chunks per section (SPARSEMEM without VMEMMAP); 0: page address = MEMMAP + PFN * PAGE_WORDS. */
export let SPARSE = 0
/** log2 of the pages in a section. */
export let PFN_SECTION_SHIFT = 0
/** The largest order of a free block: MAX_ORDER, or less where a section is smaller. Larger folios cross sections. */
export let MAX_PAGE_ORDER = 0
/** Table: section number to the address of its memmap chunk. */
export let SECTION_CHUNK = 0
/** Table: chunk number (from MEMMAP on, in address order) to its section number. */
export let CHUNK_SECTION = 0
/** The zone. */
export let ZONE = 0
/** struct mem_cgroup of memcg id 0 (which does not exist; id 1 is the root). */
export let MEMCG_BASE = 0
/** memcg ids in use are 1 to NR_MEMCGS. */
export let NR_MEMCGS = 0
/** deferred_split of the node; that of memcg id follows at id * SPLIT_QUEUE_WORDS. */
export let SPLIT_QUEUE_BASE = 0
/** First lruvec. */
export let LRUVEC_BASE = 0
/** Number of lruvecs. */
export let NR_LRUVECS = 0
/** First mm_struct. */
export let MM_BASE = 0
/** Words from one mm_struct to the next. */
export let MM_STRIDE = 0
/** Number of processes. */
export let NR_PROCESSES = 0
/** Of them, those that a run waits for: background processes come last. */
export let NR_FOREGROUND = 0
/** mm_structs of forked children, one for each CPU, behind those of the processes; 0: nothing forks. */
export let NR_CHILD_MMS = 0
/** 1: some process runs a program, so the machine can fault. */
export let PROGRAMS = 0
/** First page-table content (512 words each). */
export let PT_BASE = 0
/** Page-table contents. */
export let NR_PT = 0
/** One word for each page-table content: number + 1 of the free one behind it. */
export let PT_FREE_NEXT = 0
/** swap_map: one word for each slot, the references to it. */
export let SWAP_MAP = 0
/** Swap slots (slot 0 is never used). */
export let NR_SWAP_SLOTS = 0
/** One lock word for every SWAPFILE_CLUSTER slots, each on its own line. */
export let SWAP_CLUSTER_LOCKS = 0
/** Slots of swapcache folios, one word for each PFN; 0: the machine has no swapcache. */
export let FOLIO_SWAP = 0
/** Log ring of CPU 0; LOG_RING_WORDS each. @public Read from a machine's globals. */
export let LOG_RINGS = 0
/** Offset in the per-CPU block: the local batch of the gather. */
export let CPU_LOCAL_BATCH = 0
/** Offset in the per-CPU block: cpu_fbatches.activate. */
export let CPU_ACTIVATE_BATCH = 0
/** Offset in the per-CPU block: cpu_fbatches.lru_add; 0: no folio is ever added. */
export let CPU_ADD_BATCH = 0
/** Offset in the per-CPU block: mlock_fbatch. */
export let CPU_MLOCK_BATCH = 0
/** Offset in the per-CPU block: the mmu_table_batch. */
export let CPU_TABLE_BATCH = 0
/** Offset in the per-CPU block: the folio_batch that frees, and behind it the references of each folio (v6.9). */
export let CPU_FREE_BATCH = 0
/** Offset in the per-CPU block: contents of gather batch pages. */
export let CPU_BATCH_FRAMES = 0
/** Words of one such content. */
export let BATCH_FRAME_WORDS = 0
/** Contents for each CPU. */
export let NR_BATCH_FRAMES = 0
/** 0 ttas, 1 ticket, 2 qspinlock. */
export let LOCK_KIND = 0
/** 1: CPUs take processes from a shared queue; 0: process p runs on CPU p mod NR_CPUS. */
export let DEAL_QUEUE = 0
/** 1: swap is configured. */
export let CONFIG_SWAP = 0
/** 1: CONFIG_MMU_GATHER_TABLE_FREE, page tables go through the mmu_table_batch; 0: through the gather. */
export let TABLE_FREE = 0
/** _large_mapcount: 0 none, 1 an atomic, 2 under the bit lock of the MM slots. */
export let LARGE_MAPCOUNT = 0
/** 1: CONFIG_NO_PAGE_MAPCOUNT. */
export let NO_PAGE_MAPCOUNT = 0
/** MM slots of large folios, one entry for two page frames; there only if LARGE_MAPCOUNT is 2. */
export let FOLIO_MM_SLOTS = 0
/** 1: references are dropped by folio_batch, 0: by release_pages. */
export let FOLIO_BATCH_FREE = 0
/** 1: lru_add_drain before each chunk is freed. */
export let LRU_ADD_DRAIN = 0
/** 1: freeing a large folio takes split_queue_lock whether it is queued or not. */
export let SPLIT_LOCK_AT_FREE = 0
/** 1: freed pages are zeroed (init_on_free) or poisoned. */
export let INIT_ON_FREE = 0
/** 1: batch pages come from a reserve outside the zone. */
export let GATHER_PAGES_RESERVE = 0
/** 1: a pcp list that reaches high is emptied. */
export let PCP_DRAIN_ALL = 0
/** Bulk frees of pcp lists grow to batch << this at most. */
export let PCP_BATCH_SCALE_MAX = 0
/** 1: bulk frees take what was freed since the last allocations, and high adapts (v6.7); 0: they double each time. */
export let PCP_COUNTS_FREES = 0
/** 1: NR_PAGETABLE counts PUD pages too. */
export let PUD_TABLES_COUNTED = 0
/** Deferred split: 1 only PMD-mappable folios, 0 any large folio, -1 the strategy's rule. */
export let DEFERRED_SPLIT_PMD = 0
/** Entries examined in one lruvec or pcp lock hold. */
export let SWAP_CLUSTER_MAX = 0
/** Capacity of the per-CPU folio batches. */
export let PAGEVEC_SIZE = 0
/** Slots of the local batch. */
export let MMU_GATHER_BUNDLE = 0
/** Slots of a page-sized batch. */
export let MAX_GATHER_BATCH = 0
/** Page-sized batches of one gather at most. */
export let MAX_GATHER_BATCH_COUNT = 0
/** Slots handed to the freeing function at most (512). */
export let FREE_CHUNK = 0
/** Batch-page allocations that succeed in a gather. */
export let BATCH_PAGES_MAX = 0
/** need_resched() is true at every n-th question; 0: never. */
export let NEED_RESCHED_EVERY = 0
/** need_resched() is true at every n-th question in the mean, by the seed; 0: never. */
export let NEED_RESCHED_MEAN = 0

/** Their names, in the order of their words from CTL_GLOBALS on. */
export const GLOBAL_NAMES = [
  'NR_CPUS',
  'CPU_BASE',
  'CPU_STRIDE',
  'MEMMAP',
  'NR_PFNS',
  'SPARSE',
  'PFN_SECTION_SHIFT',
  'MAX_PAGE_ORDER',
  'SECTION_CHUNK',
  'CHUNK_SECTION',
  'ZONE',
  'MEMCG_BASE',
  'NR_MEMCGS',
  'SPLIT_QUEUE_BASE',
  'LRUVEC_BASE',
  'NR_LRUVECS',
  'MM_BASE',
  'MM_STRIDE',
  'NR_PROCESSES',
  'NR_FOREGROUND',
  'NR_CHILD_MMS',
  'PROGRAMS',
  'PT_BASE',
  'NR_PT',
  'PT_FREE_NEXT',
  'SWAP_MAP',
  'NR_SWAP_SLOTS',
  'SWAP_CLUSTER_LOCKS',
  'FOLIO_SWAP',
  'LOG_RINGS',
  'CPU_LOCAL_BATCH',
  'CPU_ACTIVATE_BATCH',
  'CPU_ADD_BATCH',
  'CPU_MLOCK_BATCH',
  'CPU_TABLE_BATCH',
  'CPU_FREE_BATCH',
  'CPU_BATCH_FRAMES',
  'BATCH_FRAME_WORDS',
  'NR_BATCH_FRAMES',
  'LOCK_KIND',
  'DEAL_QUEUE',
  'CONFIG_SWAP',
  'TABLE_FREE',
  'LARGE_MAPCOUNT',
  'NO_PAGE_MAPCOUNT',
  'FOLIO_MM_SLOTS',
  'FOLIO_BATCH_FREE',
  'LRU_ADD_DRAIN',
  'SPLIT_LOCK_AT_FREE',
  'INIT_ON_FREE',
  'GATHER_PAGES_RESERVE',
  'PCP_DRAIN_ALL',
  'PCP_BATCH_SCALE_MAX',
  'PCP_COUNTS_FREES',
  'PUD_TABLES_COUNTED',
  'DEFERRED_SPLIT_PMD',
  'SWAP_CLUSTER_MAX',
  'PAGEVEC_SIZE',
  'MMU_GATHER_BUNDLE',
  'MAX_GATHER_BATCH',
  'MAX_GATHER_BATCH_COUNT',
  'FREE_CHUNK',
  'BATCH_PAGES_MAX',
  'NEED_RESCHED_EVERY',
  'NEED_RESCHED_MEAN',
] as const

export type GlobalName = (typeof GLOBAL_NAMES)[number]
export type Globals = Record<GlobalName, number>

/** Reads the values from the control block into this thread. */
export function bindGlobals(mem: Int32Array): void {
  let at = CONTROL + CTL_GLOBALS
  const next = (): number => mem[at++] as number
  NR_CPUS = next()
  CPU_BASE = next()
  CPU_STRIDE = next()
  MEMMAP = next()
  NR_PFNS = next()
  SPARSE = next()
  PFN_SECTION_SHIFT = next()
  MAX_PAGE_ORDER = next()
  SECTION_CHUNK = next()
  CHUNK_SECTION = next()
  ZONE = next()
  MEMCG_BASE = next()
  NR_MEMCGS = next()
  SPLIT_QUEUE_BASE = next()
  LRUVEC_BASE = next()
  NR_LRUVECS = next()
  MM_BASE = next()
  MM_STRIDE = next()
  NR_PROCESSES = next()
  NR_FOREGROUND = next()
  NR_CHILD_MMS = next()
  PROGRAMS = next()
  PT_BASE = next()
  NR_PT = next()
  PT_FREE_NEXT = next()
  SWAP_MAP = next()
  NR_SWAP_SLOTS = next()
  SWAP_CLUSTER_LOCKS = next()
  FOLIO_SWAP = next()
  LOG_RINGS = next()
  CPU_LOCAL_BATCH = next()
  CPU_ACTIVATE_BATCH = next()
  CPU_ADD_BATCH = next()
  CPU_MLOCK_BATCH = next()
  CPU_TABLE_BATCH = next()
  CPU_FREE_BATCH = next()
  CPU_BATCH_FRAMES = next()
  BATCH_FRAME_WORDS = next()
  NR_BATCH_FRAMES = next()
  LOCK_KIND = next()
  DEAL_QUEUE = next()
  CONFIG_SWAP = next()
  TABLE_FREE = next()
  LARGE_MAPCOUNT = next()
  NO_PAGE_MAPCOUNT = next()
  FOLIO_MM_SLOTS = next()
  FOLIO_BATCH_FREE = next()
  LRU_ADD_DRAIN = next()
  SPLIT_LOCK_AT_FREE = next()
  INIT_ON_FREE = next()
  GATHER_PAGES_RESERVE = next()
  PCP_DRAIN_ALL = next()
  PCP_BATCH_SCALE_MAX = next()
  PCP_COUNTS_FREES = next()
  PUD_TABLES_COUNTED = next()
  DEFERRED_SPLIT_PMD = next()
  SWAP_CLUSTER_MAX = next()
  PAGEVEC_SIZE = next()
  MMU_GATHER_BUNDLE = next()
  MAX_GATHER_BATCH = next()
  MAX_GATHER_BATCH_COUNT = next()
  FREE_CHUNK = next()
  BATCH_PAGES_MAX = next()
  NEED_RESCHED_EVERY = next()
  NEED_RESCHED_MEAN = next()
}

/** Writes the values into the control block of a new machine. */
export function writeGlobals(mem: Int32Array, values: Globals): void {
  GLOBAL_NAMES.forEach((name, i) => {
    mem[CONTROL + CTL_GLOBALS + i] = values[name]
  })
}
