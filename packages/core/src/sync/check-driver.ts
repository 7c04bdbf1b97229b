/**
 * Who drives a check: compiled text calls these where they are, in JavaScript.
 */

/** What steps need of the engine. */
export interface Driver {
  /** A CPU has come to an operation: keeps its stack. */
  noteStack(cpu: number): void
  /** Leaves the text of the CPU that runs: throws. */
  stopCpu(): void
  /** The CPU that makes the next step, one of the bits of `enabled`; -1: the execution is not worth going on with. */
  pickCpu(enabled: number): number
  /** A step was made. */
  tellStepped(): void
  /** The execution has come to a race: throws. */
  throwRace(): void
  /** Keeps the states of all rules; returns how many times that was done. */
  keepStates(): number
}

const NOBODY: Driver = {
  noteStack: () => undefined,
  stopCpu: () => undefined,
  pickCpu: () => -1,
  tellStepped: () => undefined,
  throwRace: () => undefined,
  keepStates: () => 0,
}

let driver = NOBODY

/** Who drives the check of this thread. */
export function bindDriver(next: Driver = NOBODY): void {
  driver = next
}

export function noteStack(cpu: number): void {
  driver.noteStack(cpu)
}

export function stopCpu(): void {
  driver.stopCpu()
}

export function pickCpu(enabled: number): number {
  return driver.pickCpu(enabled)
}

export function tellStepped(): void {
  driver.tellStepped()
}

export function throwRace(): void {
  driver.throwRace()
}

export function keepStates(): number {
  return driver.keepStates()
}
