/**
 * What a sweep comes to: how many points, what went wrong, and with which exit code the command ends.
 */
import { pointAt, type SweepPoint, type SweepPointError } from '@mmgather/core'
import { EXIT_DONE, EXIT_INTERNAL, EXIT_USAGE, exitCodeOfKind } from '../exit-code.ts'
import type { LoadedSweep } from './load-sweep.ts'
import type { PointsOutcome } from './run-points.ts'
import { isDone, type PointState } from './states.ts'

export interface SweepFailure {
  point: SweepPoint
  kind: SweepPointError['kind']
  /** Of a point that was reused it is in the journal. */
  message: string
}

export interface SweepSummary {
  schema: 'mmgather/sweep-summary@1'
  journal: string
  points: number
  /** Of this time. */
  run: number
  reused: number
  /** Still to be run. */
  missing: number
  failures: SweepFailure[]
  reproduce: string
}

export function summaryOf(
  sweep: LoadedSweep,
  states: readonly PointState[],
  { run, errors }: PointsOutcome,
  journal: string,
  reproduce: string,
): SweepSummary {
  const failures: SweepFailure[] = []
  let reused = 0
  states.forEach((state, i) => {
    if (isDone(state)) reused++
    const kind = errors.get(i)?.kind ?? (isDone(state) ? state.reused?.error : undefined)
    if (kind === undefined) return
    const point = pointAt(sweep.axes, sweep.seeds, sweep.seed, i)
    failures.push({ point, kind, message: errors.get(i)?.message ?? 'as it was before' })
  })
  return {
    schema: 'mmgather/sweep-summary@1',
    journal,
    points: states.length,
    run,
    reused,
    missing: states.length - reused - run,
    failures,
    reproduce,
  }
}

/** That of the first point, in the order of the sweep, that has no figures. */
export function exitCodeOfErrors([first]: readonly SweepFailure[]): number {
  if (first === undefined) return EXIT_DONE
  switch (first.kind) {
    case 'scenario':
    case 'limits':
      return EXIT_USAGE
    case 'lost':
    case 'internal':
      return EXIT_INTERNAL
    default:
      return exitCodeOfKind(first.kind)
  }
}
