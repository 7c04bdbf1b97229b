/** What the benchmark of the virtual engine runs, and what the project wants of it. */
import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'

export interface VirtualCase {
  label: string
  strategy: NativeConfig['strategy']
  order: number
  /** The goal: host time per page at 80 CPUs, against the live engine in JavaScript. */
  liveMost: number
}

export const ROWS: readonly VirtualCase[] = [
  { label: 'order 0, linux-6.5-laf', strategy: 'baseline', order: 0, liveMost: 5 },
  { label: 'order 3, range-v1', strategy: 'range', order: 3, liveMost: 7 },
]

export const CPUS = [1, 8, 80, 256, 1024] as const

/** Host time per page at 1,024 CPUs, against that at 8. */
export const GOALS = { growthMost: 2 } as const

/** No per-CPU list gets there. */
const PCP_NEVER_FULL = 1 << 24

/** `pages` in all, in whole folios for each of as many processes as CPUs. */
export function configOf(
  { strategy, order }: VirtualCase,
  cpus: number,
  pages: number,
): NativeConfig {
  const folio = 2 ** order
  return {
    strategy,
    order,
    pages: Math.max(1, Math.round(pages / cpus / folio)) * folio,
    procs: cpus,
    shared: 1,
    lruvecs: 1,
    'lruvec-run': 0,
    'swap-cluster-max': 32,
    'max-batches': 0,
    'pcp-batch': PCP_NEVER_FULL,
    'hole-every': 0,
    'swapcache-every': 0,
    'mlocked-every': 0,
    'nolru-every': 0,
    'dirty-every': 0,
  }
}
