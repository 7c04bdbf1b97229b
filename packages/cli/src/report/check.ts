/**
 * The report of a check as text: the verdict line, and how a rule breaks as a table with a column for each CPU.
 */
import {
  type CheckReport,
  counterexamplesOf,
  counterexampleTable,
  type ReportedCounterexample,
  verdictLine,
} from '@mmgather/core'
import type { Paint } from './paint.ts'
import { countText } from './units.ts'

export interface CheckText {
  readonly ms: number
  /** The rule that docs/findings.md lists for what was checked; '': none. */
  readonly finding: string
  readonly everyStep: boolean
  /** One line only, unless something unexpected broke. */
  readonly isOneOfMany: boolean
}

export function checkLines(report: CheckReport, text: CheckText, paint: Paint): string[] {
  const { verdict, scenario, strategy } = report
  const counterexamples = counterexamplesOf(report)
  const unknown = counterexamples.filter(({ rule }) => rule !== text.finding)
  const isFinding = counterexamples.length > 0 && unknown.length === 0
  const style =
    verdict.kind === 'exhaustive'
      ? 'green'
      : verdict.kind === 'broken' && !isFinding
        ? 'red'
        : 'yellow'
  const note = isFinding ? FINDING : ''
  const head = `${scenario.name} ${strategy}: ${paint(style, verdictLine(verdict))}${note}`
  if (text.isOneOfMany && unknown.length === 0)
    return [head, ...counterexamples.map(({ token }) => `  mmgather replay ${token}`)]
  return [
    head,
    ...countLines(report, text.ms),
    ...counterexamples.flatMap((each) =>
      counterexampleLines(each, text, paint, each.rule === text.finding && !isFinding),
    ),
  ]
}

const FINDING = ' (a finding: docs/findings.md)'

function countLines({ abandoned, steps, outcomes, executions }: CheckReport, ms: number): string[] {
  const perSecond = Math.round((executions + abandoned) / (ms / 1000))
  return [
    `  ${countText(outcomes)} different results, ${countText(abandoned)} executions given up, ${countText(steps)} steps, ${(ms / 1000).toFixed(2)} s, ${countText(perSecond)} executions/s`,
  ]
}

export function counterexampleLines(
  counterexample: ReportedCounterexample,
  { everyStep }: Pick<CheckText, 'everyStep'>,
  paint: Paint,
  isFinding: boolean,
): string[] {
  const { rule, message, contextSwitches, steps, isMinimal, token } = counterexample
  const minimal = isMinimal ? 'no way has fewer switches' : 'there may be a way with fewer switches'
  return [
    '',
    ...counterexampleTable(counterexample, { all: everyStep }).split('\n'),
    '',
    `${paint('red', `${rule}: ${message}`)}${isFinding ? FINDING : ''}`,
    `  ${contextSwitches} context switches, ${steps.length} steps; ${minimal}`,
    `  mmgather replay ${token}`,
  ]
}
