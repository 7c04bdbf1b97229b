/**
 * Single words that the modules of a check keep, in one array, so that compiled kernel text and JavaScript have the same.
 *
 * Check text (docs/wasm.md): this module and those beside it that say so run in both forms. Invariant: nothing else that
 * changes during an execution is in a variable of these modules.
 */

import type { ArraySource } from './array-source.ts'

/** Indices into `checkState`. Is nothing kept track of, does the CPU that runs go on, or does it repeat? */
export const MODE = 0
export const UNTRACKED = 0
export const GOING_ON = 1
export const REPEATING = 2
/** The CPU that runs, and its own block: [OWN_FROM, OWN_END). */
export const SELF = 3
export const OWN_FROM = 4
export const OWN_END = 5
/** The machine's words end here, and so do those that stand for TLBs and lives. */
export const WORDS_END = 6
/** In `told`: the next place of the CPU that runs, the one at which it stopped, where it must have made progress, and its end. */
export const NEXT = 7
export const STOPPED_AT = 8
export const TOLD_LIMIT = 9
export const TOLD_END = 10
/** Changed words so far, where there must have been progress, and so many at most; sums over them. */
export const CHANGES = 11
export const CHANGES_LIMIT = 12
export const CHANGES_MAX = 13
export const SUM_A = 14
export const SUM_B = 15
/** Changed clocks so far, and so many at most. */
export const CLOCK_CHANGES = 16
export const CLOCK_CHANGES_MAX = 17
/** Are races looked for, and has the execution one? 1: yes. */
export const IS_RACING = 18
export const HAS_RACE = 19
/** 1: the search was made with less than is known of the words. */
export const HAS_NEW_MARK = 20
/** Lengths of `markedStores` and `markedLoads`. */
export const NR_MARKED_STORES = 21
export const NR_MARKED_LOADS = 22
/** Plain stores to words from here on are told to the rules. */
export const WATCH_FROM = 23

export const CHECK_STATE_WORDS = 32

export let checkState: Int32Array = new Int32Array(CHECK_STATE_WORDS)

/** All words are 0: nothing is kept track of. */
export function bindCheckState(arrays: ArraySource): void {
  checkState = arrays.int32('checkState', CHECK_STATE_WORDS)
}

/** Nothing is kept track of any more; the arrays may go to somebody else. */
export function unbindCheckState(): void {
  checkState = new Int32Array(CHECK_STATE_WORDS)
}

/** Are races looked for? */
export function isRacing(): boolean {
  return checkState[IS_RACING] !== 0
}
