/**
 * The scenario as people write it: every key that has a default may be left out, `start` is an address in bytes.
 *
 * Owns the types of the input form; `scenario.ts` has what the keys mean and the form after parsing. `schema.ts` proves
 * at compile time that these types and the schema are the same.
 */
import type { SCENARIO_SCHEMA } from './scenario.ts'

/** `from` defaults to 0, `length` to 1. */
export type SelectionInput =
  | 'none'
  | 'all'
  | { from?: number | undefined; every: number; length?: number | undefined }

/** Defaults: order 0, count 1. */
export interface FolioPatternInput {
  order?: number | undefined
  count?: number | undefined
  memcg?: string
}

/** Defaults: order-0 folios, not shmem, memcg main, no selections. */
export interface FileObjectInput {
  name: string
  pages: number
  folios?: FolioPatternInput[] | undefined
  shmem?: boolean | undefined
  memcg?: string | undefined
  dirtyFolios?: SelectionInput | undefined
  active?: SelectionInput | undefined
  referenced?: SelectionInput | undefined
}

/** Defaults: one anonymous order-0 folio on the inactive LRU list, nothing else set. */
export interface NamedFoliosInput {
  id: number
  count?: number | undefined
  order?: number | undefined
  kind?: 'anon' | 'file' | 'shmem' | undefined
  memcg?: string
  lru?: boolean | undefined
  active?: boolean | undefined
  referenced?: boolean | undefined
  dirty?: boolean | undefined
  mlocked?: boolean | undefined
  swapcache?: boolean | undefined
  mappedByOthers?: number | undefined
  pins?: number | undefined
}

/** Defaults: from page 0 of the folio, by PTEs, neither dirty nor young. */
export interface RunInput {
  at: number
  pages: number
  folio: number
  page?: number | undefined
  mapped?: 'pte' | 'pmd' | undefined
  dirty?: boolean | undefined
  young?: boolean | undefined
}

export interface SwapRunInput {
  at: number
  pages: number
}

/** Keys of every kind of VMA. Defaults: selections none, not locked, recency true, mapped by PTEs. */
export interface VmaCommonInput {
  pages: number
  /** First byte, a multiple of 4096: `0x7f0000000000` as text, or a number. */
  start?: string | number
  label?: string
  holes?: SelectionInput | undefined
  swap?: SelectionInput | undefined
  migration?: SelectionInput | undefined
  young?: SelectionInput | undefined
  dirty?: SelectionInput | undefined
  locked?: boolean | undefined
  recency?: boolean | undefined
  mappedByOthers?: number | undefined
  mapped?: 'pte' | 'pmd' | undefined
  tableMemcg?: string
  runs?: RunInput[]
  swapRuns?: SwapRunInput[]
}

export interface AnonVmaInput extends VmaCommonInput {
  kind: 'anon'
  folios?: FolioPatternInput[] | undefined
  mlocked?: SelectionInput | undefined
  swapcache?: SelectionInput | undefined
  swapcacheShared?: SelectionInput | undefined
  active?: SelectionInput | undefined
  isolated?: SelectionInput | undefined
  pinned?: SelectionInput | undefined
  hugeZero?: SelectionInput | undefined
}

export interface FileVmaInput extends VmaCommonInput {
  kind: 'file'
  file: string
  offset?: number | undefined
}

/** Default memory: coherent. */
export interface DeviceVmaInput extends VmaCommonInput {
  kind: 'device'
  folios?: FolioPatternInput[] | undefined
  memory?: 'coherent' | 'fsdax' | 'private' | undefined
}

export interface SpecialVmaInput extends VmaCommonInput {
  kind: 'zero' | 'pfnmap'
}

export type VmaInput = AnonVmaInput | FileVmaInput | DeviceVmaInput | SpecialVmaInput

/** `from` defaults to 0. */
export type TeardownStepInput =
  | 'exit'
  | { munmap: { vma: number; from?: number | undefined; pages: number } }

export type TeardownInput = 'exit' | TeardownStepInput[]

/** Exactly one of the keys. Defaults: order-0 folios, from page 0 to the end, by writing, no pause. */
export interface ProgramStepInput {
  mmap?: MmapStepInput
  touch?: { vma: number; from?: number | undefined; pages?: number; write?: boolean | undefined }
  munmap?: { vma: number; from?: number | undefined; pages?: number }
  delay?: { ns: number }
  fork?: { program: ProgramStepInput[] }
  repeat?: { times: number; steps: ProgramStepInput[] }
  reclaim?: { memcg: string; rounds: number; pauseNs?: number | undefined }
  access?: {
    process: number
    vma?: number | undefined
    from?: number | undefined
    pages?: number
    write?: boolean | undefined
  }
  dontneed?: {
    process?: number
    vma?: number | undefined
    from?: number | undefined
    pages?: number
  }
  writeback?: { process: number; vma?: number | undefined; from?: number | undefined }
  splitScan?: { memcg: string }
}

export interface MmapStepInput {
  pages: number
  order?: number | undefined
  memcg?: string
}

/** Defaults: one process named p in memcg main, sharing nothing. Without `vmas` it needs a program. */
export interface ProcessGroupInput {
  name?: string | undefined
  count?: number | undefined
  share?: number | undefined
  memcg?: string | undefined
  lruAdd?: 'drained' | 'pending' | undefined
  cpumask?: number | undefined
  vmas?: VmaInput[] | undefined
  program?: ProgramStepInput[]
  background?: boolean | undefined
  teardown?: TeardownInput
}

/** Default: order 0. */
export interface PcpListInput {
  order?: 0 | 1 | 2 | 3 | 9 | undefined
  count: number
}

export interface PcpConfigInput {
  batch?: number
  high?: number
  highMin?: number
  highMax?: number
  count?: number | undefined
  lists?: PcpListInput[] | undefined
  freeFactor?: number | undefined
  freeCount?: number | undefined
  freeHighBatch?: boolean | undefined
  drain?: 'kernel' | 'all' | undefined
}

export interface MachineConfigInput {
  cpus?: number | undefined
  memmap?: 'flatmem' | 'vmemmap' | 'sparsemem' | undefined
  sectionSizeBits?: number | undefined
  sectionPlacement?: 'sequential' | 'reversed' | 'shuffled' | number[] | undefined
  pageTables?: 'gathered' | 'separate' | undefined
  lock?: 'ttas' | 'ticket' | 'qspinlock' | undefined
  deal?: 'static' | 'queue' | undefined
  lruvecs?: number | undefined
  swap?: boolean | undefined
  initOnFree?: boolean | undefined
  memcgStock?: number | undefined
  memory?: number | undefined
  pcp?: PcpConfigInput | undefined
  gatherPages?: 'pcp' | 'reserve' | undefined
  placement?: 'sequential' | 'shuffled' | 'fragmented' | undefined
}

export interface TunablesInput {
  swapClusterMax?: number | undefined
  pagevecSize?: number
  mmuGatherBundle?: number | undefined
  maxGatherBatch?: number
  maxGatherBatchCount?: number
  freeChunk?: number | undefined
  deferredSplit?: 'pmd' | 'large'
  thpQueuedAtFault?: boolean
  batchPagesMax?: number
  needReschedEvery?: number | undefined
  needReschedMean?: number | undefined
}

/** What `parseScenario` accepts: the content of a scenario file. */
export interface ScenarioInput {
  schema: typeof SCENARIO_SCHEMA
  name?: string | undefined
  description?: string | undefined
  strategy?: string | undefined
  seed?: number | undefined
  machine?: MachineConfigInput | undefined
  tunables?: TunablesInput | undefined
  files?: FileObjectInput[] | undefined
  folios?: NamedFoliosInput[] | undefined
  processes: ProcessGroupInput[]
  teardown?: TeardownInput | undefined
}

/** Values that replace those of a scenario; absent or undefined: the scenario's own. What each does: `overrides.ts`. */
export interface ScenarioOverrides {
  strategy?: string | undefined
  cpus?: number | undefined
  processes?: number | undefined
  pages?: number | undefined
  order?: number | undefined
  share?: number | undefined
  mapped?: 'pte' | 'pmd' | undefined
  lruvecs?: number | undefined
  swapClusterMax?: number | undefined
  lock?: 'ttas' | 'ticket' | 'qspinlock' | undefined
  pageTables?: 'gathered' | 'separate' | undefined
  teardown?: 'exit' | 'munmap' | undefined
  seed?: number | undefined
}
