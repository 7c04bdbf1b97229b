/**
 * populate: fills a machine with the processes of its scenario, as they stand before teardown.
 *
 * May be called again for the next run: everything but the run-fixed values is built anew, word for word the same.
 */

import type { Scenario } from '../../scenario/scenario.ts'
import type { Census } from '../census.ts'
import {
  CHUNK_SECTION,
  CPU_BASE,
  LRUVEC_BASE,
  MEMCG_BASE,
  MEMMAP,
  NR_LRUVECS,
  NR_MEMCGS,
  NR_PFNS,
  PFN_SECTION_SHIFT,
  SECTION_CHUNK,
  SPARSE,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../globals.ts'
import {
  CONTROL,
  CTL_ABORT,
  CTL_GLOBALS,
  CTL_VMSTAT_BASE,
  CONTROL_WORDS,
  FREE_AREA_WORDS,
  LRUVEC_ID,
  LRUVEC_LISTS,
  LRUVEC_WORDS,
  MAX_ORDER,
  MEMCG_ID,
  MEMCG_LRUVEC,
  MEMCG_PARENT,
  MEMCG_WORDS,
  MIGRATE_PCPTYPES,
  NR_LRU_LISTS,
  PAGE_COMPOUND_HEAD,
  PAGE_FLAGS,
  PAGE_MAPCOUNT,
  PAGE_WORDS,
  PG_TYPE_RESERVED,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_WORDS,
  ZONE_END_PFN,
  ZONE_FREE_AREA,
} from '../layout.ts'
import { limitsOf, type KernelParameters } from '../limits.ts'
import { initListHead } from '../list.ts'
import { bindMachine, type Machine } from '../machine.ts'
import { mem } from '../memory.ts'
import { pfnToPage } from '../page.ts'
import { Prng } from '../../lib/prng.ts'
import { buildCpus } from './build-cpus.ts'
import { accountFolios, queueThps } from './build-folios.ts'
import { buildObjects } from './build-objects.ts'
import { buildChildren, buildFreeAreas, buildFreeTables } from './build-programs.ts'
import { buildGroup } from './build-processes.ts'
import { Builder } from './builder.ts'
import { folioOrders } from './folio-walk.ts'
import { memcgNames, memcgParent } from './memcg-names.ts'
import { placeFolios } from './place-folios.ts'

/** Builds the scenario's processes in the machine. Throws AssertionError if the machine was made for another scenario. */
export function populateMachine(
  machine: Machine,
  scenario: Scenario,
  kernel: KernelParameters,
): Census {
  bindMachine(machine)
  const limits = limitsOf(scenario, kernel)
  reset(machine)
  const orders = folioOrders(scenario)
  const first = placeFolios(orders, scenario.machine.placement, scenario.seed, 0)
  const deviceBase = NR_PFNS - first.devicePfns
  const { pfns } =
    first.devicePfns === 0
      ? first
      : placeFolios(orders, scenario.machine.placement, scenario.seed, deviceBase)
  buildSections(scenario)
  buildMemmap()
  mem[ZONE + ZONE_END_PFN] = limits.zonePfns
  const b = new Builder(machine, scenario, pfns, orders, first.zonePfns)
  buildZone()
  buildMemcgs(b)
  const objects = buildObjects(b, scenario)
  const region = (name: string): number => limits.regions.find((r) => r.name === name)?.start ?? 0
  const regions = {
    nextVma: region('vmas'),
    nextStep: region('steps'),
    nextProgram: region('programs'),
    nextProcess: 0,
  }
  scenario.processes.forEach((group, g) =>
    buildGroup(b, objects, regions, group, `processes[${g}].vmas`),
  )
  buildChildren(limits, regions.nextVma)
  buildFreeAreas(b, limits)
  buildFreeTables(b, limits)
  objects.holdUnreferenced()
  b.lruAdd.build()
  const { folios, pages } = accountFolios(b)
  if (thpsAreQueued(scenario, kernel)) queueThps(b)
  buildCpus(b, kernel)
  return {
    otherRefs: b.otherRefs,
    otherMaps: b.otherMaps,
    mappedPages: b.mappedPages,
    foliosInUse: folios,
    pagesInUse: pages,
    foliosQueued: b.foliosQueued,
  }
}

/** Are PMD-sized anonymous folios on the deferred split queue from the fault on? The scenario's word, or the kernel's. */
function thpsAreQueued({ tunables }: Scenario, kernel: KernelParameters): boolean {
  return tunables.thpQueuedAtFault ?? kernel.thpQueuedAtFault !== 0
}

/** Everything but the identity and the run-fixed values of the control block becomes zero. */
function reset(machine: Machine): void {
  const { words } = machine
  words.fill(0, CONTROL + CTL_ABORT, CONTROL + CTL_GLOBALS)
  words.fill(0, CONTROL + CTL_VMSTAT_BASE, CONTROL + CONTROL_WORDS)
  words.fill(0, CPU_BASE)
}

/** Memmap chunks of sparsemem: which chunk each section has. */
function buildSections(scenario: Scenario): void {
  if (SPARSE === 0) return
  const sections =
    CHUNK_SECTION - SECTION_CHUNK > 0 ? Math.ceil(NR_PFNS / 2 ** PFN_SECTION_SHIFT) : 0
  const chunks = chunksOf(scenario, sections)
  chunks.forEach((chunk, section) => {
    mem[SECTION_CHUNK + section] = MEMMAP + chunk * PAGE_WORDS * 2 ** PFN_SECTION_SHIFT
    mem[CHUNK_SECTION + chunk] = section
  })
}

/** The number of the chunk that each section has. */
function chunksOf({ machine, seed }: Scenario, sections: number): Int32Array {
  const chunks = Int32Array.from({ length: sections }, (_, i) => i)
  const placement = machine.sectionPlacement
  if (placement === 'reversed') chunks.reverse()
  if (placement === 'shuffled') new Prng(seed ^ 0x73656374).shuffle(chunks)
  if (typeof placement === 'string') return chunks
  // sections that are not named follow in order
  const inOrder = new Set([...placement, ...chunks])
  ;[...inOrder].forEach((section, chunk) => (chunks[section] = chunk))
  return chunks
}

/** Every struct page: unmapped, without references, its own head, of somebody else until a folio is made of it. */
function buildMemmap(): void {
  for (let pfn = 0; pfn < NR_PFNS; pfn++) {
    const page = pfnToPage(pfn)
    mem[page + PAGE_FLAGS] = PG_TYPE_RESERVED
    mem[page + PAGE_MAPCOUNT] = -1
    mem[page + PAGE_COMPOUND_HEAD] = page
  }
}

function buildZone(): void {
  for (let order = 0; order <= MAX_ORDER; order++) {
    for (let mt = 0; mt < MIGRATE_PCPTYPES; mt++)
      initListHead(ZONE + ZONE_FREE_AREA + order * FREE_AREA_WORDS + mt * 2)
  }
}

function buildMemcgs(b: Builder): void {
  for (let i = 0; i < NR_LRUVECS; i++) {
    const lruvec = LRUVEC_BASE + i * LRUVEC_WORDS
    mem[lruvec + LRUVEC_ID] = i
    for (let lru = 0; lru < NR_LRU_LISTS; lru++) initListHead(lruvec + LRUVEC_LISTS + lru * 2)
  }
  memcgNames(b.scenario).forEach((name, i) => {
    const memcg = MEMCG_BASE + (i + 1) * MEMCG_WORDS
    const parent = memcgParent(name)
    mem[memcg + MEMCG_ID] = i + 1
    mem[memcg + MEMCG_PARENT] =
      parent === undefined ? 0 : MEMCG_BASE + b.memcgId(parent) * MEMCG_WORDS
    mem[memcg + MEMCG_LRUVEC] = LRUVEC_BASE + (i % NR_LRUVECS) * LRUVEC_WORDS
  })
  for (let id = 0; id <= NR_MEMCGS; id++)
    initListHead(SPLIT_QUEUE_BASE + id * SPLIT_QUEUE_WORDS + SPLIT_QUEUE_LIST)
}
