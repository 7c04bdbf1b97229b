/**
 * Bounds that keep the kernel responsive: batch pages of a gather, slots freed at a time (H-8), slots looked at with
 * interrupts off (H-24).
 */

import {
  E_BATCH_PAGES,
  E_FREE_CHUNKS,
  E_GATHER_SLOTS,
  E_GATHERS,
  E_IRQS_OFF_SLOTS_MAX,
} from '../counters.ts'
import {
  BATCH_PAGES_MAX,
  CPU_BASE,
  CPU_STRIDE,
  FOLIO_BATCH_FREE,
  FREE_CHUNK,
  INIT_ON_FREE,
  MAX_GATHER_BATCH_COUNT,
  NR_CPUS,
  PAGEVEC_SIZE,
  SWAP_CLUSTER_MAX,
} from '../globals.ts'
import { CPU_EVENTS } from '../layout.ts'
import { load } from '../memory.ts'
import type { Violations } from './violation.ts'

export function checkBounds(violations: Violations): void {
  // a page is not parted from its number of pages; where pages are counted each slot may be followed by such a number
  const slotsMax =
    FOLIO_BATCH_FREE === 0 ? FREE_CHUNK : INIT_ON_FREE === 0 ? FREE_CHUNK + 1 : FREE_CHUNK * 2
  const heldMax = FOLIO_BATCH_FREE === 0 ? SWAP_CLUSTER_MAX : PAGEVEC_SIZE
  for (let i = 0; i < NR_CPUS; i++) {
    const events = CPU_BASE + i * CPU_STRIDE + CPU_EVENTS
    const chunks = load(events + E_FREE_CHUNKS)
    const gathers = load(events + E_GATHERS)
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
    bound('chunk-bound', E_GATHER_SLOTS, chunks * slotsMax, `slots in ${chunks} chunks`)
    bound('irqs-off-bound', E_IRQS_OFF_SLOTS_MAX, heldMax, 'slots in one lruvec hold')
  }
}
