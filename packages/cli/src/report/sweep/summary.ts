/**
 * How a sweep ended, for people.
 */
import type { LoadedSweep } from '../../sweep/load-sweep.ts'
import type { SweepSummary } from '../../sweep/summary.ts'
import { LABEL_WIDTH, labelled } from '../head.ts'
import { countText } from '../units.ts'
import { wrapCommand, wrapWords } from '../wrap.ts'
import { axisText, pointWords, sizeText } from './words.ts'

const FAILURES_SHOWN = 10

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
  const indent = ' '.repeat(LABEL_WIDTH)
  const shown = failures.slice(0, FAILURES_SHOWN)
  const more = failures.length - shown.length
  return [
    ...labelled('sweep', name),
    ...axes.flatMap((axis) => labelled('axis', axisText(axis))),
    ...labelled('points', `${countText(points)} = ${sizeText(axes, seeds)}: ${counts.join(', ')}`),
    ...shown.flatMap(({ point, kind, message }) =>
      wrapWords(`${pointWords(point)}: ${kind}: ${message}`, `${indent}- `, `${indent}  `),
    ),
    ...(more > 0 ? [`${indent}- and ${countText(more)} more`] : []),
    ...labelled('journal', `${journal}; see mmgather report`),
    '',
    'REPRODUCE',
    ...wrapCommand(reproduce),
  ]
}
