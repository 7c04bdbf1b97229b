/**
 * linux-6.18: linux-6.12 with _large_mapcount and the MM slots under one bit lock (v6.15), and without lru_add_drain on
 * the way to free, as of v6.18.
 *
 * linux-6.18-npm: the same with CONFIG_NO_PAGE_MAPCOUNT: pages of large folios have no _mapcount, and a large folio is
 * wholly mapped for the statistics until its last mapping is gone.
 *
 * Invariants: those of linux-6.12; the MM slots never hold more mappings than _large_mapcount.
 */

import {
  folioRemoveRmapPmdNoPageMapcount,
  folioRemoveRmapPtesNoPageMapcount,
} from '../folio-rmap.ts'
import type { Strategy } from '../strategy.ts'
import { linux612 } from './linux-6.12.ts'

export const linux618: Strategy = {
  ...linux612,
  id: 'linux-6.18',
  lruAddDrain: 0,
  largeMapcount: 2,
}

export const linux618Npm: Strategy = {
  ...linux618,
  id: 'linux-6.18-npm',
  nrPagesMapped: 0,
  noPageMapcount: 1,
  folioRemoveRmapPtes: folioRemoveRmapPtesNoPageMapcount,
  folioRemoveRmapPmd: folioRemoveRmapPmdNoPageMapcount,
}
