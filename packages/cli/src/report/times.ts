/**
 * The times of the report: the whole teardown, per page, and by CPU.
 */
import type { RunReport, Spread } from '@mmgather/core'
import { columns } from './columns.ts'
import type { Paint } from './paint.ts'
import { timeText } from './units.ts'

/** More CPUs than this are summed up. */
const CPUS_SHOWN = 8

export function timesSection(report: RunReport, paint: Paint): string[] {
  const { time, runs, engine } = report
  const isVirtual = engine === 'virtual'
  if (isVirtual && runs === 1 && time.perCpu.length <= CPUS_SHOWN) return oneRun(report, paint)
  const spread = isVirtual && runs === 1 ? onlyText : spreadTexts
  const rows = [
    ['TIME', 'median', 'min', 'max', isVirtual ? 'in virtual time' : ''],
    ['teardown', ...spread(time.teardown), "first CPU's start to last CPU's end"],
    ['per page', ...spread(time.perPage), 'time of all CPUs / PTEs cleared'],
    ...cpuRows(time.perCpu),
    ...(isVirtual
      ? []
      : [['set-up', timeText(time.setup), '', '', 'of all runs, in no other time']]),
  ]
  const [head = '', ...lines] = columns(
    rows,
    ['left', 'right', 'right', 'right', 'left'],
    [8, 8, 8, 8],
  )
  return [paint('bold', head), ...lines]
}

/** A run that is the same at every try, on few CPUs: nothing has a spread. */
function oneRun({ time }: RunReport, paint: Paint): string[] {
  const perPage = time.perPage === null ? '-' : timeText(time.perPage.median)
  const rows = [
    ['TIME', 'virtual', ''],
    ['teardown', timeText(time.teardown.median), "first CPU's start to last CPU's end"],
    ['per page', perPage, 'time of all CPUs / PTEs cleared'],
    ...cpuRows(time.perCpu).map(([name = '', ns = '']) => [name, ns, '']),
  ]
  const [head = '', ...lines] = columns(rows, ['left', 'right', 'left'], [8, 8])
  return [paint('bold', head), ...lines]
}

function spreadTexts(spread: Spread | null): string[] {
  if (spread === null) return ['-', '-', '-']
  return [timeText(spread.median), timeText(spread.min), timeText(spread.max)]
}

/** Of a run that is the same at every try. */
function onlyText(spread: Spread | null): string[] {
  return [spread === null ? '-' : timeText(spread.median), '', '']
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
