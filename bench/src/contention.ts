/**
 * The contention table of docs/contention.md: the order-0 exit of 104 processes at once, on the virtual engine, by how
 * many folios are freed under one hold of the lruvec lock, with one lruvec for all and with one for each process.
 *
 * Deterministic: a row's text is the same on every machine.
 */
import { parseScenario, runVirtual, type RunReport, type Scenario } from '@mmgather/core'

/** One process on each CPU of the profile. */
const CPUS = 104
const PAGES = 4096

/** The last two are beyond what one call of release_pages() gets. */
export const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

export type Lruvecs = 'one' | 'each'
const NAMES: Record<Lruvecs, string> = {
  one: 'one memcg, one lruvec',
  each: `${CPUS} memcgs, one lruvec each`,
}

/**
 * The per-CPU lists never fill, and the gather's own pages come from a reserve: no page goes back to the buddy allocator,
 * so zone->lock is not taken and what CPUs wait for is the lruvec lock.
 */
function scenarioOf(swapClusterMax: number, lruvecs: Lruvecs): Scenario {
  const process = (memcg: string, count: number) => ({
    count,
    memcg,
    vmas: [{ kind: 'anon' as const, pages: PAGES }],
  })
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'contention',
    strategy: 'linux-6.5-laf',
    machine: {
      cpus: CPUS,
      gatherPages: 'reserve',
      pcp: { count: 0, batch: 63, high: 1 << 20 },
    },
    tunables: { swapClusterMax },
    processes:
      lruvecs === 'one'
        ? [process('main', CPUS)]
        : Array.from({ length: CPUS }, (_, i) => process(`m${i}`, 1)),
  })
}

const HEAD = [
  'SWAP_CLUSTER_MAX',
  'teardown, ms',
  'lruvec lock taken',
  'contended',
  'held on average, µs',
  'wait on average, µs',
  'longest wait, µs',
  'longest with interrupts off, µs',
]

/** One row of a table. */
export function contentionRow(swapClusterMax: number, lruvecs: Lruvecs): string {
  const report = runVirtual(scenarioOf(swapClusterMax, lruvecs), { verify: false })
  if (report.outcome.kind !== 'completed') throw new Error(JSON.stringify(report.outcome))
  return rowOf([String(swapClusterMax), ...figuresOf(report)])
}

function figuresOf({ time, locks: { lruvec, zone }, virtual }: RunReport): string[] {
  if (zone.contended > 0) throw new Error(`zone->lock was contended ${zone.contended} times`)
  const { acquisitions, contended, waitNs, holdNs } = lruvec
  const us = (ns: number) => (ns === 0 ? '-' : (ns / 1000).toFixed(ns < 100_000 ? 1 : 0))
  return [
    (time.teardown.median / 1e6).toFixed(2),
    acquisitions.toLocaleString('en-US'),
    `${((100 * contended) / acquisitions).toFixed(1)} %`,
    (holdNs.avg / 1000).toFixed(2),
    us(waitNs.avg),
    us(waitNs.max),
    us(virtual?.interrupts.offNsMax ?? 0),
  ]
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Both tables, as they stand in the document. */
export function contentionTables(): string {
  const rule = rowOf(HEAD.map(() => '---:'))
  const table = (lruvecs: Lruvecs) =>
    [
      `**${NAMES[lruvecs]}**`,
      '',
      rowOf(HEAD),
      rule,
      ...BATCHES.map((batch) => contentionRow(batch, lruvecs)),
    ].join('\n')
  return `${table('one')}\n\n${table('each')}`
}
