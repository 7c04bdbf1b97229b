/**
 * A scenario that is well formed but does not fit: too many pages, CPUs or memory for a simulated machine.
 */

export interface LimitsErrorDetails {
  /** What is too large: a key of the scenario, or of the machine. */
  field: string
  value: string
  allowed: string
  /** The way out. */
  hint: string
}

export class LimitsError extends Error {
  readonly field: string
  readonly value: string
  readonly allowed: string
  readonly hint: string

  constructor(details: LimitsErrorDetails) {
    super(`${details.field}: ${details.value}; allowed: ${details.allowed}; ${details.hint}`)
    this.name = 'LimitsError'
    this.field = details.field
    this.value = details.value
    this.allowed = details.allowed
    this.hint = details.hint
  }
}
