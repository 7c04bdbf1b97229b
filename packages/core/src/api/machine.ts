/**
 * @mmgather/core/machine: the words of a machine, for strategies that users bring: plain accesses, the layout, counters,
 * accessors of pages, page tables and lists, and the values that are fixed for a run.
 *
 * What belongs to whoever runs the text (binding a machine, its bare words) is not here.
 */

export { load, store } from '../machine/memory.ts'
export * from '../machine/bugs.ts'
export * from '../machine/counters.ts'
export * from '../machine/layout.ts'
export * from '../machine/layout-programs.ts'
export * from '../machine/folio-mm-slots.ts'
export * from '../machine/list.ts'
export * from '../machine/page.ts'
export * from '../machine/pgtable.ts'
export * from '../machine/work.ts'
export {
  NR_CPUS,
  CPU_BASE,
  CPU_STRIDE,
  MEMMAP,
  NR_PFNS,
  SPARSE,
  PFN_SECTION_SHIFT,
  MAX_PAGE_ORDER,
  SECTION_CHUNK,
  CHUNK_SECTION,
  ZONE,
  MEMCG_BASE,
  NR_MEMCGS,
  SPLIT_QUEUE_BASE,
  LRUVEC_BASE,
  NR_LRUVECS,
  MM_BASE,
  MM_STRIDE,
  NR_PROCESSES,
  NR_FOREGROUND,
  NR_CHILD_MMS,
  PROGRAMS,
  PT_BASE,
  NR_PT,
  PT_FREE_NEXT,
  SWAP_MAP,
  NR_SWAP_SLOTS,
  SWAP_CLUSTER_LOCKS,
  FOLIO_SWAP,
  LOG_RINGS,
  CPU_LOCAL_BATCH,
  CPU_ACTIVATE_BATCH,
  CPU_ADD_BATCH,
  CPU_MLOCK_BATCH,
  CPU_TABLE_BATCH,
  CPU_FREE_BATCH,
  CPU_BATCH_FRAMES,
  BATCH_FRAME_WORDS,
  NR_BATCH_FRAMES,
  LOCK_KIND,
  DEAL_QUEUE,
  CONFIG_SWAP,
  TABLE_FREE,
  LARGE_MAPCOUNT,
  NO_PAGE_MAPCOUNT,
  FOLIO_MM_SLOTS,
  FOLIO_BATCH_FREE,
  LRU_ADD_DRAIN,
  SPLIT_LOCK_AT_FREE,
  INIT_ON_FREE,
  GATHER_PAGES_RESERVE,
  PCP_DRAIN_ALL,
  PCP_BATCH_SCALE_MAX,
  PCP_COUNTS_FREES,
  PUD_TABLES_COUNTED,
  DEFERRED_SPLIT_PMD,
  SWAP_CLUSTER_MAX,
  PAGEVEC_SIZE,
  MMU_GATHER_BUNDLE,
  MAX_GATHER_BATCH,
  MAX_GATHER_BATCH_COUNT,
  FREE_CHUNK,
  BATCH_PAGES_MAX,
  NEED_RESCHED_EVERY,
  NEED_RESCHED_MEAN,
} from '../machine/globals.ts'
