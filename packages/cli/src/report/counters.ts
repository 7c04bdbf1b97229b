/**
 * The counters of the report, all of them, in two columns.
 */
import type { CounterKey, RunReport } from '@mmgather/core'
import { columns } from './columns.ts'
import type { Paint } from './paint.ts'
import { countText } from './units.ts'

export function countersSection({ counters, countersVary }: RunReport, paint: Paint): string[] {
  const vary = new Set<string>(countersVary)
  const cells = (Object.keys(counters) as CounterKey[]).map((key) => [
    key,
    countText(counters[key]),
    vary.has(key) ? '~' : '',
  ])
  const half = Math.ceil(cells.length / 2)
  const rows = cells
    .slice(0, half)
    .map((left, i) => [...left, ...(cells[half + i] ?? ['', '', ''])])
  const aligned = columns(rows, ['left', 'right', 'left', 'left', 'right', 'left'], [], 1)
  const lines = [paint('bold', 'COUNTS of the last run'), ...aligned]
  if (countersVary.length > 0) lines.push('~ differs from run to run')
  return lines
}
