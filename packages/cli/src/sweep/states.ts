/**
 * Which points of a plan are in the journal already, and why the others are run.
 */
import { isFinal, pointText, type SweepPoint } from '@mmgather/core'
import type { JournalContent, WrittenPoint } from './journal-file.ts'
import type { Plan, PlannedPoint } from './plan.ts'

export interface PointState {
  /** Reused: the line of the journal that has it. */
  reused?: WrittenPoint
  /** In a few words. */
  why: string
}

/** In the order of the points. @param content - undefined: there is no journal. */
export function statesOf(plan: Plan, content: JournalContent | undefined): PointState[] {
  // what is looked up in an empty journal is known, and threads wait for it
  if (content === undefined || content.points.size === 0) return plan.points.map(missing)
  return plan.points.map((planned, i) => {
    const point = plan.pointAt(i)
    const written = content.points.get(pointText(point))
    return written === undefined ? missing(planned) : stateOf(plan.keyOf(i), point, written)
  })
}

function missing({ error }: PlannedPoint): PointState {
  return {
    why:
      error === undefined
        ? 'not in the journal'
        : 'it cannot be run, and that is not in the journal',
  }
}

function stateOf(key: string, point: SweepPoint, written: WrittenPoint): PointState {
  if (written.key !== key) return { why: whatChanged(point) }
  if (written.error === 'lost') return { why: 'two threads died of it' }
  if (written.error === 'internal') return { why: 'it ended in an internal error' }
  const why =
    written.error === undefined ? 'in the journal' : `in the journal, as an error: ${written.error}`
  return { reused: written, why }
}

/** All else that a key is made of makes another sweep. */
function whatChanged({ axes }: SweepPoint): string {
  const { strategy } = axes
  return typeof strategy === 'string' && strategy.includes('.ts')
    ? `${strategy} was changed, or its profile`
    : 'its strategy file or its profile was changed'
}

/** Is there nothing more to do for a point? */
export function isDone({ reused }: PointState): boolean {
  return (
    reused !== undefined &&
    (reused.error === undefined || isFinal({ kind: reused.error, message: '' }))
  )
}

/** The numbers of the points that are to be run. */
export function missingOf(states: readonly PointState[]): number[] {
  return states.flatMap((state, i) => (isDone(state) ? [] : [i]))
}
