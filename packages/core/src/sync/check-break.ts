/**
 * Where rules are broken: compiled text calls these where they are, in JavaScript. Each throws, or returns if the execution is
 * to go on.
 */

/** What is said where a rule is broken. Addresses are those of locks, words, pages; classes those of locks. */
export interface Breaks {
  lockOrder(cpu: number, before: number, lock: number, lockClass: number): void
  unlockNotHeld(cpu: number, lock: number): void
  changeWithoutLock(cpu: number, address: number, lock: number): void
  counterFloor(address: number, before: number, after: number, floor: number): void
  references(head: number, references: number, mappings: number): void
  pendingRmap(cpu: number, folio: number, clearer: number): void
  pteLock(cpu: number, page: number): void
  rmapWithoutClear(cpu: number, page: number): void
  rmapMissing(cpu: number, page: number): void
  rmapBeforeFlush(cpu: number, page: number): void
  unlockBeforeFlush(cpu: number, page: number): void
  nestedFlush(cpu: number, page: number, clearer: number): void
  freeBeforeFlush(cpu: number, page: number, clearer: number): void
  pfnmapFlush(cpu: number): void
}

let breaks: Breaks | undefined

/** Who says it; undefined: nobody, and executions go on. */
export function bindBreaks(next: Breaks | undefined): void {
  breaks = next
}

export function breakLockOrder(cpu: number, before: number, lock: number, lockClass: number): void {
  breaks?.lockOrder(cpu, before, lock, lockClass)
}

export function breakUnlockNotHeld(cpu: number, lock: number): void {
  breaks?.unlockNotHeld(cpu, lock)
}

export function breakChangeWithoutLock(cpu: number, address: number, lock: number): void {
  breaks?.changeWithoutLock(cpu, address, lock)
}

export function breakCounterFloor(
  address: number,
  before: number,
  after: number,
  floor: number,
): void {
  breaks?.counterFloor(address, before, after, floor)
}

export function breakReferences(head: number, references: number, mappings: number): void {
  breaks?.references(head, references, mappings)
}

export function breakPendingRmap(cpu: number, folio: number, clearer: number): void {
  breaks?.pendingRmap(cpu, folio, clearer)
}

export function breakPteLock(cpu: number, page: number): void {
  breaks?.pteLock(cpu, page)
}

export function breakRmapWithoutClear(cpu: number, page: number): void {
  breaks?.rmapWithoutClear(cpu, page)
}

export function breakRmapMissing(cpu: number, page: number): void {
  breaks?.rmapMissing(cpu, page)
}

export function breakRmapBeforeFlush(cpu: number, page: number): void {
  breaks?.rmapBeforeFlush(cpu, page)
}

export function breakUnlockBeforeFlush(cpu: number, page: number): void {
  breaks?.unlockBeforeFlush(cpu, page)
}

export function breakNestedFlush(cpu: number, page: number, clearer: number): void {
  breaks?.nestedFlush(cpu, page, clearer)
}

export function breakFreeBeforeFlush(cpu: number, page: number, clearer: number): void {
  breaks?.freeBeforeFlush(cpu, page, clearer)
}

export function breakPfnmapFlush(cpu: number): void {
  breaks?.pfnmapFlush(cpu)
}
