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
/** Changed shadow words so far, and so many at most. */
export const SHADOW_CHANGES = 16
export const SHADOW_CHANGES_MAX = 17
/** Are races looked for, and has the execution one? 1: yes. */
export const IS_RACING = 18
export const HAS_RACE = 19
/** 1: the search was made with less than is known of the words. */
export const HAS_NEW_MARK = 20
/** Lengths of `markedStores` and `markedLoads`. */
export const NR_MARKED_STORES = 21
export const NR_MARKED_LOADS = 22
/** Plain stores to words from here on are looked at by the rules. */
export const WATCH_FROM = 23
/** Steps of the trace, with the one that was begun and is not over; entries, and so many at most. */
export const TRACE_LENGTH = 24
export const TRACE_BEGUN = 25
export const TRACE_ENTRIES = 26
export const TRACE_ENTRIES_MAX = 27
/** CPUs; those whose programs are at their ends, by bit. */
export const CPUS = 28
export const DONE = 29
/** 1: all CPUs run up to their first operations. */
export const IS_STARTING = 30
/** The CPU that is to go on when the one that runs has stopped; how the execution ended if there is none. */
export const NEXT_CPU = 31
export const ENDED = 32
/** Of the operation of the step. */
export const RESULT = 33
/** Steps of an execution at most. */
export const STEPS_MAX = 34
/** 1: there are rules; atomics observe the values that they return; stacks are kept. */
export const HAS_RULES = 35
export const HAS_PLAIN_VALUES = 36
export const KEEPS_STACKS = 37
/** 1: what JavaScript keeps of the execution may have changed since it was kept last; times that it was. */
export const HAVE_STATES_CHANGED = 38
export const NR_STATES = 39
/** Who decides on the order of steps: SCHEDULER_DPOR, or a scheduler in JavaScript, told of steps or not. */
export const SCHEDULER = 40
export const SCHEDULER_DPOR = 1
export const SCHEDULER_TOLD = 2
/** Of source-DPOR: steps of the path that are taken again, steps that are ordered, entries that are listed. */
export const DPOR_REPLAY = 41
export const DPOR_STEPS = 42
export const DPOR_LISTED = 43
/** Of the prefix below which it searches: the length; 1: all CPUs are to be tried at its end. */
export const ROOT_LENGTH = 44
export const ROOT_IS_FULL = 45
/** Rules: where their shadow words begin, and the list of cleared PTEs, of PTEs that wait for their removal, and of lives. */
export const RULES_AT = 46
export const CLEARED_AT = 47
export const WAITING_AT = 48
export const LIVES_AT = 49
/** Entries of each of the first two lists at most. */
export const LISTED_MAX = 50
/** The version of the upper page tables that a change makes next; that of which it is known where PTE tables lie, and 1. */
export const NEXT_TABLES = 51
export const KNOWN_TABLES = 52
/** 1: somebody is told of plain stores and of freed pages, besides the rules. */
export const HAS_WATCHER = 53

export const CHECK_STATE_WORDS = 64

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
