/**
 * Random contents by named folios: folios of many orders, mapped in part, at addresses that their order does not divide,
 * in pieces, backwards or twice, among holes and swap entries; and what a teardown of them must do, told from the scenario
 * alone.
 */
import * as fc from 'fast-check'

import type {
  NamedFoliosInput,
  RunInput,
  Scenario,
  ScenarioInput,
  SwapRunInput,
  VmaInput,
} from '../../src/index.ts'
import { teardownOf } from './random-scenario.ts'

const ORDERS = [0, 0, 0, 1, 2, 3, 4, 9]

type Named = NamedFoliosInput & { id: number; order: number; count: number }

/** Entries of folios with ids in a row. `smallest` is the order of the smallest large anonymous folio. */
function foliosOf(smallest: number): fc.Arbitrary<Named[]> {
  const entry = fc.record({
    count: fc.integer({ min: 1, max: 4 }),
    order: fc.constantFrom(...ORDERS.filter((order) => order === 0 || order >= smallest)),
    kind: fc.constantFrom('anon' as const, 'anon' as const, 'file' as const, 'shmem' as const),
    pins: fc.constantFrom(0, 0, 0, 1),
    mappedByOthers: fc.constantFrom(0, 0, 0, 1),
    lru: fc.constantFrom(true, true, false),
    swapcache: fc.constantFrom(false, false, true),
  })
  return fc.array(entry, { minLength: 1, maxLength: 5 }).map((entries) => {
    let id = 0
    return entries.map((one) => {
      const first = id
      id += one.count
      const swapcache = one.swapcache && one.kind === 'anon'
      return { ...one, swapcache, id: first }
    })
  })
}

/** Order of each folio, by id. */
function ordersOf(folios: readonly { count: number; order: number }[]): number[] {
  return folios.flatMap(({ count, order }) => Array<number>(count).fill(order))
}

/** Pieces of a VMA: a hole, then pages of folios, or swap entries. */
const piece = fc.record({
  hole: fc.constantFrom(0, 0, 0, 1, 3, 200),
  isSwap: fc.constantFrom(false, false, false, false, true),
  pages: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 700 })),
  folio: fc.nat(),
  page: fc.nat(),
  dirty: fc.boolean(),
  young: fc.boolean(),
})

function vmaOf(orders: readonly number[], index: number): fc.Arbitrary<VmaInput> {
  return fc
    .record({
      pieces: fc.array(piece, { minLength: 1, maxLength: 7 }),
      // off the boundaries of large folios and of tables
      off: fc.constantFrom(0, 1, 3, 8, 300, 511),
      behind: fc.nat({ max: 3 }),
    })
    .map(({ pieces, off, behind }) => {
      const runs: RunInput[] = []
      const swapRuns: SwapRunInput[] = []
      let at = 0
      for (const { hole, isSwap, pages, folio, page, dirty, young } of pieces) {
        at += hole
        if (isSwap) {
          swapRuns.push({ at, pages: Math.min(pages, 40) })
          at += Math.min(pages, 40)
          continue
        }
        const id = folio % orders.length
        const first = page % 2 ** (orders[id] ?? 0)
        const left = orders.slice(id).reduce((sum, order) => sum + 2 ** order, -first)
        const run = { at, pages: Math.min(pages, left), folio: id, page: first, dirty, young }
        runs.push(run)
        at += run.pages
      }
      const start = 0x10000000 + (index * 8192 + off) * 4096
      return { kind: 'anon' as const, pages: at + behind + 1, start, runs, swapRuns }
    })
}

/** Scenarios of such contents, with small gathers. @param smallest - order of the smallest large anonymous folio. */
export function randomFolios(smallest: number): fc.Arbitrary<ScenarioInput> {
  return foliosOf(smallest).chain((folios) => {
    const orders = ordersOf(folios)
    const vmas = fc
      .integer({ min: 1, max: 3 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => vmaOf(orders, i))))
    return vmas.chain((list) =>
      fc.record({
        schema: fc.constant('mmgather/scenario@1' as const),
        machine: fc.record({
          cpus: fc.integer({ min: 1, max: 2 }),
          placement: fc.constantFrom('sequential' as const, 'shuffled' as const),
        }),
        tunables: fc.record(
          {
            mmuGatherBundle: fc.integer({ min: 2, max: 8 }),
            maxGatherBatch: fc.integer({ min: 2, max: 40 }),
            maxGatherBatchCount: fc.integer({ min: 1, max: 4 }),
            batchPagesMax: fc.integer({ min: 0, max: 3 }),
            needReschedEvery: fc.constantFrom(0, 3, 100),
          },
          { requiredKeys: [] },
        ),
        folios: fc.constant(folios),
        processes: fc
          .record({ count: fc.integer({ min: 1, max: 3 }), teardown: teardownOf(list) })
          .map((group) => [{ ...group, vmas: list }]),
      }),
    )
  })
}

export interface Expected {
  ptesCleared: number
  foliosFreed: number
  pagesFreed: number
}

/** What tearing such a scenario down must do: which PTEs are in the ranges, and which folios nobody holds then. */
export function expectedOf(scenario: Scenario): Expected {
  const entries = scenario.folios
  const folios = entries.flatMap((entry) =>
    Array.from({ length: entry.count }, () => ({ entry, mapped: 0, left: 0 })),
  )
  let ptesCleared = 0
  for (const group of scenario.processes) {
    const teardown = group.teardown ?? scenario.teardown
    const steps = teardown === 'exit' ? ['exit' as const] : teardown
    group.vmas.forEach((vma, v) => {
      const isUnmapped = (page: number): boolean =>
        steps.some((step) => {
          if (step === 'exit') return true
          const { munmap } = step
          return munmap.vma === v && page >= munmap.from && page < munmap.from + munmap.pages
        })
      for (const run of vma.runs ?? []) {
        let id = run.folio
        let page = run.page
        for (let i = 0; i < run.pages; i++) {
          const folio = folios[id]
          if (folio === undefined) throw new Error(`no folio ${id}`)
          folio.mapped += group.count
          if (isUnmapped(run.at + i)) ptesCleared += group.count
          else folio.left += group.count
          page++
          if (page === 2 ** folio.entry.order) {
            id++
            page = 0
          }
        }
      }
    })
  }
  const freed = folios.filter(({ entry, mapped, left }) => {
    const isHeld = entry.kind !== 'anon' || entry.pins > 0 || entry.mappedByOthers > 0
    return mapped > 0 && left === 0 && !isHeld
  })
  const pagesFreed = freed.reduce((sum, { entry }) => sum + 2 ** entry.order, 0)
  return { ptesCleared, foliosFreed: freed.length, pagesFreed }
}
