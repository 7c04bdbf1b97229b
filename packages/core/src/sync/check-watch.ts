/**
 * Rules and hardware, which watch an execution: compiled text calls these where they are, in JavaScript.
 */

import { ARE_RULES_TOLD, checkState, HAS_RULES, SELF, WATCH_FROM } from './check-state.ts'

/** Who is told of what an execution does. */
export interface Listeners {
  /** A CPU has taken a lock, or gives it back. */
  locked(cpu: number, lock: number, lockClass: number): void
  unlocked(cpu: number, lock: number, lockClass: number): void
  /** An atomic has added to a word that had the value `before`. */
  added(cpu: number, address: number, before: number, n: number): void
  /** An atomic has cleared a bit that was set, in a word that had the value `before`. */
  cleared(cpu: number, address: number, before: number, mask: number): void
  /** A TLB flush, or an access of a user thread: performs it and returns its result. */
  hardware(cpu: number, op: number, a: number, b: number, c: number): number
}

type Watch = (cpu: number, address: number, old: number, value: number) => void

let listeners: Listeners | undefined
let watch: Watch = () => undefined

/** Operations are told to these; undefined: to nobody. */
export function listenWith(next: Listeners | undefined): void {
  checkState[HAS_RULES] = next === undefined ? 0 : 1
  listeners = next
}

/** Plain stores to words from `from` on that rules can ask about are told to `callback`, before they happen. */
export function watchStores(from: number, callback: Watch): void {
  checkState[WATCH_FROM] = from
  watch = callback
}

/** What a rule keeps of the execution may have changed. */
export function rulesAreTold(): void {
  checkState[ARE_RULES_TOLD] = 1
}

export function tellStore(address: number, old: number, value: number): void {
  rulesAreTold()
  watch(checkState[SELF] as number, address, old, value)
}

export function tellLocked(cpu: number, lock: number, lockClass: number): void {
  rulesAreTold()
  listeners?.locked(cpu, lock, lockClass)
}

export function tellUnlocked(cpu: number, lock: number, lockClass: number): void {
  rulesAreTold()
  listeners?.unlocked(cpu, lock, lockClass)
}

export function tellAdded(cpu: number, address: number, before: number, n: number): void {
  rulesAreTold()
  listeners?.added(cpu, address, before, n)
}

export function tellCleared(cpu: number, address: number, before: number, mask: number): void {
  rulesAreTold()
  listeners?.cleared(cpu, address, before, mask)
}

export function performHardware(cpu: number, op: number, a: number, b: number, c: number): number {
  rulesAreTold()
  return listeners?.hardware(cpu, op, a, b, c) ?? 0
}
