/**
 * How a sweep ended, for people.
 */
import type { LoadedSweep } from '../../sweep/load-sweep.ts'
import type { SweepSummary } from '../../sweep/summary.ts'
import { LABEL_WIDTH, labelled } from '../head.ts'
import { countText } from '../units.ts'
import { wrapCommand } from '../wrap.ts'
import { failureLines } from './failures.ts'
import { axisText, pointsText } from './words.ts'

export function summaryLines(
  summary: SweepSummary,
  { name, axes, seeds }: LoadedSweep,
  reproduce: readonly string[],
): string[] {
  const { points, run, reused, missing, failures, journal } = summary
  const counts = [
    `${countText(run)} run`,
    ...(reused > 0 ? [`${countText(reused)} reused`] : []),
    ...(missing > 0 ? [`${countText(missing)} missing`] : []),
    `${countText(failures.length)} without figures`,
  ]
  return [
    ...labelled('sweep', name),
    ...axes.flatMap((axis) => labelled('axis', axisText(axis))),
    ...labelled('points', `${pointsText(points, axes, seeds)}: ${counts.join(', ')}`),
    ...failureLines(failures, ' '.repeat(LABEL_WIDTH)),
    ...labelled('journal', `${journal}; see mmgather report`),
    '',
    'REPRODUCE',
    ...wrapCommand(reproduce),
  ]
}
