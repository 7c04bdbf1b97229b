/**
 * The tables of docs/published.md: what others measured on real machines, beside virtual time for the same work.
 *
 * Deterministic: a row's text is the same on every machine.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import {
  findProfile,
  overrideScenario,
  parseScenarioText,
  presetScenario,
  type RunReport,
  type Scenario,
} from '@mmgather/core'
import { disposeStrategyFile, loadStrategyFile, runVirtualInThread } from '@mmgather/workers'

const PAGES = 262_144
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const MM_UNSTABLE = at('docs/strategies/mm-unstable-2024-01.ts')
const FREE_BATCH_15 = at('docs/strategies/free-batch-15.ts')

export const ORDERS = [0, 2, 3, 4, 5, 6, 7, 8, 9] as const

/** Seconds for 1 GiB, before and after: D. Hildenbrand, "mm/memory: optimize unmap/zap with PTE-mapped THP", cover letter. */
const ZAP: Readonly<Record<number, readonly [before: number, after: number]>> = {
  0: [0.05811, 0.057715],
  2: [0.044198, 0.035469],
  3: [0.034216, 0.023522],
  4: [0.029207, 0.018434],
  5: [0.026579, 0.014026],
  6: [0.02513, 0.011756],
  7: [0.024292, 0.010703],
  8: [0.023812, 0.010294],
  9: [0.023785, 0.00991],
}

/** By how many % munmap of 1 GiB became faster: D. Hildenbrand, "mm: batch _nr_pages_mapped updates" (v6.12). */
const NR_PAGES_MAPPED: Readonly<Record<number, number>> = {
  2: 10,
  3: 15,
  4: 17,
  5: 21,
  6: 22,
  7: 22,
  8: 23,
  9: 27,
}

/** will-it-scale.104.processes: three commits, change to the first in %. */
const FAULTS = [
  { label: 'release_pages, batches of 15', strategy: MM_UNSTABLE, ops: 8_839_851 },
  { label: 'folios_put, batches of 15', strategy: FREE_BATCH_15, ops: 8_423_518 },
  { label: 'folios_put, batches of 31', strategy: 'linux-6.9', ops: 9_949_112 },
] as const

async function reportOf(scenario: Scenario, strategy: string, profile: string): Promise<RunReport> {
  const found = findProfile(profile)
  if (found === undefined) throw new Error(`no profile ${profile}`)
  const options = { profile: found, verify: false }
  if (!strategy.endsWith('.ts'))
    return await runVirtualInThread(overrideScenario(scenario, { strategy }), options)
  const strategyFile = await loadStrategyFile(strategy)
  try {
    return await runVirtualInThread(scenario, { ...options, strategyFile })
  } finally {
    disposeStrategyFile(strategyFile)
  }
}

/** Virtual ns per page of munmap of 1 GiB in PTE-mapped folios of one size, on one CPU. */
async function munmapNs(order: number, strategy: string): Promise<number> {
  const scenario = overrideScenario(presetScenario('exit-order0'), {
    cpus: 1,
    processes: 1,
    pages: PAGES,
    order,
    teardown: 'munmap',
    pageTables: 'gathered',
  })
  const report = await reportOf(scenario, strategy, 'xeon-4210r')
  return report.time.teardown.median / PAGES
}

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const sizeOf = (order: number) =>
  order === 9 ? '2 MiB' : order === 8 ? '1 MiB' : `${4 << order} KiB`
const percent = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)} %`

/** munmap before and after PTEs were taken in runs: measured and virtual ns per page, and their ratio. */
export async function zapRow(order: number): Promise<string> {
  const cells: (string | number)[] = [sizeOf(order), order]
  for (const [i, strategy] of [MM_UNSTABLE, 'linux-6.9'].entries()) {
    const measured = ((ZAP[order]?.[i] ?? Number.NaN) / PAGES) * 1e9
    const virtual = await munmapNs(order, strategy)
    cells.push(measured.toFixed(1), virtual.toFixed(1), (virtual / measured).toFixed(2))
  }
  return row(cells)
}

/** munmap with one atomic on _nr_pages_mapped for a run instead of one for a page: how much faster, in %. */
export async function nrPagesMappedRow(order: number): Promise<string> {
  const [before, after] = [await munmapNs(order, 'linux-6.10'), await munmapNs(order, 'linux-6.12')]
  const speedup = percent((before / after - 1) * 100)
  return row([sizeOf(order), order, `+${NR_PAGES_MAPPED[order]} %`, speedup])
}

/** page_fault2 on 104 CPUs by commit (0 to 2). */
export async function faultRows(commits: readonly number[] = [0, 1, 2]): Promise<string[]> {
  const text = readFileSync(at('scenarios/page-fault2-104.yaml'), 'utf8')
  const scenario = parseScenarioText(text)
  const rows: string[] = []
  let first: { perPageNs: number; holds: number } | undefined
  for (const i of commits) {
    const { label, strategy, ops } = FAULTS[i] as (typeof FAULTS)[number]
    const { time, locks, counters } = await reportOf(scenario, strategy, 'skylake-104')
    const perPageNs = (time.teardown.median * 104) / counters.ptesCleared
    const holds = locks.lruvec.acquisitions
    first ??= { perPageNs, holds }
    const changeTo = (now: number, then: number) => (i === 0 ? '' : percent((now / then - 1) * 100))
    rows.push(
      row([
        label,
        changeTo(ops, FAULTS[0].ops),
        changeTo(first.perPageNs, perPageNs),
        holds.toLocaleString('en'),
        changeTo(holds, first.holds),
        `${(104e9 / ops / 1000).toFixed(2)} µs`,
        `${(perPageNs / 1000).toFixed(2)} µs`,
      ]),
    )
  }
  return rows
}

const table = (head: readonly string[], rows: readonly string[]) =>
  [row(head), row(head.map(() => '---:')), ...rows].join('\n')

/** The three tables, by name. */
export async function publishedTables(): Promise<Readonly<Record<string, string>>> {
  const zap: string[] = []
  for (const order of ORDERS) zap.push(await zapRow(order))
  const nrPagesMapped: string[] = []
  for (const order of ORDERS.slice(1)) nrPagesMapped.push(await nrPagesMappedRow(order))
  const zapHead = ['folio', 'order', 'before: measured, ns/page', 'virtual', 'ratio']
  return {
    zap: table([...zapHead, 'after: measured, ns/page', 'virtual', 'ratio'], zap),
    'nr-pages-mapped': table(['folio', 'order', 'measured', 'virtual'], nrPagesMapped),
    faults: table(
      [
        'commit',
        'throughput, measured',
        'virtual',
        'lruvec lock taken',
        'change',
        'a page, measured',
        'virtual',
      ],
      await faultRows(),
    ),
  }
}
