/**
 * Errors that cross from the thread of the virtual engine to its caller: a message port would take their class away.
 *
 * Invariant: what blames the input (limits, scenario, an option, no memory) has the same class on both sides; everything
 * else is a VirtualThreadError.
 */

import {
  LimitsError,
  type LimitsErrorDetails,
  ScenarioError,
  type ScenarioIssue,
} from '@mmgather/core'

/** The thread of the virtual engine threw or ended before its report: a bug, or the system ended it. */
export class VirtualThreadError extends Error {
  override readonly name = 'VirtualThreadError'

  /** @param stack - the stack in the thread, if there is one. */
  constructor(why: string, stack?: string) {
    super(`the thread of the virtual engine: ${why}`)
    if (stack !== undefined) this.stack = `${this.message}\n${stack}`
  }
}

/** An error as plain data. */
export type ThrownError =
  | { kind: 'limits'; details: LimitsErrorDetails }
  | { kind: 'scenario'; issues: readonly ScenarioIssue[]; source: string | undefined }
  | { kind: 'range'; message: string }
  | { kind: 'other'; message: string; stack: string | undefined }

export function thrownError(error: unknown): ThrownError {
  if (error instanceof LimitsError) {
    const { field, value, allowed, hint } = error
    return { kind: 'limits', details: { field, value, allowed, hint } }
  }
  if (error instanceof ScenarioError)
    return { kind: 'scenario', issues: error.issues, source: error.source }
  if (error instanceof RangeError) return { kind: 'range', message: error.message }
  if (error instanceof Error)
    return { kind: 'other', message: `${error.name}: ${error.message}`, stack: error.stack }
  return { kind: 'other', message: `it threw ${String(error)}`, stack: undefined }
}

export function revivedError(thrown: ThrownError): Error {
  switch (thrown.kind) {
    case 'limits':
      return new LimitsError(thrown.details)
    case 'scenario':
      return new ScenarioError(thrown.issues, thrown.source)
    case 'range':
      return new RangeError(thrown.message)
    default:
      return new VirtualThreadError(thrown.message, thrown.stack)
  }
}
