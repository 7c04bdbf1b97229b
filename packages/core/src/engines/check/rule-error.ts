/**
 * Thrown where a rule is broken in the middle of an execution.
 */

export class RuleError extends Error {
  /** Name of the rule, see CHECK_RULES. */
  readonly rule: string

  constructor(rule: string, message: string) {
    super(message)
    this.name = 'RuleError'
    this.rule = rule
  }
}
