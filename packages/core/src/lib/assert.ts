/**
 * Assertions of the control plane: building, attaching, verifying and reporting.
 *
 * A failed assertion is a bug of mmgather, never bad input: it throws with the state that is needed to understand it.
 * (The kernel text asserts through `bugOn` in `sync/`, because it can neither build strings nor throw.)
 */

/** Thrown by a failed assertion; `context` holds the values that were asserted about. */
export class AssertionError extends Error {
  readonly context: Readonly<Record<string, unknown>>

  constructor(message: string, context: Readonly<Record<string, unknown>> = {}) {
    const values = Object.entries(context).map(([name, value]) => `${name}=${String(value)}`)
    super(values.length > 0 ? `${message} (${values.join(', ')})` : message)
    this.name = 'AssertionError'
    this.context = context
  }
}

/** Throws AssertionError unless `condition` holds. */
export function assert(
  condition: boolean,
  message: string,
  context?: Readonly<Record<string, unknown>>,
): asserts condition {
  if (!condition) throw new AssertionError(message, context)
}
