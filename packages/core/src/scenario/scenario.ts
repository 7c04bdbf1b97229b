/**
 * The scenario: what a machine looks like, which processes live on it, what they do and how they are torn down.
 *
 * Plain data, as it stands in a scenario file after parsing, with every default filled in: the same text describes a
 * preset, a file written by hand and a layout captured from a running process. Owns the types only; `schema.ts`
 * validates input against them, `machine/populate` builds them.
 *
 * Invariants of a parsed scenario: every name that is referred to exists, every VMA lies inside its process's address
 * space and does not overlap another, a file mapping ends within its file, PMD-mapped ranges consist of order-9 folios
 * aligned to 512 pages.
 */

/** The version tag that every scenario file carries. */
export const SCENARIO_SCHEMA = 'mmgather/scenario@1'

/**
 * Picks elements (pages of a VMA, or folios, as each key says) by their index, counted from 0.
 * `{ from, every, length }` picks index i when i >= from and (i - from) mod every < length.
 */
export type Selection = 'none' | 'all' | { from: number; every: number; length: number }

/** Physical folios in a row: `count` folios of 2^order pages; a list of these repeats until it covers what it fills. */
export interface FolioPattern {
  /** log2 of the pages in each folio, 0 to 10 (order 10 only where the strategy's kernel had it: MAX_ORDER is 10). */
  order: number
  count: number
  /** The memcg that these folios are charged to; absent: that of the process (or file). */
  memcg?: string
}

/** A page-cache object (or shmem object) that any process may map. The cache holds one reference per page. */
export interface FileObject {
  name: string
  pages: number
  folios: FolioPattern[]
  /** Swap-backed shared memory instead of a disk file: counted in MM_SHMEMPAGES, on the anonymous LRU lists. */
  shmem: boolean
  /** The memcg that its folios are charged to; default 'main'. */
  memcg: string
  /** Folios (by index in the file) whose PG_dirty is already set. */
  dirtyFolios: Selection
  /** Folios on the active instead of the inactive list. */
  active: Selection
  /** Folios with PG_referenced. */
  referenced: Selection
}

/**
 * Folios that the `runs` of VMAs refer to by number: ids `id` to `id + count - 1`, each of 2^order pages. One that nothing
 * refers to is held by one reference from outside.
 */
export interface NamedFolios {
  id: number
  count: number
  order: number
  /** What the folios hold; a file or shmem folio also has a page-cache reference per page. */
  kind: 'anon' | 'file' | 'shmem'
  /** The memcg that they are charged to; absent: 'main'. */
  memcg?: string
  /** On an LRU list (false: isolated, or waiting in some other CPU's batch). */
  lru: boolean
  active: boolean
  referenced: boolean
  dirty: boolean
  mlocked: boolean
  swapcache: boolean
  /** Mappings of every page by processes that are not in the scenario: they outlive the teardown. */
  mappedByOthers: number
  /** Further references that outlive the teardown (GUP pins, other CPUs' batches). */
  pins: number
}

/** Consecutive PTEs of a VMA that map consecutive pages, going on into the following folio ids. */
export interface Run {
  /** First page within the VMA. */
  at: number
  pages: number
  /** Id of the first folio. */
  folio: number
  /** First page within that folio. */
  page: number
  mapped: 'pte' | 'pmd'
  dirty: boolean
  young: boolean
}

/** Swap entries in consecutive PTEs of a VMA. */
export interface SwapRun {
  at: number
  pages: number
}

/** What every kind of VMA has. Selections of PTE-level keys count pages of the VMA, of folio-level keys its folios. */
interface VmaCommon {
  pages: number
  /**
   * Start, in pages from virtual address 0 (hex or decimal in files as bytes, `0x7f0000000000`); absent: the next
   * 2 MiB boundary after the VMA before it.
   */
  start?: number
  /** A label for people (a captured VMA's path); no meaning to the simulation. */
  label?: string
  /** PTEs that hold nothing. A folio none of whose pages is mapped anywhere is not created. PTE level. */
  holes: Selection
  /** PTEs that hold a swap entry in place of a page. PTE level. */
  swap: Selection
  /** PTEs that hold a migration entry. PTE level. */
  migration: Selection
  /** Accessed bit. PTE level (PMD level: the PMD's bit is set if any of its pages is selected). */
  young: Selection
  /** Dirty bit. PTE level (as `young` for PMDs). */
  dirty: Selection
  /** VM_LOCKED: rmap removal munlocks the folios (PG_mlocked set on all of them, on the unevictable list). */
  locked: boolean
  /** vma_has_recency(): false for VM_SEQ_READ and VM_RAND_READ mappings. */
  recency: boolean
  /** MADV-like hint that the mapping is shared with processes outside the scenario; see NamedFolios.mappedByOthers. */
  mappedByOthers: number
  /** Huge page mapping: `pmd` needs order-9 folios on 512-page boundaries, in the VMA and in the folio pattern. */
  mapped: 'pte' | 'pmd'
  /** The memcg of the task when it made the page tables under this VMA; absent: that of the process. */
  tableMemcg?: string
  /** Exact contents by named folios instead of a pattern; then the pattern keys have no meaning. */
  runs?: Run[]
  swapRuns?: SwapRun[]
}

/** Private anonymous memory. */
export interface AnonVma extends VmaCommon {
  kind: 'anon'
  folios: FolioPattern[]
  /** Folios with PG_mlocked although the VMA is not locked (the rare case of release_pages). Folio level. */
  mlocked: Selection
  /** Folios in the swap cache: PG_swapcache, one more reference per page. Folio level. */
  swapcache: Selection
  /** Of those, the folios whose slots other processes still refer to: folio_free_swap fails. Folio level. */
  swapcacheShared: Selection
  /** Folios on the active instead of the inactive list. Folio level. */
  active: Selection
  /** Folios not on any LRU list. Folio level. */
  isolated: Selection
  /** Folios with one more reference that outlives the teardown (a GUP pin). Folio level. */
  pinned: Selection
  /** PMDs (by index in the VMA) that map the huge zero page. Needs `mapped: pmd`. */
  hugeZero: Selection
}

/** A mapping of part of a FileObject (MAP_SHARED, or a private mapping never written to). */
export interface FileVma extends VmaCommon {
  kind: 'file'
  file: string
  /** First page of the file that is mapped. */
  offset: number
}

/** Pages of a device (ZONE_DEVICE), one struct page each; `order` > 0 makes large device folios. */
export interface DeviceVma extends VmaCommon {
  kind: 'device'
  folios: FolioPattern[]
  /** coherent: freed when the last reference goes; fsdax: the file system keeps the last one; private: not mapped, the PTEs hold device-private entries. */
  memory: 'coherent' | 'fsdax' | 'private'
}

/** PTEs without a struct page to account: the shared zero page (`zero`) or a VM_PFNMAP mapping (`pfnmap`). */
export interface SpecialVma extends VmaCommon {
  kind: 'zero' | 'pfnmap'
}

export type Vma = AnonVma | FileVma | DeviceVma | SpecialVma

/** munmap of part of one VMA, or the exit of the process. */
export type TeardownStep = { munmap: { vma: number; from: number; pages: number } } | 'exit'

/**
 * One step of a program: exactly one of the keys is there. VMAs are numbered: those of the process first, then one for
 * each mmap step in order of appearance (a forked child's included).
 */
export interface ProgramStep {
  /** Adds a private anonymous VMA at an address of its own (`program.ts`). */
  mmap?: MmapStep
  /** Accesses the pages of a range in order; those that are not there (or, for a write, not writable) fault. */
  touch?: { vma: number; from: number; pages?: number; write: boolean }
  /** Unmaps part of a VMA; absent `pages`: to its end. */
  munmap?: { vma: number; from: number; pages?: number }
  /** User time. */
  delay?: { ns: number }
  /** A child with a copy of the address space runs its program and exits on the same CPU; the parent waits. */
  fork?: { program: ProgramStep[] }
  repeat?: { times: number; steps: ProgramStep[] }
  /** A background actor: isolates folios from the tail of a memcg's inactive anonymous list, and puts them back. */
  reclaim?: { memcg: string; rounds: number; pauseNs: number }
  /** Another thread of process number `process` accesses pages of it through this CPU's TLB, up to the first that faults. */
  access?: PlaceOfProcess & { pages?: number; write: boolean }
  /** MADV_DONTNEED of part of a VMA, of this process or (process_madvise) of another. */
  dontneed?: { process?: number; vma: number; from: number; pages?: number }
  /** Cleans a file page for writeback (folio_clear_dirty_for_io), by the place at which a process maps it from the start. */
  writeback?: PlaceOfProcess
  /** A pass of deferred_split_scan over the queue of a memcg; no folio is split. */
  splitScan?: { memcg: string }
}

/** A page of a process of an earlier group: `from` pages from the start of a VMA that is there from the start. */
export interface PlaceOfProcess {
  process: number
  vma: number
  from: number
}

export interface MmapStep {
  pages: number
  /** Order of the folios that faults allocate where they fit. */
  order: number
  /** The memcg that its folios are charged to; absent: that of the process. */
  memcg?: string
}

/** `count` processes of one shape. */
export interface ProcessGroup {
  name: string
  count: number
  /** Each group of this many neighbouring processes maps the same anonymous folios, as after fork. */
  share: number
  /** 'root', or a name; `a/b` is a child of `a` (both are created on first mention). */
  memcg: string
  /**
   * pending: each process has touched its anonymous and shared memory on its CPU, in the order of `vmas`, after that CPU's
   * lru_add batch was empty; the folios of order 0 that are still in the batch are on no LRU list yet, and held by it.
   */
  lruAdd: 'drained' | 'pending'
  /**
   * CPUs in mm_cpumask: the process's own and those that follow it, where other threads of it are in user mode; a TLB
   * flush interrupts them. (What those threads do is not simulated.)
   */
  cpumask: number
  vmas: Vma[]
  /** What each process does before its teardown. */
  program?: ProgramStep[]
  /** The program ends once all processes of other groups are done; such a process has a CPU of its own, one of the last. */
  background: boolean
  /** Absent: the scenario's. */
  teardown?: 'exit' | TeardownStep[]
}

/** `count` blocks of 2^order pages. */
export interface PcpList {
  order: 0 | 1 | 2 | 3 | 9
  count: number
}

export interface PcpConfig {
  /** pages moved to or from the buddy allocator at a time; absent: as the kernel computes it from `memory` (zone_batchsize). */
  batch?: number
  /** count at which pages go back; absent: as the kernel computes it from `memory` and `cpus` (zone_highsize). */
  high?: number
  /** From v6.7 on `high` adapts between these; absent: `high` if that alone is given, else as the kernel computes them. */
  highMin?: number
  highMax?: number
  /** order-0 pages on each CPU's list before the run (of unmovable memory: what the kernel's own pages come from). */
  count: number
  /** Blocks of user memory on each CPU's lists before the run. */
  lists: PcpList[]
  /** log2 of the batches that the first bulk free takes, up to v6.6; each allocation halves it. */
  freeFactor: number
  /** Pages freed since the last allocation, from v6.7 on; each allocation halves it. */
  freeCount: number
  /** PCPF_FREE_HIGH_BATCH, from v6.7 on: blocks of order 1 to 3 go back at once only while the lists hold a batch. */
  freeHighBatch: boolean
  /** kernel: nr_pcp_free's rule. all: the list is emptied whenever it reaches `high` (models without hysteresis). */
  drain: 'kernel' | 'all'
}

/**
 * In PFN order, reversed, shuffled by the seed, or in this order of sections; those that it does not name follow in PFN
 * order.
 */
export type SectionPlacement = 'sequential' | 'reversed' | 'shuffled' | number[]

export interface MachineConfig {
  cpus: number
  /** How a PFN becomes the address of its struct page. */
  memmap: 'flatmem' | 'vmemmap' | 'sparsemem'
  /**
   * log2 of the bytes in a section of sparsemem (x86-64: 27). Below 22 a section is smaller than the largest folio, which
   * no kernel allows its buddy allocator: free blocks end with the section, and a larger folio's struct pages lie apart.
   */
  sectionSizeBits: number
  /** Where sections' memmap chunks lie in sparsemem. */
  sectionPlacement: SectionPlacement
  /** gathered: page-table pages go through the mmu_gather as order-0 records; separate: CONFIG_MMU_GATHER_TABLE_FREE. */
  pageTables: 'gathered' | 'separate'
  lock: 'ttas' | 'ticket' | 'qspinlock'
  /** static: process p runs on CPU p mod cpus; queue: a CPU takes the next process when it is done with one. */
  deal: 'static' | 'queue'
  /** 0: one lruvec per memcg; L > 0: the memcgs share L lruvecs, round robin in order of first mention. */
  lruvecs: number
  /** CONFIG_SWAP. */
  swap: boolean
  /** init_on_free: freed pages are zeroed, and a call that frees handles fewer of them (v6.9). */
  initOnFree: boolean
  /** Pages in each CPU's memcg stock before the run, charged to the memcg of the CPU's first process (none for root). */
  memcgStock: number
  /** Managed pages of the zone, from which batch and high are computed (the simulated pages themselves are as many as the processes need). */
  memory: number
  pcp: PcpConfig
  /**
   * pcp: the kernel's own pages (the gather's batch pages; page tables that are freed outside the gather) come from and
   * go to the per-CPU lists, as in the kernel; reserve: a reserve outside the zone.
   */
  gatherPages: 'pcp' | 'reserve'
  /** In which order folios take PFNs: as created, shuffled by the seed, or fragmented (free holes between them). */
  placement: 'sequential' | 'shuffled' | 'fragmented'
}

/** Kernel constants as axes. An absent one has the value of the strategy's kernel. */
export interface Tunables {
  swapClusterMax: number
  pagevecSize?: number
  mmuGatherBundle: number
  maxGatherBatch?: number
  maxGatherBatchCount?: number
  /** slots handed to one call of the freeing function (512). */
  freeChunk: number
  /** Which anonymous folios may be queued for deferred split. Absent: the strategy's rule. */
  deferredSplit?: 'pmd' | 'large'
  /** PMD-sized anonymous folios are on the deferred split queue before the run (underused THPs). Absent: as in the strategy's kernel. */
  thpQueuedAtFault?: boolean
  /** Batch-page allocations that succeed in each gather; absent: all up to the cap. */
  batchPagesMax?: number
  /** need_resched() is true at every n-th question of a CPU; 0: never. */
  needReschedEvery: number
  /** need_resched() is true after intervals drawn from the seed, uniformly from 1 to 2 * mean - 1 questions; 0: never. */
  needReschedMean: number
}

export interface Scenario {
  schema: typeof SCENARIO_SCHEMA
  name: string
  description: string
  /** A strategy id (`linux-6.5-laf`) . */
  strategy: string
  seed: number
  machine: MachineConfig
  tunables: Tunables
  files: FileObject[]
  folios: NamedFolios[]
  processes: ProcessGroup[]
  teardown: 'exit' | TeardownStep[]
}
