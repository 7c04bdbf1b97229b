/**
 * The times of the report: the whole teardown, per page, and by CPU.
 */
import type { RunReport, Spread } from '@mmgather/core'
import { columns } from './columns.ts'
import type { Paint } from './paint.ts'
import { timeText } from './units.ts'

/** More CPUs than this are summed up. */
const CPUS_SHOWN = 8

export function timesSection({ time }: RunReport, paint: Paint): string[] {
  const rows = [
    ['TIME', 'median', 'min', 'max', ''],
    ['teardown', ...spreadTexts(time.teardown), "first CPU's start to last CPU's end"],
    ['per page', ...spreadTexts(time.perPage), 'time of all CPUs / PTEs cleared'],
    ...cpuRows(time.perCpu),
    ['set-up', timeText(time.setup), '', '', 'of all runs, in no other time'],
  ]
  const [head = '', ...lines] = columns(
    rows,
    ['left', 'right', 'right', 'right', 'left'],
    [8, 8, 8, 8],
  )
  return [paint('bold', head), ...lines]
}

function spreadTexts(spread: Spread | null): string[] {
  if (spread === null) return ['-', '-', '-']
  return [timeText(spread.median), timeText(spread.min), timeText(spread.max)]
}

function cpuRows(perCpu: readonly number[]): string[][] {
  if (perCpu.length <= CPUS_SHOWN) {
    return perCpu.map((ns, cpu) => [`CPU ${cpu}`, timeText(ns), '', '', ''])
  }
  const sorted = perCpu.toSorted((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? 0
  const min = sorted[0] ?? 0
  const max = sorted.at(-1) ?? 0
  const note = `over the CPUs; CPU ${perCpu.indexOf(max)} took longest`
  return [['each CPU', timeText(median), timeText(min), timeText(max), note]]
}
