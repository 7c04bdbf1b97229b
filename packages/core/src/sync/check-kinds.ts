/**
 * What an operation observes of a word, by kind, and when the order of two accesses to one word can matter.
 *
 * Two additions in the same direction commute if neither crosses a threshold that one of them asks about: the values
 * between them lie in one part, and so they do in the other order. Opposite directions do not commute, for a third might
 * tell, unless nobody ever asks about the word. Bits commute with other bits. Everything else is ordered, reads among
 * themselves excepted.
 *
 * Check text (docs/wasm.md). Invariant: the relation is symmetric, and it holds between neighbours of an execution; of two
 * accesses further apart it may say that they depend on each other where the right of way of those between them says it as well.
 */

import { COMPOUND_MAPPED } from '../machine/layout.ts'

/** A look at a word. */
export const READ = 0
/** Anything that is to be ordered against every other access of the word. */
export const WRITE = 1
/** An addition whose result nobody looks at, to a word that nobody looks at. */
export const ADD = 2
/** An addition that asks whether the result is negative. */
export const ADD_NEGATIVE = 3
/** An addition that asks whether the result is zero. */
export const ADD_ZERO = 4
/** An addition that asks whether the result is negative, zero, below COMPOUND_MAPPED, or beyond. */
export const ADD_CLASS = 5
/** An addition whose result nobody looks at, to a word that somebody looks at. */
export const ADD_SEEN = 6
/** Bits are set or cleared, and nobody looks at them. */
export const SET_BITS = 7
export const CLEAR_BITS = 8
/** A bit is changed and asked for. */
export const TEST_BITS = 9
export const LOCK = 10
export const UNLOCK = 11
/** A lock that was tried and taken. One that was not is a look. */
export const TRYLOCK = 12

export type Kind = number

/** Which of the parts between the thresholds that an addition of this kind asks about a value lies in. */
export function classOf(kind: number, value: number): number {
  if (kind === ADD_NEGATIVE) return value < 0 ? 0 : 1
  if (kind === ADD_ZERO || value < COMPOUND_MAPPED) return value < 0 ? 0 : value === 0 ? 1 : 2
  return 3
}

/** Does adding `operand` to `before` change the answer to what `kind` asks? */
export function crosses(kind: number, before: number, operand: number): boolean {
  return classOf(kind, before) !== classOf(kind, (before + operand) | 0)
}

export function isAddition(kind: number): boolean {
  return kind >= ADD && kind <= ADD_SEEN
}

function isUnasked(kind: number): boolean {
  return kind === ADD || kind === ADD_SEEN
}

function isOfBits(kind: number): boolean {
  return kind >= SET_BITS && kind <= TEST_BITS
}

function additionsDepend(
  xKind: number,
  x: number,
  xBefore: number,
  yKind: number,
  y: number,
  yBefore: number,
): boolean {
  if (xKind === ADD && yKind === ADD) return false
  if (x !== 0 && y !== 0 && x < 0 !== y < 0) return true
  if (isUnasked(xKind) && isUnasked(yKind)) return false
  // where only one of them asks, its thresholds are those of both
  const asked = isUnasked(xKind) ? yKind : xKind
  if (!isUnasked(yKind) && yKind !== asked) return true
  return crosses(asked, xBefore, x) || crosses(asked, yBefore, y)
}

/** Does the order of two accesses to one word matter? Of an addition the operand is what is added, of bits: which. */
export function accessesDepend(
  xKind: number,
  x: number,
  xBefore: number,
  yKind: number,
  y: number,
  yBefore: number,
): boolean {
  if (xKind === READ && yKind === READ) return false
  if (isAddition(xKind) && isAddition(yKind))
    return additionsDepend(xKind, x, xBefore, yKind, y, yBefore)
  if (isOfBits(xKind) && isOfBits(yKind)) {
    if ((x & y) === 0) return false
    return xKind !== yKind || xKind === TEST_BITS
  }
  return true
}

/**
 * Does the order of an executed access x and of one that a sleeping CPU would make, y, matter? The second has been made from
 * the state before the first, not from the state after it: what the two together cross counts as well. `now`: the word
 * after the first.
 */
export function wakes(
  xKind: number,
  x: number,
  xBefore: number,
  yKind: number,
  y: number,
  yBefore: number,
  now: number,
): boolean {
  if (accessesDepend(xKind, x, xBefore, yKind, y, yBefore)) return true
  if (!isAddition(xKind) || !isAddition(yKind) || (isUnasked(xKind) && isUnasked(yKind)))
    return false
  const asked = isUnasked(xKind) ? yKind : xKind
  return crosses(asked, now, y) || crosses(asked, (xBefore + y) | 0, x)
}
