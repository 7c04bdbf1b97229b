/**
 * Thrown where a rule is broken in the middle of an execution.
 */

import { assert } from '../../lib/assert.ts'
import { firstRace } from '../../sync/check-races.ts'
import { nameOfWord } from './names.ts'

export class RuleError extends Error {
  /** Name of the rule, see CHECK_RULES. */
  readonly rule: string

  constructor(rule: string, message: string) {
    super(message)
    this.name = 'RuleError'
    this.rule = rule
  }
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
