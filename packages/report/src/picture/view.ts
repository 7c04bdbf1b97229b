/**
 * What a picture of a sweep is drawn of: the axis that goes across, and a curve for each combination of the others that is
 * not fixed.
 */
import { cpuAxis, otherNames } from '../curves.ts'
import type { SweepAxis, SweepCell, SweepData } from '../report-data.ts'
import { PictureError } from './picture-error.ts'
import type { PictureWish } from './drawing.ts'

export interface View {
  sweep: SweepData
  /** Index of the axis that goes across. */
  across: number
  groups: Group[]
}

export interface Group {
  name: string
  /** In the order of the axis. */
  cells: SweepCell[]
}

/** @throws PictureError */
export function viewOf(sweep: SweepData, { across: name, at = [] }: PictureWish): View {
  const { axes } = sweep
  const fixed = at.map((wish) => fixedBy(axes, wish))
  const across = name === undefined ? usualAxis(axes, fixed) : axisNamed(axes, 'across', name)
  const cells = sweep.cells.filter((cell) =>
    fixed.every(({ axis, value }) => cell.at[axis] === value),
  )
  const groups = new Map<string, Group>()
  const told = new Set([
    ...fixed.map(({ axis }) => axis),
    ...axes.flatMap(({ values }, axis) => (values.length === 1 ? [axis] : [])),
  ])
  for (const cell of cells) {
    const key = otherNames(axes, cell, across, told).join(', ')
    const group = groups.get(key) ?? { name: key, cells: [] }
    groups.set(key, group)
    group.cells.push(cell)
  }
  if (cells.length === 0)
    throw new PictureError({ field: 'sources', problem: 'has no figures for such a picture' })
  const inOrder = (a: SweepCell, b: SweepCell): number =>
    (a.at[across] as number) - (b.at[across] as number)
  return {
    sweep,
    across,
    groups: [...groups.values()].map((group) => ({
      ...group,
      cells: group.cells.toSorted(inOrder),
    })),
  }
}

/** CPUs if they vary, else the first axis of numbers that does, else the first that does. */
function usualAxis(axes: readonly SweepAxis[], fixed: readonly { axis: number }[]): number {
  const isFree = (axis: number): boolean =>
    (axes[axis]?.values.length ?? 0) > 1 && fixed.every((each) => each.axis !== axis)
  const free = axes.flatMap((_, axis) => (isFree(axis) ? [axis] : []))
  const cpus = cpuAxis(axes)
  const numbers = free.find((axis) => typeof axes[axis]?.values[0]?.value === 'number')
  const found = free.includes(cpus) ? cpus : (numbers ?? free[0])
  if (found === undefined)
    throw new PictureError({
      field: 'sources',
      problem: 'has no axis of more than one value that is not fixed',
    })
  return found
}

function axisNamed(axes: readonly SweepAxis[], field: 'across' | 'at', name: string): number {
  const found = axes.findIndex((axis) => axis.name === name || axis.keys.includes(name))
  if (found >= 0) return found
  throw new PictureError({
    field,
    problem: 'is no axis of this sweep',
    value: name,
    known: axes.map((axis) => axis.name),
  })
}

/** `lruvecs=1`. */
function fixedBy(axes: readonly SweepAxis[], wish: string): { axis: number; value: number } {
  const [name = '', text] = wish.split('=', 2)
  if (text === undefined)
    throw new PictureError({
      field: 'at',
      problem: 'has no value',
      value: wish,
      hint: 'write AXIS=VALUE',
    })
  const axis = axisNamed(axes, 'at', name)
  const { values } = axes[axis] as SweepAxis
  const value = values.findIndex((each) => each.text === text)
  if (value >= 0) return { axis, value }
  throw new PictureError({
    field: 'at',
    problem: `is no value of ${name}`,
    value: text,
    known: values.map((each) => each.text),
  })
}
