/**
 * What the machine's words were before each change, so that a check can take back the end of an execution, or all of it; and
 * a hash of what the execution has changed so far.
 *
 * Check text (docs/wasm.md). Invariants: taken back from the last to the first, the changes give the words as they were when
 * the execution began; the hash depends on the words that differ from there and their values, not on the way to them.
 */

import { mem } from '../machine/memory.ts'
import type { ArraySource } from './array-source.ts'
import { endOfChanges } from './check-fail.ts'
import { CHANGES, CHANGES_LIMIT, CHANGES_MAX, checkState, SUM_A, SUM_B } from './check-state.ts'

/** By change: the word, and its value before. */
let changedWords: Int32Array = new Int32Array(0)
let changedValues: Int32Array = new Int32Array(0)

/** Nothing has changed. @param entries - changes of an execution at most. */
export function bindUndo(entries: number, arrays: ArraySource): void {
  changedWords = arrays.int32('changedWords', entries)
  changedValues = arrays.int32('changedValues', entries)
  checkState[CHANGES_MAX] = entries
}

/** A word has changed. @param before - its value before. */
export function noteChange(address: number, before: number): void {
  const n = checkState[CHANGES] as number
  if (n >= (checkState[CHANGES_LIMIT] as number)) endOfChanges()
  changedWords[n] = address
  changedValues[n] = before
  checkState[CHANGES] = n + 1
  const value = mem[address] as number
  if (value === before) return
  // what the word adds to two sums for its value, less what it added for the value before
  const out = mixed(address, before)
  const into = mixed(address, value)
  checkState[SUM_A] = ((checkState[SUM_A] as number) + into - out) | 0
  checkState[SUM_B] = ((checkState[SUM_B] as number) + secondOf(into) - secondOf(out)) | 0
}

function mixed(address: number, value: number): number {
  const z =
    Math.imul(address ^ -1640531527, -2048144789) ^ Math.imul(value ^ (address << 7), -1028477387)
  const y = Math.imul(z ^ ((z >> 15) & 0x1ffff), 0x2c1b3c6d)
  return y ^ ((y >> 13) & 0x7ffff)
}

function secondOf(z: number): number {
  return Math.imul(z ^ ((z >> 11) & 0x1fffff), 0x297a2d39)
}

/** At most `more` changes from here on. */
export function allowChanges(more: number): void {
  checkState[CHANGES_LIMIT] = Math.min(
    checkState[CHANGES_MAX] as number,
    (checkState[CHANGES] as number) + more,
  )
}

/** Takes back all changes but the first `kept`, with which the sums were `a` and `b`. */
export function undoChanges(kept: number, a: number, b: number): void {
  for (let n = (checkState[CHANGES] as number) - 1; n >= kept; n--)
    mem[changedWords[n] as number] = changedValues[n] as number
  checkState[CHANGES] = kept
  checkState[SUM_A] = a
  checkState[SUM_B] = b
}

/** Two 26-bit hashes of what the execution has changed in memory, as one number below 2^52. */
export function hashChanges(): number {
  const [a = 0, b = 0] = [checkState[SUM_A], checkState[SUM_B]]
  return (a >>> 6) * 2 ** 26 + (b >>> 6)
}
