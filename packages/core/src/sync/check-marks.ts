/**
 * What a check has learnt about words, over all its executions: which are looked at without a lock, which nobody asks about.
 *
 * Only what can matter is noted as an access of a step: plain stores to words that another CPU looks at without a lock,
 * plain loads of words that atomics change, and whether anybody ever asks about a word that is only added to. What is known
 * grows. Where it turns out that accesses mattered that were not noted, the check has news and begins anew.
 */

/** Bits of a word's state. */
const STORED = 1
const MARKED = 2
const ADDED = 4
const LOOKED_AT = 8
const LOADED = 16
const ATOMIC = 32

let states = new Uint8Array(0)
let hasNewMark = false
/** Marked words that the current step has stored to. */
export const markedStores: number[] = []
/** Words that atomics change and that the current step has loaded plainly. */
export const markedLoads: number[] = []

/** Nothing is known of so many words. */
export function bindMarks(words: number): void {
  states = new Uint8Array(words)
  hasNewMark = false
  forgetMarkedAccesses()
}

/** The marked accesses of the current step have been noted, or do not count. */
export function forgetMarkedAccesses(): void {
  markedStores.length = 0
  markedLoads.length = 0
}

/**
 * A CPU looks at this word without a lock: from now on plain stores to it are noted in `markedStores`. Words that were
 * stored to before that make what was explored incomplete: see `takeNewMarks`.
 */
export function markWord(address: number): void {
  const state = states[address] as number
  if ((state & MARKED) !== 0) return
  states[address] = state | MARKED
  if ((state & STORED) !== 0) hasNewMark = true
}

/** A synchronising operation tells something about this word to a CPU. */
export function lookedAt(address: number): void {
  const state = states[address] as number
  if ((state & LOOKED_AT) !== 0) return
  states[address] = state | LOOKED_AT
  if ((state & ADDED) !== 0) hasNewMark = true
}

/** An atomic changes this word: from now on plain loads of it by other CPUs are noted in `markedLoads`. */
export function changedByAtomic(address: number): void {
  const state = states[address] as number
  if ((state & ATOMIC) !== 0) return
  states[address] = state | ATOMIC
  if ((state & LOADED) !== 0) hasNewMark = true
}

/** Something is added to this word, and nobody is told; does anybody ever look at it? */
export function addedTo(address: number): boolean {
  const state = states[address] as number
  if ((state & ADDED) === 0) states[address] = state | ADDED
  return (state & LOOKED_AT) !== 0
}

/** A plain load of the word. */
export function loaded(address: number): void {
  const state = states[address] as number
  if ((state & (LOADED | ATOMIC)) === LOADED) return
  states[address] = state | LOADED
  if ((state & ATOMIC) !== 0 && !markedLoads.includes(address)) markedLoads.push(address)
}

/** A plain store to the word. */
export function stored(address: number): void {
  const state = states[address] as number
  if (state === STORED) return
  if ((state & MARKED) !== 0) markedStores.push(address)
  states[address] = state | STORED
}

/** What is known of the words. Another thread may go on from it. */
export function knownMarks(): Uint8Array {
  return states.slice()
}

/** Nothing is known of the words. */
export function forgetMarks(): void {
  states.fill(0)
  hasNewMark = false
}

/** Takes over what another thread knows. */
export function adoptMarks(marks: Uint8Array): void {
  for (let i = 0; i < marks.length; i++) states[i] = (states[i] as number) | (marks[i] as number)
}

/**
 * Several threads began with `known`; together they know `found`. Did one of them learn about a word what matters to accesses
 * that were made without it, by itself or by another?
 */
export function areNews(known: Uint8Array, found: Uint8Array): boolean {
  return found.some((state, i) => {
    const fresh = state & ~(known[i] as number)
    return (
      ((fresh & MARKED) !== 0 && (state & STORED) !== 0) ||
      ((fresh & LOOKED_AT) !== 0 && (state & ADDED) !== 0) ||
      ((fresh & ATOMIC) !== 0 && (state & LOADED) !== 0)
    )
  })
}

/** Has it turned out that more steps depend on each other than was known when they were made? Asked once. */
export function takeNewMarks(): boolean {
  const was = hasNewMark
  hasNewMark = false
  return was
}
