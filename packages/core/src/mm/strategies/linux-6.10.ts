/**
 * linux-6.10: linux-6.9 with _large_mapcount, and with deferred split only of folios that are still mapped in part
 * ("mm/rmap: do not add fully unmapped large folio to deferred split list"), as of v6.10.
 *
 * Invariants: those of linux-6.9; _large_mapcount + 1 is the number of mappings of a large folio.
 */

import { folioRemoveRmapPtesV610 } from '../folio-rmap.ts'
import type { Strategy } from '../strategy.ts'
import { linux69 } from './linux-6.9.ts'

export const linux610: Strategy = {
  ...linux69,
  id: 'linux-6.10',
  largeMapcount: 1,
  folioRemoveRmapPtes: folioRemoveRmapPtesV610,
}
