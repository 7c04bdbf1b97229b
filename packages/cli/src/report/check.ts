/**
 * The report of a check as text: the verdict line, and how a rule breaks as a table with a column for each CPU.
 */
import { type CheckReport, counterexampleTable, verdictLine } from '@mmgather/core'
import type { Paint } from './paint.ts'

export interface CheckText {
  readonly ms: number
  /** docs/findings.md lists what breaks. */
  readonly isFinding: boolean
  readonly everyStep: boolean
  /** One line only, unless something unexpected broke. */
  readonly isOneOfMany: boolean
}

export function checkLines(report: CheckReport, text: CheckText, paint: Paint): string[] {
  const { verdict, scenario, strategy, counterexample } = report
  const style =
    verdict.kind === 'exhaustive'
      ? 'green'
      : verdict.kind === 'broken' && !text.isFinding
        ? 'red'
        : 'yellow'
  const note = text.isFinding ? ' (a finding: docs/findings.md)' : ''
  const head = `${scenario.name} ${strategy}: ${paint(style, verdictLine(verdict))}${note}`
  if (text.isOneOfMany && (verdict.kind !== 'broken' || text.isFinding))
    return counterexample === undefined
      ? [head]
      : [head, `  mmgather replay ${counterexample.token}`]
  return [
    head,
    ...countLines(report, text.ms),
    ...(counterexample === undefined
      ? []
      : counterexampleLines(counterexample, text.everyStep, paint)),
  ]
}

function countLines({ abandoned, steps, outcomes, executions }: CheckReport, ms: number): string[] {
  const perSecond = Math.round((executions + abandoned) / (ms / 1000))
  const count = (n: number): string => n.toLocaleString('en-US')
  return [
    `  ${count(outcomes)} different results, ${count(abandoned)} executions given up, ${count(steps)} steps, ${(ms / 1000).toFixed(2)} s, ${count(perSecond)} executions/s`,
  ]
}

export function counterexampleLines(
  counterexample: NonNullable<CheckReport['counterexample']>,
  everyStep: boolean,
  paint: Paint,
): string[] {
  const { rule, message, contextSwitches, steps, isMinimal, token } = counterexample
  const minimal = isMinimal ? 'no way has fewer switches' : 'there may be a way with fewer switches'
  return [
    '',
    ...counterexampleTable(counterexample, { all: everyStep }).split('\n'),
    '',
    paint('red', `${rule}: ${message}`),
    `  ${contextSwitches} context switches, ${steps.length} steps; ${minimal}`,
    `  mmgather replay ${token}`,
  ]
}
