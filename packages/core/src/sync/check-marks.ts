/**
 * What a check has learnt about words, over all its executions: which are looked at without a lock, which nobody asks about.
 *
 * Only what can matter is noted as an access of a step: plain stores to words that another CPU looks at without a lock,
 * plain loads of words that atomics change, and whether anybody ever asks about a word that is only added to. What is known
 * grows. Where it turns out that accesses mattered that were not noted, the check has news and begins anew. Check text
 * (docs/wasm.md).
 */

import type { ArraySource } from './array-source.ts'
import { checkState, HAS_NEW_MARK, NR_MARKED_LOADS, NR_MARKED_STORES } from './check-state.ts'

/** Bits of a word's marks. */
const STORED = 1
const MARKED = 2
const ADDED = 4
const LOOKED_AT = 8
const LOADED = 16
const ATOMIC = 32

/** By word. */
let marks: Uint8Array = new Uint8Array(0)
/** Marked words that the current step has stored to, each once; so many as `checkState` says. */
export let markedStores: Int32Array = new Int32Array(0)
/** Words that atomics change and that the current step has loaded plainly, likewise. */
export let markedLoads: Int32Array = new Int32Array(0)

/** Nothing is known of so many words. */
export function bindMarks(words: number, arrays: ArraySource): void {
  marks = arrays.uint8('marks', words)
  markedStores = arrays.int32('markedStores', words)
  markedLoads = arrays.int32('markedLoads', words)
}

/** The marked accesses of the current step have been noted, or do not count. */
export function forgetMarkedAccesses(): void {
  checkState[NR_MARKED_STORES] = 0
  checkState[NR_MARKED_LOADS] = 0
}

/**
 * A CPU looks at this word without a lock: from now on plain stores to it are noted in `markedStores`. Words that were
 * stored to before that make what was explored incomplete: see `takeNewMarks`.
 */
export function markWord(address: number): void {
  const known = marks[address] as number
  if ((known & MARKED) !== 0) return
  marks[address] = known | MARKED
  if ((known & STORED) !== 0) checkState[HAS_NEW_MARK] = 1
}

/** A synchronising operation tells something about this word to a CPU. */
export function lookedAt(address: number): void {
  const known = marks[address] as number
  if ((known & LOOKED_AT) !== 0) return
  marks[address] = known | LOOKED_AT
  if ((known & ADDED) !== 0) checkState[HAS_NEW_MARK] = 1
}

/** An atomic changes this word: from now on plain loads of it by other CPUs are noted in `markedLoads`. */
export function changedByAtomic(address: number): void {
  const known = marks[address] as number
  if ((known & ATOMIC) !== 0) return
  marks[address] = known | ATOMIC
  if ((known & LOADED) !== 0) checkState[HAS_NEW_MARK] = 1
}

/** Something is added to this word, and nobody is told; does anybody ever look at it? */
export function addedTo(address: number): boolean {
  const known = marks[address] as number
  if ((known & ADDED) === 0) marks[address] = known | ADDED
  return (known & LOOKED_AT) !== 0
}

/** A plain load of the word. */
export function loaded(address: number): void {
  const known = marks[address] as number
  if ((known & (LOADED | ATOMIC)) === LOADED) return
  marks[address] = known | LOADED
  if ((known & ATOMIC) !== 0) noteLoad(address)
}

function noteLoad(address: number): void {
  const n = checkState[NR_MARKED_LOADS] as number
  for (let i = 0; i < n; i++) if (markedLoads[i] === address) return
  markedLoads[n] = address
  checkState[NR_MARKED_LOADS] = n + 1
}

/** A plain store to the word. */
export function stored(address: number): void {
  const known = marks[address] as number
  if (known === STORED) return
  if ((known & MARKED) !== 0) noteStore(address)
  marks[address] = known | STORED
}

function noteStore(address: number): void {
  const n = checkState[NR_MARKED_STORES] as number
  for (let i = 0; i < n; i++) if (markedStores[i] === address) return
  markedStores[n] = address
  checkState[NR_MARKED_STORES] = n + 1
}

/** What is known of the words. Another thread may go on from it. */
export function knownMarks(): Uint8Array {
  return marks.slice()
}

/** Nothing is known of the words. */
export function forgetMarks(): void {
  marks.fill(0)
  checkState[HAS_NEW_MARK] = 0
}

/** Takes over what another thread knows. */
export function adoptMarks(known: Uint8Array): void {
  for (let i = 0; i < known.length; i++) marks[i] = (marks[i] as number) | (known[i] as number)
}

/**
 * Several threads began with `known`; together they know `found`. Did one of them learn about a word what matters to accesses
 * that were made without it, by itself or by another?
 */
export function areNews(known: Uint8Array, found: Uint8Array): boolean {
  return found.some((each, i) => {
    const fresh = each & ~(known[i] as number)
    return (
      ((fresh & MARKED) !== 0 && (each & STORED) !== 0) ||
      ((fresh & LOOKED_AT) !== 0 && (each & ADDED) !== 0) ||
      ((fresh & ATOMIC) !== 0 && (each & LOADED) !== 0)
    )
  })
}

/** Has it turned out that more steps depend on each other than was known when they were made? Asked once. */
export function takeNewMarks(): boolean {
  const was = checkState[HAS_NEW_MARK] !== 0
  checkState[HAS_NEW_MARK] = 0
  return was
}
