/**
 * Shadow words: what a check keeps of an execution that is to be taken back with it: clocks of race detection, states of rules.
 *
 * Check text (docs/wasm.md). Invariant: taken back from the last to the first, the changes give the words as they were when the
 * execution began: as `startRaces` left the clocks, and 0.
 */

import type { ArraySource } from './array-source.ts'
import { endOfShadow } from './check-fail.ts'
import { checkState, RULES_AT, SHADOW_CHANGES, SHADOW_CHANGES_MAX } from './check-state.ts'

/** The clocks (check-races.ts); from RULES_AT on the states of rules. */
export let shadow: Int32Array = new Int32Array(0)
/** By change: where, and what was there. */
let shadowChanged: Int32Array = new Int32Array(0)
let shadowBefore: Int32Array = new Int32Array(0)

/** @param clocks - words of race detection. @param rules - words of the rules. */
export function bindShadow(clocks: number, rules: number, arrays: ArraySource): void {
  shadow = arrays.int32('shadow', clocks + rules)
  checkState[RULES_AT] = clocks
}

/** Room for so many changes in an execution. */
export function bindShadowChanges(entries: number, arrays: ArraySource): void {
  shadowChanged = arrays.int32('shadowChanged', entries)
  shadowBefore = arrays.int32('shadowBefore', entries)
  checkState[SHADOW_CHANGES_MAX] = entries
}

export function setShadow(at: number, value: number): void {
  const old = shadow[at] as number
  if (old === value) return
  const n = checkState[SHADOW_CHANGES] as number
  if (n === (checkState[SHADOW_CHANGES_MAX] as number)) endOfShadow()
  shadowChanged[n] = at
  shadowBefore[n] = old
  checkState[SHADOW_CHANGES] = n + 1
  shadow[at] = value
}

/** Takes back all changes but the first `kept`. */
export function undoShadow(kept: number): void {
  for (let n = (checkState[SHADOW_CHANGES] as number) - 1; n >= kept; n--)
    shadow[shadowChanged[n] as number] = shadowBefore[n] as number
  checkState[SHADOW_CHANGES] = kept
}
