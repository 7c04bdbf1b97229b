/**
 * What the machine's words were before each change, so that a check can take back the end of an execution, or all of it; and
 * a hash of what the execution has changed so far.
 *
 * Invariants: taken back from the last to the first, the changes give the words as they were when the execution began; the
 * hash depends on the words that differ from there and their values, not on the way to them.
 */

import { mem } from '../machine/memory.ts'

let addresses = new Int32Array(0)
let values = new Int32Array(0)
let length = 0
/** Two sums over all changed words: what a word adds for its value, less what it adds for the value at the start. */
export let sumA = 0
export let sumB = 0

/** Nothing has changed. */
export function bindUndo(): void {
  addresses = new Int32Array(4096)
  values = new Int32Array(4096)
  length = 0
  sumA = 0
  sumB = 0
}

/** A word has changed. @param before - its value before. */
export function noteChange(address: number, before: number): void {
  if (length === addresses.length) grow()
  addresses[length] = address
  values[length++] = before
  const value = mem[address] as number
  if (value === before) return
  const out = mixed(address, before)
  const into = mixed(address, value)
  sumA = (sumA + into - out) | 0
  sumB = (sumB + secondOf(into) - secondOf(out)) | 0
}

function mixed(address: number, value: number): number {
  let z =
    Math.imul(address ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(value ^ (address << 7), 0xc2b2ae35)
  z = Math.imul(z ^ (z >>> 15), 0x2c1b3c6d)
  return z ^ (z >>> 13)
}

function secondOf(z: number): number {
  return Math.imul(z ^ (z >>> 11), 0x297a2d39)
}

function grow(): void {
  const moreAddresses = new Int32Array(2 * length)
  moreAddresses.set(addresses)
  addresses = moreAddresses
  const moreValues = new Int32Array(2 * length)
  moreValues.set(values)
  values = moreValues
}

/** Changes so far. */
export function changes(): number {
  return length
}

/** Takes back all changes but the first `kept`, with which the sums were `a` and `b`. */
export function undoChanges(kept: number, a: number, b: number): void {
  while (length > kept) {
    length--
    mem[addresses[length] as number] = values[length] as number
  }
  sumA = a
  sumB = b
}

/** Two 26-bit hashes of what the execution has changed in memory, as one number below 2^52. */
export function hashChanges(): number {
  return (sumA >>> 6) * 2 ** 26 + (sumB >>> 6)
}
