/**
 * How much of everything a scenario has: page frames, memcgs, processes, page tables, swap slots.
 *
 * Upper bounds where the exact number would need the whole build (page tables that stay empty, swapcache slots).
 */

import type { Scenario } from '../scenario/scenario.ts'
import { selectionCount } from '../scenario/selection.ts'
import { HPAGE_PMD_ORDER, MAX_ORDER, PTE_PFN_MASK } from './layout.ts'
import { LimitsError } from './limits-error.ts'
import { pcpListPages } from './pcp-sizes.ts'
import { countProgramSizes, programNeeds, type ProgramSizes } from './program-sizes.ts'
import { countTables } from './populate/address-space.ts'
import { DEVICE_FOLIO, folioOrders, usesHugeZero } from './populate/folio-walk.ts'
import { memcgNames } from './populate/memcg-names.ts'
import { placeFolios } from './populate/place-folios.ts'

/** What a scenario consists of. */
export interface Sizes {
  pfns: number
  zonePfns: number
  memcgs: number
  processes: number
  vmas: number
  steps: number
  tables: number
  swapSlots: number
  swapcache: boolean
  mappedPages: number
  /** Pages and tables that the largest process can gather. */
  entriesMax: number
  /** Of the processes, those of no background group. */
  foreground: number
  /** Children that may exist at once. */
  children: number
  programs: ProgramSizes
  /** First page frame of the free areas; as many follow as programs need. */
  freePfn: number
}

/** @param pcpAdapts - 1: the kernel adapts the length of per-CPU lists. */
export function countSizes(scenario: Scenario, pcpAdapts: number): Sizes {
  const sizes: Sizes = {
    pfns: 0,
    zonePfns: 0,
    memcgs: memcgNames(scenario).length,
    processes: 0,
    vmas: 0,
    steps: 0,
    tables: 0,
    // slot 0 is the swap header: never used
    swapSlots: 1 + swapcacheSlots(scenario),
    swapcache: usesSwapcache(scenario),
    mappedPages: 0,
    entriesMax: 0,
    foreground: 0,
    children: 0,
    programs: countProgramSizes(scenario, pcpAdapts),
    freePfn: 0,
  }
  scenario.processes.forEach((group, g) => {
    const steps = group.teardown ?? scenario.teardown
    const nrSteps = steps === 'exit' ? 1 : steps.length
    const tables = countTables(group.vmas, `processes[${g}].vmas`)
    const nrTables = tables.pte + tables.pmd + tables.pud + tables.deposits
    const pages = group.vmas.reduce((sum, vma) => sum + vma.pages, 0)
    const swap = group.vmas.reduce((sum, vma) => sum + vmaSwapSlots(vma), 0)
    const program = programNeeds(group, `processes[${g}].program`)
    sizes.processes += group.count
    if (!group.background) sizes.foreground += group.count
    sizes.vmas += group.count * (group.vmas.length + nrSteps + 1 + program.vmas)
    sizes.steps += nrSteps
    sizes.tables += group.count * nrTables
    sizes.swapSlots += Math.ceil(group.count / group.share) * swap
    sizes.mappedPages += group.count * pages
    sizes.entriesMax = Math.max(sizes.entriesMax, pages + nrTables, program.entries)
  })
  const { cpus } = scenario.machine
  sizes.children = sizes.programs.childVmas > 0 ? cpus : 0
  sizes.vmas += sizes.children * sizes.programs.childVmas
  const kernelTables = sizes.tables
  sizes.tables += cpus * sizes.programs.tablesOfCpu
  const orders = folioOrders(scenario)
  const placed = placeFolios(orders, scenario.machine.placement, scenario.seed, 0)
  const hugeZero = usesHugeZero(scenario) ? 2 ** HPAGE_PMD_ORDER : 0
  const kernelPages = kernelTables + pcpListPages(scenario.machine.pcp) * cpus
  sizes.zonePfns =
    roundUp(placed.zonePfns, hugeZero > 0 ? 2 ** HPAGE_PMD_ORDER : 1) + hugeZero + kernelPages
  if (sizes.programs.freePages > 0) {
    sizes.freePfn = roundUp(sizes.zonePfns, 2 ** MAX_ORDER)
    sizes.zonePfns = sizes.freePfn + sizes.programs.freePages
  }
  const deviceBase = orders.some((entry) => (entry & DEVICE_FOLIO) !== 0)
    ? roundUp(sizes.zonePfns, 2 ** MAX_ORDER)
    : sizes.zonePfns
  sizes.pfns = deviceBase + placed.devicePfns
  if (sizes.pfns > PTE_PFN_MASK + 1) {
    throw new LimitsError({
      field: 'pages',
      value: `${sizes.pfns} page frames (${gib(sizes.pfns * 4096)} GiB)`,
      allowed: `at most ${PTE_PFN_MASK + 1} (64 GiB)`,
      hint: 'use fewer processes or pages, or let processes share folios',
    })
  }
  return sizes
}

function vmaSwapSlots(vma: Scenario['processes'][number]['vmas'][number]): number {
  const runs = (vma.swapRuns ?? []).reduce((sum, run) => sum + run.pages, 0)
  return runs + selectionCount(vma.swap, vma.pages)
}

function usesSwapcache(scenario: Scenario): boolean {
  return (
    scenario.folios.some((folio) => folio.swapcache) ||
    scenario.processes.some((group) =>
      group.vmas.some((vma) => vma.kind === 'anon' && vma.swapcache !== 'none'),
    )
  )
}

/** Slots for swapcache folios, at most: every page of a VMA that has any. */
function swapcacheSlots(scenario: Scenario): number {
  let slots = 0
  for (const folio of scenario.folios) if (folio.swapcache) slots += folio.count * 2 ** folio.order
  for (const group of scenario.processes) {
    for (const vma of group.vmas) {
      if (vma.kind === 'anon' && vma.swapcache !== 'none')
        slots += Math.ceil(group.count / group.share) * (vma.pages + 2 ** MAX_ORDER)
    }
  }
  return slots
}

/** Bytes as GiB with two decimals. */
export function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2)
}

/** The next multiple of `to`. */
export function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to
}
