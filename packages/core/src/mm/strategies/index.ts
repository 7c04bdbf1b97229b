/**
 * The strategies that ship, by id, in the order of their kernels.
 */

import type { Strategy } from '../strategy.ts'
import { linux61 } from './linux-6.1.ts'
import { linux610 } from './linux-6.10.ts'
import { linux612 } from './linux-6.12.ts'
import { linux618, linux618Npm } from './linux-6.18.ts'
import { linux65, linux65Laf } from './linux-6.5.ts'
import { linux69 } from './linux-6.9.ts'
import { rangeV1 } from './range-v1.ts'
import { rangeV2 } from './range-v2.ts'

/** One line on each strategy, for listings. */
export interface StrategySummary {
  readonly strategy: Strategy
  readonly summary: string
}

export const STRATEGIES: readonly StrategySummary[] = [
  { strategy: linux61, summary: 'v6.1: encoded pages, rmap page by page and at once' },
  { strategy: linux65, summary: 'v6.5: encoded pages, delayed rmap for dirty file pages' },
  { strategy: linux65Laf, summary: "v6.5 with large anon folios: the range series' baseline" },
  { strategy: rangeV1, summary: 'range series v1: ranges of page pointers, rmap per range' },
  { strategy: rangeV2, summary: 'range series v2: ranges of page frame numbers' },
  { strategy: linux69, summary: 'v6.9: runs of PTEs, page and nr_pages, folio_batch freeing' },
  { strategy: linux610, summary: 'v6.10: _large_mapcount, deferred split only while mapped' },
  { strategy: linux612, summary: 'v6.12: one _nr_pages_mapped atomic a run, partially_mapped' },
  { strategy: linux618, summary: 'v6.18: bit-locked MM slots, no lru_add_drain' },
  { strategy: linux618Npm, summary: 'v6.18 with CONFIG_NO_PAGE_MAPCOUNT' },
]

/** The strategy of an id, or undefined. */
export function findStrategy(id: string): Strategy | undefined {
  return STRATEGIES.find((entry) => entry.strategy.id === id)?.strategy
}
