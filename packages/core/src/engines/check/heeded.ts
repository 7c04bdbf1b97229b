/**
 * Which rules end an execution where they are broken, and what is kept of the others.
 *
 * All: as a check does that ends at the first broken rule. One: to look for the shortest way to break it, or to run that way
 * again, whatever else breaks before. None: every rule that breaks is kept with the execution that broke it first, and the
 * execution goes on. A CPU whose text cannot go on (an assertion, a wild access) stops there, as in an oops, and the others go
 * on; what such an execution leaves behind, and who waits in it for the locks of a CPU that has stopped, is not looked at.
 *
 * Invariant: which rules are kept does not depend on the order of the executions.
 */

import { LostProgressError, WildAccessError } from '../../sync/check-fail.ts'
import { statesChange } from '../../sync/check-watch.ts'
import { KernelBugError } from '../../sync/live-cpu.ts'
import type { End, Execution } from './execution.ts'
import { type Breach, heedWith } from './rule-error.ts'
import type { Watcher } from './watcher.ts'

interface Broken {
  readonly rule: string
  readonly message: string
}

const COMPLETED: End = { kind: 'completed' }

export class HeededRules implements Watcher {
  /** Has a CPU stopped in this execution? */
  state = false
  /** The one rule; '': none; undefined: all. */
  #only: string | undefined
  #trace: Execution['trace'] | undefined
  /** None is heeded: the rules that were broken, each by the first execution that did. */
  readonly broken: Map<string, Breach> = new Map()
  /** None is heeded: the rules at which executions ended all the same. */
  readonly ends: Set<string> = new Set()

  /** @param only - the one rule that ends an execution; '': none does; undefined: all do. */
  heed({ trace }: Execution, only: string | undefined): void {
    this.#trace = trace
    this.#only = only
    this.broken.clear()
    this.ends.clear()
    heedWith(only === undefined ? undefined : (rule, message) => this.#isHeeded(rule, message))
  }

  #isHeeded(rule: string, message: string): boolean {
    if (this.#only === '') this.#keep({ rule, message })
    return rule === this.#only
  }

  #keep({ rule, message }: Broken): void {
    if (this.#trace === undefined || this.broken.has(rule)) return
    this.broken.set(rule, { rule, message, schedule: this.#trace.schedule() })
  }

  /** Runs the program of a CPU, which may stop without ending the execution, unless all rules are heeded. */
  guard(program: () => void): void {
    if (this.#only === undefined) return program()
    try {
      program()
    } catch (error) {
      const rule = ruleOf(error)
      if (rule === undefined || this.#isHeeded(rule, (error as Error).message)) throw error
      this.state = true
      statesChange()
    }
  }

  /** Of what is wrong with a state that a complete execution has left, what counts. */
  first(wrong: readonly Broken[]): Broken | undefined {
    if (this.state) return undefined
    if (this.#only === undefined) return wrong[0]
    if (this.#only !== '') return wrong.find(({ rule }) => rule === this.#only)
    for (const each of wrong) this.#keep(each)
    return undefined
  }

  /** An execution has ended before its end; `waits` tells of a deadlock. */
  ended(end: End, waits: () => string): End {
    if (end.kind === 'deadlock') {
      if (this.state) return COMPLETED
      if (this.#only === '') this.#keep({ rule: 'deadlock', message: waits() })
    } else if (end.kind === 'broken' && this.#only === '') {
      this.#keep(end)
      this.ends.add(end.rule)
    }
    return end
  }
}

/** The rule of an error that the text of a CPU cannot go on behind. */
function ruleOf(error: unknown): string | undefined {
  if (error instanceof KernelBugError) return 'bug-on'
  if (error instanceof WildAccessError) return 'wild-access'
  return error instanceof LostProgressError ? 'lost-progress' : undefined
}
