/**
 * The standard conditions under which the native reference and the kernel text do the same: per-CPU lists that never fill, so
 * that neither does buddy work; nothing shared, swapped, locked or dirty.
 */
import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'

type Chosen = Pick<NativeConfig, 'strategy' | 'order' | 'pages' | 'procs'> & { lruvecs?: number }

export function standardConfig({ lruvecs = 1, ...chosen }: Chosen): NativeConfig {
  return {
    ...chosen,
    shared: 1,
    lruvecs,
    'lruvec-run': 0,
    'swap-cluster-max': 32,
    'max-batches': 0,
    'pcp-batch': 16_777_216,
    'hole-every': 0,
    'swapcache-every': 0,
    'mlocked-every': 0,
    'nolru-every': 0,
    'dirty-every': 0,
  }
}
