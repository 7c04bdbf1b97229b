/**
 * The standard conditions under which the native reference and the kernel text do the same: per-CPU lists that never fill, so
 * that neither does buddy work; nothing shared, swapped, locked or dirty.
 */
import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'

/** What the project's goals for speed are about. */
export interface StandardCase {
  label: string
  strategy: NativeConfig['strategy']
  order: number
}

export const STANDARD_CASES: readonly [StandardCase, StandardCase] = [
  { label: 'order 0, linux-6.5-laf', strategy: 'baseline', order: 0 },
  { label: 'order 3, range-v1', strategy: 'range', order: 3 },
]

/** No per-CPU list gets there. */
export const PCP_NEVER_FULL = 1 << 24

type Chosen = Pick<NativeConfig, 'strategy' | 'order' | 'pages' | 'procs'> &
  Partial<Pick<NativeConfig, 'lruvecs' | 'pcp-batch'>>

export function standardConfig(chosen: Chosen): NativeConfig {
  return {
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
    ...chosen,
  }
}
