/**
 * Bounds that keep the kernel responsive: batch pages of a gather, slots freed at a time (H-8), slots looked at with
 * interrupts off (H-24).
 */

import {
  E_BATCH_PAGES,
  E_FREE_CHUNKS,
  E_GATHER_SLOTS,
  E_IRQS_OFF_SLOTS_MAX,
  E_LRU_ADD_DRAINS,
} from '../counters.ts'
import {
  BATCH_PAGES_MAX,
  CONFIG_SWAP,
  CPU_BASE,
  CPU_STRIDE,
  FREE_CHUNK,
  MAX_GATHER_BATCH_COUNT,
  NR_CPUS,
  SWAP_CLUSTER_MAX,
} from '../globals.ts'
import { CPU_EVENTS } from '../layout.ts'
import { load } from '../memory.ts'
import type { Violations } from './violation.ts'

export function checkBounds(violations: Violations): void {
  for (let i = 0; i < NR_CPUS; i++) {
    const events = CPU_BASE + i * CPU_STRIDE + CPU_EVENTS
    const chunks = load(events + E_FREE_CHUNKS)
    // each gather drains once, and with swap each chunk does
    const gathers = load(events + E_LRU_ADD_DRAINS) - (CONFIG_SWAP !== 0 ? chunks : 0)
    const batches = Math.min(MAX_GATHER_BATCH_COUNT, BATCH_PAGES_MAX)
    const bound = (
      rule: 'batch-pages-bound' | 'chunk-bound' | 'irqs-off-bound',
      event: number,
      most: number,
      what: string,
    ): void => {
      const found = load(events + event)
      if (found > most)
        violations.add(rule, () => `CPU ${i}: ${what}: ${found}, at most ${most} are allowed`)
    }
    bound(
      'batch-pages-bound',
      E_BATCH_PAGES,
      gathers * batches,
      `batch pages of ${gathers} gathers`,
    )
    bound('chunk-bound', E_GATHER_SLOTS, chunks * FREE_CHUNK, `slots in ${chunks} chunks`)
    bound('irqs-off-bound', E_IRQS_OFF_SLOTS_MAX, SWAP_CLUSTER_MAX, 'slots in one lruvec hold')
  }
}
