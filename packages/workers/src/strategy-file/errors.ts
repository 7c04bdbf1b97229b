/**
 * What is wrong with a strategy file, told all at once.
 */

/** The file that was named as a strategy cannot be used. */
export class StrategyFileError extends Error {
  override readonly name = 'StrategyFileError'
  /** One line each; those about a place in a file begin with `file:line:column: `. */
  readonly violations: readonly string[]

  constructor(violations: readonly string[]) {
    super(violations.join('\n'))
    this.violations = violations
  }
}
