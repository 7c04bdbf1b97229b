/**
 * Points without figures, those with the same reason together.
 */
import type { SweepPoint, SweepPointError } from '@mmgather/core'
import { countText } from '../units.ts'
import { wrapWords } from '../wrap.ts'
import { pointWords } from './words.ts'

export interface Failure {
  point: SweepPoint
  kind: SweepPointError['kind']
  message: string
}

/** Reasons that are told at most. */
const SHOWN = 10

/** A reason, with the points that it is of in words: the first, and how many more. */
export interface FailureGroup {
  points: string
  reason: string
}

/** In the order of the first point of each. */
export function failureGroups(failures: readonly Failure[]): FailureGroup[] {
  const byReason = new Map<string, SweepPoint[]>()
  for (const { kind, message, point } of failures) {
    const reason = `${kind}: ${message}`
    const points = byReason.get(reason)
    if (points === undefined) byReason.set(reason, [point])
    else points.push(point)
  }
  return [...byReason].map(([reason, [first, ...others]]) => {
    const rest = others.length === 0 ? '' : ` and ${countText(others.length)} more`
    return { points: (first === undefined ? '' : pointWords(first)) + rest, reason }
  })
}

/** Lines that begin with `indent`. */
export function failureLines(failures: readonly Failure[], indent: string): string[] {
  const groups = failureGroups(failures)
  const more = groups.length - SHOWN
  return [
    ...groups
      .slice(0, SHOWN)
      .flatMap(({ points, reason }) =>
        wrapWords(`${points}: ${reason}`, `${indent}- `, `${indent}  `),
      ),
    ...(more > 0 ? [`${indent}- and ${countText(more)} reasons more`] : []),
  ]
}
