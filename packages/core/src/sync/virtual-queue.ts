/**
 * The event queue of virtual time: a tournament of keys, in which the earliest clock wins, and on equal clocks the lower
 * CPU number.
 *
 * A key is a clock and a CPU number in one integer, so that one comparison decides. Inner nodes have the lesser of the two
 * keys below them; the leaf of a CPU that leaves is given to the one that comes in its place, so that only the nodes above
 * one leaf change. Unlike a heap's, the way up is the same whatever the keys are: no branch to be predicted.
 *
 * Virtual text (docs/wasm.md). Invariants: a CPU is in the queue at most once; a CPU's clock does not change while it is
 * in the queue; clocks are less than `queueCyclesMax`.
 */

import type { ArraySource } from './array-source.ts'
import type { Cycles } from './virtual-clock.ts'

/**
 * Keys are integers from -(2^53) on, below 2^53: all that a float of 64 bits counts without gaps. 2^53 as a product, for the
 * text knows constants of 32 bits.
 */
const KEYS_HALF_HIGH = 0x40000000
const KEYS_HALF_LOW = 0x800000

/** Nodes: 1 is the root, 2n and 2n + 1 are below n, the leaves come last. */
let queueKeys: Float64Array = new Float64Array(0)
/** By CPU in the queue: its leaf. */
let leafOf: Int32Array = new Int32Array(0)
/** From `queued` on: leaves of nobody. */
let freeLeaves: Int32Array = new Int32Array(0)
let queued = 0
/** Keys that share a clock, a power of two, and 1 divided by it. */
let keysPerClock: Cycles = 1
let clocksPerKey: Cycles = 1
/** The clock whose keys begin at 0. */
let clockOfZero: Cycles = 0
/** In place of a key: nobody. Greater than any. */
let nobody: Cycles = 0

/** A power of two. */
function leavesFor(cpus: number): number {
  let leaves = 1
  while (leaves < cpus) leaves = leaves << 1
  return leaves
}

/** Clocks in a queue for so many CPUs are less than this. */
export function queueCyclesMax(cpus: number): number {
  return (2 * KEYS_HALF_HIGH * KEYS_HALF_LOW) / leavesFor(cpus)
}

/** Room for so many CPUs; `openQueue` makes a queue of it. */
export function bindVirtualQueue(cpus: number, arrays: ArraySource): void {
  const leaves = leavesFor(cpus)
  queueKeys = arrays.float64('queueKeys', 2 * leaves)
  leafOf = arrays.int32('leafOf', cpus)
  freeLeaves = arrays.int32('freeLeaves', leaves)
}

/** An empty queue, for as many CPUs as it was bound for. */
export function openQueue(cpus: number): void {
  const leaves = leavesFor(cpus)
  queued = 0
  keysPerClock = leaves
  clocksPerKey = 1 / keysPerClock
  clockOfZero = KEYS_HALF_HIGH * clocksPerKey * KEYS_HALF_LOW
  nobody = 2 * clockOfZero * keysPerClock
  for (let i = 0; i < leaves; i++) {
    queueKeys[i] = nobody
    queueKeys[leaves + i] = nobody
    freeLeaves[i] = leaves + i
  }
}

/** CPUs in the queue. */
export function eventsQueued(): number {
  return queued
}

/** The last clock with which this CPU, which is not in the queue, would still be first; later than any if it is empty. */
export function lastClockBeforeFirst(cpu: number): Cycles {
  return Math.floor(((queueKeys[1] as number) - cpu) * clocksPerKey) + clockOfZero
}

/** Puts a CPU with this clock into the queue. */
export function pushEvent(cpu: number, clock: Cycles): void {
  const leaf = freeLeaves[queued] as number
  queued = queued + 1
  leafOf[cpu] = leaf
  setLeaf(leaf, keyOf(cpu, clock))
}

/** Takes the earliest CPU out; -1: there is none. */
export function popEvent(): number {
  if (queued === 0) return -1
  const first = cpuOf(queueKeys[1] as number)
  const leaf = leafOf[first] as number
  queued = queued - 1
  freeLeaves[queued] = leaf
  setLeaf(leaf, nobody)
  return first
}

/** `pushEvent` and then `popEvent`, in one step. */
export function exchangeEvent(cpu: number, clock: Cycles): number {
  const key: Cycles = keyOf(cpu, clock)
  const firstKey = queueKeys[1] as number
  if (key < firstKey) return cpu
  const first = cpuOf(firstKey)
  const leaf = leafOf[first] as number
  leafOf[cpu] = leaf
  setLeaf(leaf, key)
  return first
}

function keyOf(cpu: number, clock: Cycles): Cycles {
  return (clock - clockOfZero) * keysPerClock + cpu
}

function cpuOf(key: Cycles): number {
  return (key - Math.floor(key * clocksPerKey) * keysPerClock) | 0
}

/** Gives a leaf a key, and the nodes above it what follows. */
function setLeaf(leaf: number, key: Cycles): void {
  let at = leaf
  let least: Cycles = key
  queueKeys[at] = key
  while (at > 1) {
    least = Math.min(least, queueKeys[at ^ 1] as number)
    at = at >> 1
    queueKeys[at] = least
  }
}
