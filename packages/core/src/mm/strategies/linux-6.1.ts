/**
 * linux-6.1: as of v6.1, before delayed rmap (v6.2) and _nr_pages_mapped (v6.2): the gather of linux-6.5, in which a dirty
 * file PTE forces a flush but has its rmap removed at once.
 *
 * Only PMD-mappable folios are queued for deferred split, and freeing one takes split_queue_lock whether it is queued or
 * not. A pcp list's bulk frees grow to 32 batches. lock_page_memcg around each rmap removal is not modelled: with one
 * memcg a task it is a pair of reads.
 *
 * Invariant: as in linux-6.5; no slot is ever flagged.
 */

import type { Strategy } from '../strategy.ts'
import { linux65 } from './linux-6.5.ts'

export const linux61: Strategy = {
  ...linux65,
  id: 'linux-6.1',
  pcpBatchScaleMax: 5,
  delayRmap: 0,
  nrPagesMapped: 0,
  splitRemovesRmap: 0,
  splitLockAtFree: 1,
}
