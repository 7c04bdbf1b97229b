/**
 * What a check has come to: the report, and its verdict as one line.
 */

import type { Counterexample } from '../engines/check/counterexample.ts'
import type { Scenario } from '../scenario/scenario.ts'

export const CHECK_REPORT_SCHEMA = 'mmgather/check@1'

/** What can be said after a check, and no more. */
export type Verdict =
  /** Every interleaving that matters was run. */
  | { readonly kind: 'exhaustive'; readonly executions: number }
  /** A part of them, by what `by` says; `left`: branches that are known and were not taken (there may be more below them). */
  | {
      readonly kind: 'bounded'
      readonly by: string
      readonly executions: number
      readonly left: number
    }
  /** `missChance`: of missing a bug of PCT depth `depth`, at most; absent: nothing is known of it. */
  | {
      readonly kind: 'sampled'
      readonly by: string
      readonly schedules: number
      readonly depth?: number
      readonly missChance?: number
    }
  /**
   * `rules`, `search` (with the option allRules): every rule that breaks, in the order of CHECK_RULES and VERIFY_RULES, `rule`
   * the first of them, and how far the search for them went.
   */
  | {
      readonly kind: 'broken'
      readonly rule: string
      readonly message: string
      readonly executions: number
      readonly rules?: readonly string[]
      readonly search?: Verdict
    }

/** A way to break a rule; `isMinimal`: no way has fewer context switches, and none with as many is shorter. */
export type ReportedCounterexample = Counterexample & {
  readonly isMinimal: boolean
  readonly token: string
}

export interface CheckReport {
  readonly schema: typeof CHECK_REPORT_SCHEMA
  readonly version: string
  readonly scenario: Scenario
  readonly strategy: string
  readonly verdict: Verdict
  /** Executions to their end, and those that were given up because others cover them. */
  readonly executions: number
  readonly abandoned: number
  /** Steps of all executions, those that were taken again included. */
  readonly steps: number
  /** Different states that complete executions have left. */
  readonly outcomes: number
  /** How the verdict's rule breaks. */
  readonly counterexample?: ReportedCounterexample
  /** With the option allRules: how the others break, in the order of the verdict's `rules`. */
  readonly moreCounterexamples?: readonly ReportedCounterexample[]
}

/** All counterexamples of a report, in the order of the rules. */
export function counterexamplesOf(report: CheckReport): readonly ReportedCounterexample[] {
  const { counterexample, moreCounterexamples = [] } = report
  return counterexample === undefined ? [] : [counterexample, ...moreCounterexamples]
}

/** The verdict in one line. */
export function verdictLine(verdict: Verdict): string {
  const n = (count: number, one: string, many = `${one}s`): string =>
    `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
  switch (verdict.kind) {
    case 'exhaustive':
      return `exhaustive: ${n(verdict.executions, 'execution')}`
    case 'bounded':
      return `bounded: ${verdict.by}, ${n(verdict.executions, 'execution')}, at least ${verdict.left.toLocaleString('en-US')} left`
    case 'sampled': {
      const chance =
        verdict.missChance === undefined
          ? 'nothing is known of what they miss'
          : `chance to miss a bug of depth ${verdict.depth} at most ${percent(verdict.missChance)}`
      return `sampled: ${n(verdict.schedules, 'schedule')}, ${verdict.by}, ${chance}`
    }
    default:
      if (verdict.rules !== undefined && verdict.search !== undefined)
        return `broken: ${verdict.rules.join(', ')} (${verdictLine(verdict.search)})`
      return `broken: ${verdict.rule}, at execution ${verdict.executions.toLocaleString('en-US')}`
  }
}

/** Rounded up: a chance is never stated as smaller than it is. */
function percent(chance: number): string {
  const value = Math.max(chance * 100, 10 ** -DIGITS_MAX)
  const digits = value >= 1 ? 1 : Math.min(DIGITS_MAX, Math.ceil(-Math.log10(value)) + 1)
  return `${(Math.ceil(value * 10 ** digits) / 10 ** digits).toFixed(digits)} %`
}

const DIGITS_MAX = 12
