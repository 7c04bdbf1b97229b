/**
 * Every capacity that a run needs, computed from the scenario before anything is allocated.
 *
 * Nothing allocates after set-up, so what limitsOf grants is what the run has. Invariant: regions follow one another,
 * each on a line boundary, and end at `totalWords`.
 */

import type { Scenario, SectionPlacement } from '../scenario/scenario.ts'
import { KERNEL_VALUES, type KernelValueName } from '../lib/kernel-values.ts'
import type { Globals } from './globals.ts'
import {
  BATCH_SLOTS,
  CONTROL,
  CONTROL_WORDS,
  CPU_FIXED_WORDS,
  LINE_WORDS,
  LOG_RING_WORDS,
  LRUVEC_WORDS,
  MAX_ORDER,
  MAX_TABLE_BATCH,
  MEMCG_WORDS,
  MM_CPUMASK,
  MM_SLOTS_WORDS,
  PAGE_WORDS,
  PTRS_PER_PTE,
  SPLIT_QUEUE_WORDS,
  STEP_WORDS,
  SWAPFILE_CLUSTER,
  VMA_WORDS,
  ZONE_WORDS,
} from './layout.ts'
import { LimitsError } from './limits-error.ts'
import type { ProgramSizes } from './program-sizes.ts'
import { countSizes, gib, roundUp, type Sizes } from './sizes.ts'

/** The integers of a strategy that its machine is made by. */
export const KERNEL_PARAMETERS = [
  'slotWords',
  'pagevecSize',
  'maxGatherBatch',
  'pcpBatchScaleMax',
  'pcpFreeCount',
  'pudTablesCounted',
  'largeAnonOrderMin',
  'batchPtes',
  'folioBatchFree',
  'lruAddDrain',
  'largeMapcount',
  'noPageMapcount',
  'thpQueuedAtFault',
  'splitLockAtFree',
] as const

/** What the strategy's kernel fixes. A Strategy has all of these. */
export type KernelParameters = { readonly id: string } & {
  readonly [name in (typeof KERNEL_PARAMETERS)[number]]: number
}

export interface Region {
  readonly name: string
  readonly start: number
  readonly words: number
}

export interface Limits {
  readonly totalWords: number
  readonly regions: readonly Region[]
  readonly globals: Globals
  /** Pages mapped by all processes together (a page that two map counts twice). */
  readonly mappedPages: number
  /** First PFN of device memory, one past the last PFN of the zone. */
  readonly zonePfns: number
  /** First PFN of the free areas, from which programs allocate. */
  readonly freePfn: number
  /** What programs need. */
  readonly programs: ProgramSizes
}

/** The largest buffer: word addresses times 4 must fit the 4 GiB of a 32-bit address space. */
export const BUFFER_WORDS_MAX: number = 2 ** 30

const GATHER_LIMIT = 10000

/** Computes the limits of a scenario. Throws LimitsError with the numbers if it cannot fit. */
export function limitsOf(scenario: Scenario, kernel: KernelParameters): Limits {
  const sizes = countSizes(scenario, kernel.pcpFreeCount)
  const cpu = cpuBlock(scenario, kernel, sizes)
  const { machine } = scenario
  const builder = new RegionBuilder()
  builder.add('control', CONTROL + CONTROL_WORDS)
  const cpuBase = builder.add('cpus', cpu.stride * machine.cpus)
  const logRings = builder.add('log rings', LOG_RING_WORDS * machine.cpus)
  const zone = builder.add('zone', ZONE_WORDS)
  const memcgBase = builder.add('memcgs', MEMCG_WORDS * (sizes.memcgs + 1))
  const splitQueueBase = builder.add(
    'deferred split queues',
    SPLIT_QUEUE_WORDS * (sizes.memcgs + 1),
  )
  const lruvecs = machine.lruvecs > 0 ? Math.min(machine.lruvecs, sizes.memcgs) : sizes.memcgs
  const lruvecBase = builder.add('lruvecs', LRUVEC_WORDS * lruvecs)
  const mmStride = roundUp(MM_CPUMASK + Math.ceil(machine.cpus / 32), LINE_WORDS)
  const mmBase = builder.add('mms', mmStride * (sizes.processes + sizes.children))
  builder.add('vmas', VMA_WORDS * sizes.vmas)
  builder.add('steps', STEP_WORDS * sizes.steps)
  builder.add('programs', sizes.programs.stepWords)
  const swapMap = builder.add('swap map', sizes.swapSlots)
  const clusterLocks = builder.add(
    'swap cluster locks',
    Math.ceil(sizes.swapSlots / SWAPFILE_CLUSTER) * LINE_WORDS,
  )
  const { memmapPfns, ...sections } = addSections(builder, scenario, sizes.pfns)
  const tables = addTables(builder, sizes)
  const memmap = builder.add('memmap', PAGE_WORDS * memmapPfns)
  const folioSwap = builder.add('swapcache slots', sizes.swapcache ? sizes.pfns : 0)
  const mmSlots = kernel.largeMapcount === 2 ? MM_SLOTS_WORDS * Math.ceil(sizes.pfns / 2) : 0
  const folioMmSlots = builder.add('MM slots', mmSlots)
  checkFits(builder, sizes)
  const globals: Globals = {
    NR_CPUS: machine.cpus,
    CPU_BASE: cpuBase,
    CPU_STRIDE: cpu.stride,
    MEMMAP: memmap,
    NR_PFNS: sizes.pfns,
    ...sections,
    ZONE: zone,
    MEMCG_BASE: memcgBase,
    NR_MEMCGS: sizes.memcgs,
    SPLIT_QUEUE_BASE: splitQueueBase,
    LRUVEC_BASE: lruvecBase,
    NR_LRUVECS: lruvecs,
    MM_BASE: mmBase,
    MM_STRIDE: mmStride,
    ...processCounts(sizes),
    ...tables,
    SWAP_MAP: swapMap,
    NR_SWAP_SLOTS: sizes.swapSlots,
    SWAP_CLUSTER_LOCKS: clusterLocks,
    FOLIO_SWAP: sizes.swapcache ? folioSwap : 0,
    FOLIO_MM_SLOTS: mmSlots > 0 ? folioMmSlots : 0,
    LOG_RINGS: logRings,
    ...cpu.values,
    ...configurationValues(scenario, kernel),
  }
  return {
    totalWords: builder.next,
    regions: builder.regions,
    globals,
    mappedPages: sizes.mappedPages,
    zonePfns: sizes.zonePfns,
    freePfn: sizes.freePfn,
    programs: sizes.programs,
  }
}

/**
 * Sections of sparsemem; none where the memmap is one piece. Where folios may be larger than a section, there is memory
 * behind the last chunk that a page pointer may run into.
 */
function addSections(builder: RegionBuilder, scenario: Scenario, pfns: number) {
  const { memmap, sectionSizeBits, sectionPlacement } = scenario.machine
  const shift = sectionSizeBits - 12
  const sections = memmap === 'sparsemem' ? Math.ceil(pfns / 2 ** shift) : 0
  const behind = shift < MAX_ORDER ? 2 ** MAX_ORDER : 0
  if (sections > 0) checkSections(sectionPlacement, sections)
  return {
    SECTION_CHUNK: builder.add('section chunks', sections),
    CHUNK_SECTION: builder.add('chunk sections', sections),
    SPARSE: sections > 0 ? 1 : 0,
    PFN_SECTION_SHIFT: shift,
    MAX_PAGE_ORDER: sections > 0 ? Math.min(MAX_ORDER, shift) : MAX_ORDER,
    memmapPfns: sections > 0 ? sections * 2 ** shift + behind : pfns,
  }
}

/** The sections that are named exist. */
function checkSections(placement: SectionPlacement, sections: number): void {
  if (typeof placement === 'string') return
  const missing = placement.find((section) => section >= sections)
  if (missing === undefined) return
  throw new LimitsError({
    field: 'machine.sectionPlacement',
    value: `section ${missing}`,
    allowed: `sections 0 to ${sections - 1}: the memory has no more`,
    hint: 'name sections that exist, or give the memory more folios',
  })
}

/** Page-table contents, and where programs allocate some, the links of the free ones. */
function addTables(builder: RegionBuilder, sizes: Sizes) {
  const linked = sizes.programs.stepWords > 0 ? sizes.tables : 0
  return {
    PT_FREE_NEXT: builder.add('free page tables', linked),
    PT_BASE: builder.add('page tables', PTRS_PER_PTE * sizes.tables),
    NR_PT: sizes.tables,
  }
}

function processCounts(sizes: Sizes) {
  return {
    NR_PROCESSES: sizes.processes,
    NR_FOREGROUND: sizes.foreground,
    NR_CHILD_MMS: sizes.children,
    PROGRAMS: sizes.programs.stepWords > 0 ? 1 : 0,
  }
}

/** The values that follow from the configuration and the tunables alone. */
function configurationValues(scenario: Scenario, kernel: KernelParameters) {
  const { machine, tunables } = scenario
  return {
    LOCK_KIND: ['ttas', 'ticket', 'qspinlock'].indexOf(machine.lock),
    DEAL_QUEUE: machine.deal === 'queue' ? 1 : 0,
    CONFIG_SWAP: machine.swap ? 1 : 0,
    TABLE_FREE: machine.pageTables === 'separate' ? 1 : 0,
    ...kernelValues(kernel),
    INIT_ON_FREE: machine.initOnFree ? 1 : 0,
    GATHER_PAGES_RESERVE: machine.gatherPages === 'reserve' ? 1 : 0,
    PCP_DRAIN_ALL: machine.pcp.drain === 'all' ? 1 : 0,
    DEFERRED_SPLIT_PMD:
      tunables.deferredSplit === undefined ? -1 : tunables.deferredSplit === 'pmd' ? 1 : 0,
    SWAP_CLUSTER_MAX: tunables.swapClusterMax,
    PAGEVEC_SIZE: tunables.pagevecSize ?? kernel.pagevecSize,
    MMU_GATHER_BUNDLE: tunables.mmuGatherBundle,
    FREE_CHUNK: tunables.freeChunk,
    NEED_RESCHED_EVERY: tunables.needReschedEvery,
    NEED_RESCHED_MEAN: tunables.needReschedMean,
  }
}

/** The values that the kernel alone decides. */
function kernelValues(kernel: KernelParameters): Record<KernelValueName, number> {
  const values = Object.entries(KERNEL_VALUES).map(([name, member]) => [name, kernel[member]])
  return Object.fromEntries(values) as Record<KernelValueName, number>
}

class RegionBuilder {
  next = 0
  readonly regions: Region[] = []

  /** A region of so many words; its address. */
  add(name: string, words: number): number {
    const start = this.next
    this.regions.push({ name, start, words })
    this.next = roundUp(start + words, LINE_WORDS)
    return start
  }
}

/** Are folios in lru_add batches when teardown starts? */
function hasPendingAdds({ processes }: Scenario): boolean {
  return processes.some(({ lruAdd }) => lruAdd === 'pending')
}

/** The parts of a per-CPU block whose size depends on tunables. */
function cpuBlock(scenario: Scenario, kernel: KernelParameters, sizes: Sizes) {
  const { tunables } = scenario
  const maxBatch = tunables.maxGatherBatch ?? kernel.maxGatherBatch
  const maxBatchCount =
    tunables.maxGatherBatchCount ?? Math.max(1, Math.floor(GATHER_LIMIT / maxBatch))
  const pagevec = tunables.pagevecSize ?? kernel.pagevecSize
  // pairs of slots close a batch one slot early
  const closesAt = maxBatch - kernel.batchPtes
  const nrFrames = Math.min(maxBatchCount, Math.ceil(sizes.entriesMax / closesAt) + 2)
  const frameWords = roundUp(BATCH_SLOTS + maxBatch * kernel.slotWords, LINE_WORDS)
  const localBatch = CPU_FIXED_WORDS
  const activateBatch = roundUp(
    localBatch + BATCH_SLOTS + tunables.mmuGatherBundle * kernel.slotWords,
    LINE_WORDS,
  )
  const mlockBatch = roundUp(activateBatch + 1 + pagevec, LINE_WORDS)
  const tableBatch = roundUp(mlockBatch + 1 + pagevec, LINE_WORDS)
  const addBatch = roundUp(tableBatch + 1 + MAX_TABLE_BATCH, LINE_WORDS)
  const adds = sizes.programs.stepWords > 0 || hasPendingAdds(scenario)
  const addBatchWords = adds ? 1 + pagevec : 0
  const freeBatch = roundUp(addBatch + addBatchWords, LINE_WORDS)
  const freeBatchWords = kernel.folioBatchFree === 0 ? 0 : 1 + 2 * pagevec
  const frames = roundUp(freeBatch + freeBatchWords, LINE_WORDS)
  const stride = roundUp(frames + nrFrames * frameWords, LINE_WORDS)
  const values = {
    CPU_LOCAL_BATCH: localBatch,
    CPU_ACTIVATE_BATCH: activateBatch,
    CPU_ADD_BATCH: adds ? addBatch : 0,
    CPU_MLOCK_BATCH: mlockBatch,
    CPU_TABLE_BATCH: tableBatch,
    CPU_FREE_BATCH: freeBatch,
    CPU_BATCH_FRAMES: frames,
    BATCH_FRAME_WORDS: frameWords,
    NR_BATCH_FRAMES: nrFrames,
    MAX_GATHER_BATCH: maxBatch,
    MAX_GATHER_BATCH_COUNT: maxBatchCount,
    BATCH_PAGES_MAX: tunables.batchPagesMax ?? maxBatchCount,
  }
  return { stride, values }
}

function checkFits(builder: RegionBuilder, sizes: Sizes): void {
  if (builder.next <= BUFFER_WORDS_MAX) return
  const largest = builder.regions.toSorted((a, b) => b.words - a.words).slice(0, 3)
  const parts = largest.map((r) => `${r.name} ${gib(r.words * 4)} GiB`).join(', ')
  throw new LimitsError({
    field: 'pages',
    value: `${gib(builder.next * 4)} GiB of state for ${sizes.pfns} page frames and ${sizes.processes} processes (${parts})`,
    allowed: `at most ${gib(BUFFER_WORDS_MAX * 4)} GiB`,
    hint: 'use fewer processes, pages or CPUs',
  })
}
