/**
 * The schema of a scenario file: keys, types, bounds and defaults. What ties several keys together (names that exist,
 * mappings that do not overlap) is in `check-scenario.ts`.
 *
 * Owns the zod schema. Invariants, proved at compile time at the end of the file: its input type is `ScenarioInput`, its
 * output type is `Scenario`.
 */
import * as z from 'zod'
import type { ScenarioInput, ScenarioOverrides } from './input.ts'
import { INT32_MAX, MAX_ORDER, MAX_PFNS, MAX_PROCESSES } from './limits.ts'
import { SCENARIO_SCHEMA, type Scenario } from './scenario.ts'
import {
  address,
  flag,
  int,
  label,
  list,
  map,
  memcg,
  name,
  often,
  oneOf,
  outside,
  pages,
  selection,
  text,
} from './schema-leaves.ts'
import { program } from './schema-program.ts'

const order = int(0, MAX_ORDER)
const none = selection.default('none')
const mapped = oneOf('pte', 'pmd')
const strategy = label(4096, 1)
const seed = int(0, INT32_MAX)
const cpus = int(1, 1024)
const processCount = int(1, MAX_PROCESSES)
const share = int(1, MAX_PROCESSES)
const lruvecs = int(0, 1024)
const lock = oneOf('ttas', 'ticket', 'qspinlock')
const pageTables = oneOf('gathered', 'separate')
const swapClusterMax = int(1, 2 ** 20)

const pattern = list(
  map({
    order: order.default(0).describe('log2 of the pages in each folio.'),
    count: int(1, MAX_PFNS).default(1).describe('Folios of this order in a row.'),
    memcg: memcg()
      .exactOptional()
      .describe('Charged to this memcg; absent: that of the process or file.'),
  }),
  1,
  MAX_PFNS,
)
  .meta({ id: 'FolioPattern' })
  .default([{ order: 0, count: 1 }])

const PATTERN_TEXT = 'Folios in a row; repeated until the pages are covered.'

const file = map({
  name: name().describe('What file mappings call it.'),
  pages: pages().describe('Length in pages.'),
  folios: pattern.describe(PATTERN_TEXT),
  shmem: flag()
    .default(false)
    .describe('Swap-backed shared memory (MM_SHMEMPAGES) instead of a disk file.'),
  memcg: memcg().default('main').describe('Its folios are charged to this memcg.'),
  dirtyFolios: none.describe('Folios whose PG_dirty is already set.'),
  active: none.describe('Folios on the active LRU list.'),
  referenced: none.describe('Folios with PG_referenced: one more access activates them.'),
})

const namedFolios = map({
  id: int(0, MAX_PFNS).describe('Id of the first; the others follow on.'),
  count: int(1, MAX_PFNS).default(1).describe('How many.'),
  order: order.default(0).describe('log2 of the pages in each.'),
  kind: oneOf('anon', 'file', 'shmem').default('anon').describe('What they hold.'),
  memcg: memcg().exactOptional().describe('Charged to this memcg; absent: main.'),
  lru: flag().default(true).describe('On an LRU list.'),
  active: flag().default(false).describe('On the active list.'),
  referenced: flag().default(false).describe('PG_referenced.'),
  dirty: flag().default(false).describe('PG_dirty.'),
  mlocked: flag().default(false).describe('PG_mlocked.'),
  swapcache: flag().default(false).describe('PG_swapcache, with a reference per page.'),
  mappedByOthers: outside()
    .default(0)
    .describe('Mappings of every page that outlive the teardown.'),
  pins: outside().default(0).describe('Further references that outlive the teardown.'),
})

const run = map({
  at: int(0, MAX_PFNS).describe('First page within the VMA.'),
  pages: pages().describe('Consecutive PTEs.'),
  folio: int(0, 2 * MAX_PFNS).describe('Id of the first folio.'),
  page: int(0, 2 ** MAX_ORDER - 1)
    .default(0)
    .describe('First page within that folio.'),
  mapped: mapped.default('pte').describe('By PTEs or, for order-9 folios, by PMDs.'),
  dirty: flag().default(false).describe('Dirty bit of these PTEs.'),
  young: flag().default(false).describe('Accessed bit of these PTEs.'),
})

const swapRun = map({
  at: int(0, MAX_PFNS).describe('First page within the VMA.'),
  pages: pages().describe('Consecutive swap entries.'),
})

const vmaCommon = {
  pages: pages().describe('Length in pages.'),
  start: address
    .exactOptional()
    .describe('First address, in bytes; absent: the next 2 MiB boundary after the VMA before it.'),
  label: label(4096).exactOptional().describe('For people; no meaning to the simulation.'),
  holes: none.describe('PTEs that hold nothing (pages of the VMA).'),
  swap: none.describe('PTEs that hold a swap entry (pages of the VMA).'),
  migration: none.describe('PTEs that hold a migration entry (pages of the VMA).'),
  young: none.describe('PTEs with the accessed bit (pages of the VMA).'),
  dirty: none.describe('PTEs with the dirty bit (pages of the VMA).'),
  locked: flag().default(false).describe('VM_LOCKED.'),
  recency: flag()
    .default(true)
    .describe('vma_has_recency(): false for VM_SEQ_READ and VM_RAND_READ.'),
  mappedByOthers: outside()
    .default(0)
    .describe('Mappings of every page by processes outside the scenario.'),
  mapped: mapped.default('pte').describe('By PTEs or, for order-9 folios, by PMDs.'),
  tableMemcg: memcg()
    .exactOptional()
    .describe('Its page tables are charged to this memcg; absent: that of the process.'),
  runs: list(run, 0, MAX_PFNS)
    .exactOptional()
    .describe('Exact contents by named folios instead of a pattern.'),
  swapRuns: list(swapRun, 0, MAX_PFNS).exactOptional().describe('Swap entries beside `runs`.'),
}

const anonVma = map({
  kind: z.literal('anon').describe('Private anonymous memory.'),
  ...vmaCommon,
  folios: pattern.describe(PATTERN_TEXT),
  mlocked: none.describe('Folios with PG_mlocked although the VMA is not locked.'),
  swapcache: none.describe('Folios in the swap cache.'),
  swapcacheShared: none.describe('Of those, folios whose slots others still use.'),
  active: none.describe('Folios on the active LRU list.'),
  isolated: none.describe('Folios on no LRU list.'),
  pinned: none.describe('Folios with one more reference that outlives the teardown.'),
  hugeZero: none.describe('PMDs that map the huge zero page; needs mapped: pmd.'),
})

const fileVma = map({
  kind: z.literal('file').describe('A mapping of part of a file.'),
  ...vmaCommon,
  file: name().describe('Name of an entry of `files`.'),
  offset: int(0, MAX_PFNS).default(0).describe('First page of the file that is mapped.'),
})

const deviceVma = map({
  kind: z.literal('device').describe('Pages of a device (ZONE_DEVICE).'),
  ...vmaCommon,
  folios: pattern.describe(PATTERN_TEXT),
  memory: oneOf('coherent', 'fsdax', 'private')
    .default('coherent')
    .describe('Kind of device memory.'),
})

const specialVma = map({
  kind: z
    .enum(['zero', 'pfnmap'])
    .describe('PTEs without a struct page: the zero page, or VM_PFNMAP.'),
  ...vmaCommon,
})

const vma = z.discriminatedUnion('kind', [anonVma, fileVma, deviceVma, specialVma], {
  error: (issue) =>
    issue.code === 'invalid_union' ? 'one of anon, file, device, zero, pfnmap' : 'a map of keys',
})

const STEP_TEXT = 'exit or { munmap: { vma: 0, from: 0, pages: N } }'

const step = z
  .union(
    [
      z.literal('exit'),
      map({
        munmap: map({
          vma: int(0, 65535).describe('Index of the VMA in its process.'),
          from: int(0, MAX_PFNS).default(0).describe('First page within the VMA.'),
          pages: pages().describe('Pages to unmap.'),
        }),
      }),
    ],
    { error: () => STEP_TEXT },
  )
  .meta({ id: 'TeardownStep' })

const teardown = z.union([z.literal('exit'), list(step, 1, 65536)], {
  error: () => `exit, or a list of ${STEP_TEXT}`,
})

const processGroup = map({
  name: name().default('p').describe('For people.'),
  count: processCount.default(1).describe('Processes of this shape.'),
  share: share
    .default(1)
    .describe('Groups of this many neighbouring processes map the same anonymous folios.'),
  memcg: memcg().default('main').describe('Charged to this memcg.'),
  lruAdd: oneOf('drained', 'pending')
    .default('drained')
    .describe("pending: the folios touched last are still in their CPU's lru_add batch."),
  cpumask: cpus
    .default(1)
    .describe('CPUs in mm_cpumask: its own and the next ones, on which other threads of it run.'),
  vmas: list(vma, 0, 65536)
    .default([])
    .describe('The address space; may be left out where there is a program.'),
  program: program.exactOptional().describe('What each process does before its teardown.'),
  background: flag()
    .default(false)
    .describe('Ends once all other processes are done; has a CPU of its own.'),
  teardown: teardown.exactOptional().describe("Absent: the scenario's."),
})

const pcpList = map({
  order: z
    .literal([0, 1, 2, 3, 9], { error: () => 'an order on pcp lists: 0, 1, 2, 3 or 9' })
    .default(0)
    .describe('log2 of the pages in each block.'),
  count: int(1, MAX_PFNS).describe('Blocks.'),
})

const pcp = map({
  batch: int(1, 65536).exactOptional().describe('Pages moved at a time; absent: from `memory`.'),
  high: int(0, MAX_PFNS)
    .exactOptional()
    .describe('Pages at which some go back; absent: from `memory` and `cpus`.'),
  highMin: int(0, MAX_PFNS)
    .exactOptional()
    .describe('Least high (v6.7); absent: high if that alone is given, else from `memory`.'),
  highMax: int(0, MAX_PFNS)
    .exactOptional()
    .describe('Largest high (v6.7); absent: high if that alone is given, else from `memory`.'),
  count: int(0, MAX_PFNS).default(63).describe("Order-0 pages on each CPU's list before the run."),
  lists: list(pcpList, 0, 64)
    .default([])
    .describe("Blocks of user memory on each CPU's lists before the run, beside `count`."),
  freeFactor: int(0, 30)
    .default(0)
    .describe('log2 of the batches that the first bulk free takes (up to v6.6).'),
  freeCount: int(0, MAX_PFNS)
    .default(0)
    .describe('Pages freed since the last allocation, before the run (v6.7).'),
  freeHighBatch: flag()
    .default(true)
    .describe('PCPF_FREE_HIGH_BATCH: orders 1 to 3 go back only from a batch on (v6.7).'),
  drain: oneOf('kernel', 'all')
    .default('kernel')
    .describe('nr_pcp_free() of the kernel, or empty the list.'),
})

const sectionPlacement = z.union(
  [oneOf('sequential', 'reversed', 'shuffled'), list(int(0, MAX_PFNS - 1), 1, 65536)],
  { error: () => 'one of sequential, reversed, shuffled, or a list of sections' },
)

const machine = map({
  cpus: cpus.default(1).describe('CPUs that tear processes down.'),
  memmap: oneOf('flatmem', 'vmemmap', 'sparsemem')
    .default('vmemmap')
    .describe('How a PFN becomes a struct page.'),
  sectionSizeBits: int(14, 36)
    .default(27)
    .describe('log2 of the bytes in a section of sparsemem; below 22, folios may be larger.'),
  sectionPlacement: sectionPlacement
    .default('sequential')
    .describe("Where sections' memmap chunks lie in sparsemem; a list: the sections in order."),
  pageTables: pageTables
    .default('separate')
    .describe('Page-table pages in the mmu_gather, or not.'),
  lock: lock.default('qspinlock').describe('Kind of spinlock.'),
  deal: oneOf('static', 'queue')
    .default('static')
    .describe('Process p to CPU p mod cpus, or a shared queue.'),
  lruvecs: lruvecs.default(0).describe('0: one per memcg; L: the memcgs share L lruvecs.'),
  swap: flag().default(true).describe('CONFIG_SWAP.'),
  initOnFree: flag().default(false).describe('init_on_free: freed pages are zeroed.'),
  memcgStock: int(0, 64)
    .default(0)
    .describe("Pages that each CPU has charged in advance, to its first process's memcg."),
  memory: int(1, INT32_MAX)
    .default(4194304)
    .describe('Managed pages of the zone; pcp batch and high follow from it.'),
  pcp: pcp.prefault({}).describe('Per-CPU page lists.'),
  gatherPages: oneOf('pcp', 'reserve')
    .default('pcp')
    .describe("Where the gather's batch pages come from."),
  placement: oneOf('sequential', 'shuffled', 'fragmented')
    .default('sequential')
    .describe('Which PFNs folios take.'),
})

const tunables = map({
  swapClusterMax: swapClusterMax.default(32).describe('SWAP_CLUSTER_MAX.'),
  pagevecSize: int(1, 255).exactOptional().describe('PAGEVEC_SIZE.'),
  mmuGatherBundle: int(1, 64).default(8).describe('MMU_GATHER_BUNDLE.'),
  maxGatherBatch: int(1, 16384).exactOptional().describe('MAX_GATHER_BATCH.'),
  maxGatherBatchCount: int(1, 10000).exactOptional().describe('MAX_GATHER_BATCH_COUNT.'),
  freeChunk: int(1, 65536)
    .default(512)
    .describe('Slots handed to one call of the freeing function.'),
  deferredSplit: oneOf('pmd', 'large')
    .exactOptional()
    .describe('Which anonymous folios may be queued.'),
  thpQueuedAtFault: flag()
    .exactOptional()
    .describe('PMD-sized anonymous folios are on the deferred split queue before the run.'),
  batchPagesMax: int(0, 10000)
    .exactOptional()
    .describe('Batch-page allocations that succeed in each gather.'),
  needReschedEvery: often()
    .default(0)
    .describe('need_resched() is true at every n-th question; 0: never.'),
  needReschedMean: int(0, 2 ** 30 - 1)
    .default(0)
    .describe('The same at intervals drawn from the seed, of this mean; 0: never.'),
})

/** Values that flags may put in place of those of a file; see `overrides.ts`. */
const overrides = map({
  strategy: strategy.optional(),
  cpus: cpus.optional(),
  processes: processCount.optional(),
  pages: pages().optional(),
  order: order.optional(),
  share: share.optional(),
  mapped: mapped.optional(),
  lruvecs: lruvecs.optional(),
  swapClusterMax: swapClusterMax.optional(),
  lock: lock.optional(),
  pageTables: pageTables.optional(),
  teardown: oneOf('exit', 'munmap').optional(),
  seed: seed.optional(),
})

const scenario = map({
  schema: z
    .literal(SCENARIO_SCHEMA, { error: () => SCENARIO_SCHEMA })
    .describe('Version of this format.'),
  name: label(200).default('unnamed').describe('One line for people.'),
  description: text(10_000).default('').describe('Text for people.'),
  strategy: strategy
    .default('linux-6.5-laf')
    .describe('Strategy id, as linux-6.5-laf or range-v1.'),
  seed: seed.default(1).describe('Seed of everything that is shuffled.'),
  machine: machine.prefault({}).describe('CPUs, memory model, locks and page allocator.'),
  tunables: tunables.prefault({}).describe('Kernel constants.'),
  files: list(file, 0, 65536).default([]).describe('Page-cache objects that any process may map.'),
  folios: list(namedFolios, 0, MAX_PFNS).default([]).describe('Folios that `runs` refer to by id.'),
  processes: list(processGroup, 1, MAX_PROCESSES).describe('Processes, in order.'),
  teardown: teardown.default('exit').describe('What every process does.'),
})

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `unknown` if the schema's types are the hand-written ones, else `never`, which nothing satisfies. */
type Tied<S extends z.ZodType, Output, Input> = [
  Same<z.output<S>, Output>,
  Same<z.input<S>, Input>,
] extends [true, true]
  ? unknown
  : never

/** The schema of a scenario file; internal, `parseScenario` is the way in. */
export const scenarioSchema: z.ZodType<Scenario, ScenarioInput> = scenario satisfies Tied<
  typeof scenario,
  Scenario,
  ScenarioInput
>

/** The schema of overrides; internal, `overrideScenario` is the way in. */
export const overridesSchema: z.ZodType<ScenarioOverrides, ScenarioOverrides> =
  overrides satisfies Tied<typeof overrides, ScenarioOverrides, ScenarioOverrides>
