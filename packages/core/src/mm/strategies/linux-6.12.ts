/**
 * linux-6.12: linux-6.10 with one _nr_pages_mapped atomic for a run of PTEs, PG_partially_mapped, and PMD-sized anonymous
 * folios on the deferred split queue from the fault on (so that underused ones can be split), as of v6.12.
 *
 * Invariants: those of linux-6.10; a folio with PG_partially_mapped is on its queue.
 */

import { folioRemoveRmapPtes } from '../folio-rmap.ts'
import type { Strategy } from '../strategy.ts'
import { linux610 } from './linux-6.10.ts'

export const linux612: Strategy = {
  ...linux610,
  id: 'linux-6.12',
  partiallyMappedFlag: 1,
  thpQueuedAtFault: 1,
  folioRemoveRmapPtes: folioRemoveRmapPtes,
}
