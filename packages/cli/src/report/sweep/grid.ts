/**
 * Two axes as a grid: the time per page and the share of waiting for each pair of values.
 */
import type { Axis, AxisValues } from '@mmgather/core'
import { columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { percentText, timeText } from '../units.ts'
import type { Combination } from './combinations.ts'
import { entryText } from './words.ts'

const WIDTH = 80

/** Sections; none if there are not two axes, or if a grid would be too wide. */
export function gridLines(
  combinations: readonly Combination[],
  axes: readonly Axis[],
  paint: Paint,
): string[][] {
  const [down, across] = axes
  if (axes.length !== 2 || down === undefined || across === undefined) return []
  if (down.values.length < 2 || across.values.length < 2) return []
  const at = new Map(combinations.map((each) => [cellName(each.axes, down, across), each]))
  const grid = (title: string, of: (combination: Combination) => string): string[] => {
    const rows = down.values.map((entry) => [
      entryText(entry),
      ...across.values.map((other) => {
        const found = at.get(
          cellName({ ...valuesOf(down, entry), ...valuesOf(across, other) }, down, across),
        )
        return found === undefined ? '-' : of(found)
      }),
    ])
    const head = [
      `${down.keys.join('+')} \\ ${across.keys.join('+')}`,
      ...across.values.map((entry) => entryText(entry)),
    ]
    const lines = columns(
      [head, ...rows],
      ['left', ...across.values.map(() => 'right' as const)],
      [],
      2,
    )
    return lines.some(({ length }) => length > WIDTH) ? [] : [paint('bold', title), ...lines]
  }
  return [
    grid('PER PAGE', ({ perPageNs }) => (perPageNs === null ? '-' : timeText(perPageNs.median))),
    grid('WAITING FOR LOCKS', ({ waitShare }) => percentText(waitShare.median)),
  ]
}

function valuesOf({ keys }: Axis, entry: Axis['values'][number]): AxisValues {
  return Object.fromEntries(keys.map((key, i) => [key, entry[i]]))
}

function cellName(values: AxisValues, down: Axis, across: Axis): string {
  return JSON.stringify([...down.keys, ...across.keys].map((key) => values[key]))
}
