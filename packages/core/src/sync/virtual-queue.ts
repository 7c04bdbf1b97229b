/**
 * The event queue of virtual time: a binary heap of CPU numbers by clock, the lower number first on equal clocks.
 *
 * Virtual text (docs/wasm.md). Invariants: a CPU is in the queue at most once; a CPU's clock does not change while it is
 * in the queue.
 */

import type { ArraySource } from './virtual-arrays.ts'
import type { Cycles } from './virtual-clock.ts'

let heapCpus: Int32Array = new Int32Array(0)
/** Clocks by place in the heap, so that comparing children touches neighbours. */
let heapClocks: Float64Array = new Float64Array(0)
let queued = 0

/** An empty queue for so many CPUs. */
export function bindVirtualQueue(cpus: number, arrays: ArraySource): void {
  heapCpus = arrays.int32('heapCpus', cpus)
  heapClocks = arrays.float64('heapClocks', cpus)
  queued = 0
}

/** CPUs in the queue. */
export function eventsQueued(): number {
  return queued
}

/** The CPU with the earliest clock. The queue must not be empty. */
export function firstCpu(): number {
  return heapCpus[0] as number
}

/** Its clock. */
export function firstClock(): Cycles {
  return heapClocks[0] as number
}

/** Puts a CPU with this clock into the queue. */
export function pushEvent(cpu: number, clock: Cycles): void {
  let at = queued
  queued = queued + 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heapCpus[parent] as number
    const clockAbove = heapClocks[parent] as number
    if (clockAbove < clock || (clockAbove === clock && above < cpu)) break
    heapCpus[at] = above
    heapClocks[at] = clockAbove
    at = parent
  }
  heapCpus[at] = cpu
  heapClocks[at] = clock
}

/** Takes the earliest CPU out; -1: there is none. */
export function popEvent(): number {
  if (queued === 0) return -1
  const first = heapCpus[0] as number
  queued = queued - 1
  if (queued > 0) sink(heapCpus[queued] as number, heapClocks[queued] as number)
  return first
}

/** `pushEvent` and then `popEvent`, in one step. */
export function exchangeEvent(cpu: number, clock: Cycles): number {
  if (queued === 0) return cpu
  const first = heapCpus[0] as number
  const clockFirst = heapClocks[0] as number
  if (clock < clockFirst || (clock === clockFirst && cpu < first)) return cpu
  sink(cpu, clock)
  return first
}

/** Puts a CPU at the root, and where it belongs from there. */
function sink(cpu: number, clock: Cycles): void {
  let at = 0
  while (2 * at + 1 < queued) {
    let child = 2 * at + 1
    let clockBelow = heapClocks[child] as number
    const right = child + 1
    if (right < queued) {
      const clockRight = heapClocks[right] as number
      const isRight =
        clockRight < clockBelow ||
        (clockRight === clockBelow && (heapCpus[right] as number) < (heapCpus[child] as number))
      if (isRight) {
        child = right
        clockBelow = clockRight
      }
    }
    const below = heapCpus[child] as number
    if (clock < clockBelow || (clock === clockBelow && cpu < below)) break
    heapCpus[at] = below
    heapClocks[at] = clockBelow
    at = child
  }
  heapCpus[at] = cpu
  heapClocks[at] = clock
}
