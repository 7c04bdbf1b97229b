/**
 * Hardware, and who watches an execution besides the rules: compiled text calls these where they are, in JavaScript.
 */

import { HAVE_STATES_CHANGED, checkState, HAS_WATCHER } from './check-state.ts'

/** User threads and their TLBs. */
export interface Machinery {
  /** An atomic has cleared a bit that was set, in a word that had the value `before`. */
  cleared(cpu: number, address: number, before: number, mask: number): void
  /** A TLB flush, or an access of a user thread: performs it and returns its result. */
  perform(cpu: number, op: number, a: number, b: number, c: number): number
}

/** Is told of what plain text does. */
export interface PlainWatcher {
  /** A plain store to a page table, or to a list, is about to happen. */
  store(cpu: number, address: number, old: number, value: number): void
  /** A page (of a large folio, its head) is given to a per-CPU list or to the buddy allocator. */
  freed(cpu: number, page: number): void
}

let machinery: Machinery | undefined
let watcher: PlainWatcher | undefined

export function bindMachinery(next: Machinery | undefined): void {
  machinery = next
}

/** From here on `next` is told; undefined: nobody. */
export function watchPlain(next: PlainWatcher | undefined): void {
  checkState[HAS_WATCHER] = next === undefined ? 0 : 1
  watcher = next
}

/** What JavaScript keeps of the execution may have changed. */
export function statesChange(): void {
  checkState[HAVE_STATES_CHANGED] = 1
}

export function tellStore(cpu: number, address: number, old: number, value: number): void {
  watcher?.store(cpu, address, old, value)
}

export function tellFreed(cpu: number, page: number): void {
  watcher?.freed(cpu, page)
}

export function tellCleared(cpu: number, address: number, before: number, mask: number): void {
  statesChange()
  machinery?.cleared(cpu, address, before, mask)
}

export function performHardware(cpu: number, op: number, a: number, b: number, c: number): number {
  statesChange()
  return machinery?.perform(cpu, op, a, b, c) ?? 0
}
