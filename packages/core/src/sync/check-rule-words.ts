/**
 * The words in which rules keep what they know of an execution: shadow words, so that they are taken back with its end.
 *
 * Check text (docs/wasm.md). First come single words, then the locks that are held, then the lists of PTEs and the lives of pages
 * (check-rules.ts).
 */

import { setShadow, shadow } from './check-shadow.ts'
import { checkState, RULES_AT } from './check-state.ts'

/** Locks that are held. */
export const NR_HELD = 0
/** Cleared PTEs in their list, and the first that is kept. */
export const NR_CLEARED = 1
export const FIRST_CLEARED = 2
/** PTEs in the list of those that wait for their removal, and the first that waits. */
export const NR_WAITING = 3
export const FIRST_WAITING = 4
/** CPUs that have cleared PTEs of PFN mappings that are not flushed, by bit. */
export const PFNMAP_CLEARED = 5
/** The version of the upper page tables. */
export const TABLES_VERSION = 6
/** From here on the locks that are held. */
export const HELD = 8

export function ruleWord(word: number): number {
  return shadow[(checkState[RULES_AT] as number) + word] as number
}

export function setRuleWord(word: number, value: number): void {
  setShadow((checkState[RULES_AT] as number) + word, value)
}
