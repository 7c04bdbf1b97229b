/**
 * Virtual time by kernel function, most exclusive time first.
 */
import type { RunReport } from '@mmgather/core'
import { columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { percentText, shortCountText, timeText } from '../units.ts'

const SHOWN = 15
const NAME_MAX = 34

export function functionsSection({ virtual }: RunReport, paint: Paint): string[] {
  const functions = virtual?.functions ?? []
  const total = functions.reduce((sum, { exclusiveNs }) => sum + exclusiveNs, 0)
  const share = (ns: number): string => percentText(total === 0 ? 0 : ns / total)
  const rows = functions
    .slice(0, SHOWN)
    .map(({ function: name, calls, inclusiveNs, exclusiveNs }) => [
      name.slice(0, NAME_MAX),
      shortCountText(calls, 9),
      timeText(exclusiveNs),
      share(exclusiveNs),
      timeText(inclusiveNs),
      share(inclusiveNs),
    ])
  const head = ['FUNCTIONS of the last run', 'calls', 'exclusive', '', 'inclusive', '']
  const [first = '', ...lines] = columns(
    [head, ...rows],
    ['left', 'right', 'right', 'right', 'right', 'right'],
  )
  const more = functions.length - rows.length
  return [paint('bold', first), ...lines, ...(more > 0 ? [`and ${more} more, with --json`] : [])]
}
