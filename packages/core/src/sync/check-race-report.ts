/**
 * The first race of an execution: compiled text calls this where it is, in JavaScript.
 */

import { checkState, SELF } from './check-state.ts'

/** Ways to access a word, numbers in the text. */
export const ACCESS_LOAD = 0
export const ACCESS_STORE = 1
export const ACCESS_ATOMIC = 2
const NAMES = ['load', 'store', 'atomic'] as const

type AccessName = (typeof NAMES)[number]

/** Two unordered accesses. */
export interface Race {
  readonly address: number
  /** The CPU of the access that came second in this execution, and the other. */
  readonly cpu: number
  readonly other: number
  readonly access: AccessName
  readonly otherAccess: AccessName
}

let race: Race | undefined

/** The first race of the execution. */
export function firstRace(): Race | undefined {
  return race
}

export function forgetFirstRace(): void {
  race = undefined
}

/** The CPU that runs has come to an access that nothing orders against one of another. */
export function reportRace(
  address: number,
  other: number,
  access: number,
  otherAccess: number,
): void {
  race ??= {
    address,
    cpu: checkState[SELF] as number,
    other,
    access: NAMES[access] ?? 'load',
    otherAccess: NAMES[otherAccess] ?? 'load',
  }
}
