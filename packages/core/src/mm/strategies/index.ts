/**
 * The strategies that ship, by id, in the order of their kernels.
 */

import type { Strategy } from '../strategy.ts'
import { linux65, linux65Laf } from './linux-6.5.ts'
import { rangeV1 } from './range-v1.ts'

/** One line on each strategy, for listings. */
export interface StrategySummary {
  readonly strategy: Strategy
  readonly summary: string
}

export const STRATEGIES: readonly StrategySummary[] = [
  { strategy: linux65, summary: 'v6.5: encoded pages, delayed rmap for dirty file pages' },
  { strategy: linux65Laf, summary: "v6.5 with large anon folios: the range series' baseline" },
  { strategy: rangeV1, summary: 'range series v1: ranges of page pointers, rmap per range' },
]

/** The strategy of an id, or undefined. */
export function findStrategy(id: string): Strategy | undefined {
  return STRATEGIES.find((entry) => entry.strategy.id === id)?.strategy
}
