/**
 * What happens where a rule is broken in the middle of an execution: it ends there, or goes on if that rule is not heeded.
 *
 * Who watches an execution says `breakRule` and goes on as if nothing had been said; whether that throws is for the World to
 * decide. Invariant: what is kept of an execution does not depend on it, so that a rule that is not heeded hides no other.
 */

import { assert } from '../../lib/assert.ts'
import { firstRace } from '../../sync/check-race-report.ts'
import { nameOfWord } from './names.ts'

/** A way to break a rule. */
export interface Breach {
  readonly rule: string
  readonly message: string
  /** The CPU of each step. */
  readonly schedule: readonly number[]
}

export class RuleError extends Error {
  /** Name of the rule, see CHECK_RULES. */
  readonly rule: string

  constructor(rule: string, message: string) {
    super(message)
    this.name = 'RuleError'
    this.rule = rule
  }
}

/** Told of each rule that is broken; true: the execution ends there. */
export type Heed = (rule: string, message: string) => boolean

const ALWAYS: Heed = () => true
let heed: Heed = ALWAYS

/** Who decides from now on, on this thread. Default: every execution ends where it breaks a rule. */
export function heedWith(callback: Heed = ALWAYS): void {
  heed = callback
}

/** A rule is broken here. Throws RuleError, or returns if the execution is to go on. */
export function breakRule(rule: string, message: string): void {
  if (heed(rule, message)) throw new RuleError(rule, message)
}

/** Reports the race that the current execution has come to. */
export function throwRace(): never {
  const race = firstRace()
  assert(race !== undefined, 'no race')
  const { address, cpu, other, access, otherAccess } = race
  throw new RuleError(
    'data-race',
    `${nameOfWord(address)}: ${access} by CPU ${cpu}, ${otherAccess} by CPU ${other}, and nothing orders the two`,
  )
}
