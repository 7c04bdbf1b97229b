/**
 * When the order of two accesses to one word can matter.
 *
 * Two additions in the same direction commute if neither crosses a threshold that one of them asks about: the values
 * between them lie in one part, and so they do in the other order. Opposite directions do not commute, for a third might
 * tell, unless nobody ever asks about the word. Bits commute with other bits. Everything else is ordered, reads among themselves excepted.
 *
 * Invariant: the relation is symmetric, and it holds between neighbours of an execution; of two accesses further apart it
 * may say that they depend on each other where the right of way of those between them says it as well.
 */

import { ADD, ADD_SEEN, classOf, type Kind, READ, SET_BITS, TEST_BITS } from './operations.ts'

/** One word that a step looks at or changes. */
export interface Access {
  readonly address: number
  readonly kind: Kind
  /** Of an addition: what is added; of bits: which. */
  readonly operand: number
  /** The word before the step. */
  readonly before: number
}

/** Does adding `operand` to `before` change the answer to what `kind` asks? */
export function crosses(kind: Kind, before: number, operand: number): boolean {
  return classOf(kind, before) !== classOf(kind, (before + operand) | 0)
}

function additionsDepend(
  xKind: Kind,
  x: number,
  xBefore: number,
  yKind: Kind,
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

/** Does the order of two accesses to one word matter? */
export function accessesDepend(
  xKind: Kind,
  x: number,
  xBefore: number,
  yKind: Kind,
  y: number,
  yBefore: number,
): boolean {
  if (xKind === READ && yKind === READ) return false
  if (isAddition(xKind) && isAddition(yKind))
    return additionsDepend(xKind, x, xBefore, yKind, y, yBefore)
  if (xKind >= SET_BITS && xKind <= TEST_BITS && yKind >= SET_BITS && yKind <= TEST_BITS) {
    if ((x & y) === 0) return false
    return xKind !== yKind || xKind === TEST_BITS
  }
  return true
}

function isUnasked(kind: Kind): boolean {
  return kind === ADD || kind === ADD_SEEN
}

export function isAddition(kind: Kind): boolean {
  return kind >= ADD && kind <= ADD_SEEN
}

/**
 * Does the order of an executed access and of one that a sleeping CPU would make matter? The second has been made from
 * the state before the first, not from the state after it: what the two together cross counts as well. `now`: the word
 * after the first.
 */
export function wakes(executed: Access, sleeping: Access, now: number): boolean {
  const { kind: xKind, operand: x, before: xBefore } = executed
  const { kind: yKind, operand: y, before: yBefore } = sleeping
  if (accessesDepend(xKind, x, xBefore, yKind, y, yBefore)) return true
  if (!isAddition(xKind) || !isAddition(yKind) || (isUnasked(xKind) && isUnasked(yKind)))
    return false
  const asked = isUnasked(xKind) ? yKind : xKind
  return crosses(asked, now, y) || crosses(asked, (xBefore + y) | 0, x)
}
