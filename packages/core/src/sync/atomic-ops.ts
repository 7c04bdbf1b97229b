/**
 * The atomic operations on words that everything in `sync/` is made of: sequentially consistent, as Atomics are.
 *
 * This is the only file that names `Atomics`. In a CPU thread's bundle its place is taken by the same operations
 * compiled (atomic-ops-wasm.ts): a call of Atomics costs four times the locked instruction, a call of those twice.
 */

import { mem } from '../machine/memory.ts'

/** Adds, returns the value before. */
export function fetchAdd(address: number, value: number): number {
  return Atomics.add(mem, address, value)
}

/** Subtracts, returns the value before. */
export function fetchSub(address: number, value: number): number {
  return Atomics.sub(mem, address, value)
}

/** Bitwise and, returns the value before. */
export function fetchAnd(address: number, value: number): number {
  return Atomics.and(mem, address, value)
}

/** Bitwise or, returns the value before. */
export function fetchOr(address: number, value: number): number {
  return Atomics.or(mem, address, value)
}

/** Writes `value` if the word is `expected`; returns the value before. */
export function compareExchange(address: number, expected: number, value: number): number {
  return Atomics.compareExchange(mem, address, expected, value)
}

/** An ordered load, for loops that wait. */
export function atomicLoad(address: number): number {
  return Atomics.load(mem, address)
}

/** An ordered store. */
export function atomicStore(address: number, value: number): void {
  Atomics.store(mem, address, value)
}

/** Sleeps while the word is `value`, `timeoutMs` at most. */
export function atomicWait(address: number, value: number, timeoutMs: number): void {
  Atomics.wait(mem, address, value, timeoutMs)
}

/** Wakes whoever sleeps on the word. */
export function atomicNotify(address: number): void {
  Atomics.notify(mem, address)
}
