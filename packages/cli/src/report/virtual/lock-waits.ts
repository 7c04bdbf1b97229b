/**
 * Who waited for whom: the pairs of CPUs with the longest waits for locks, and all of them where there are few CPUs.
 */
import type { LockWait, RunReport } from '@mmgather/core'
import { columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { countText, percentText, timeText } from '../units.ts'

const PAIRS_SHOWN = 10
/** More CPUs than this do not fit a matrix of 80 columns. */
const MATRIX_CPUS = 8

export function lockWaitsSection({ virtual, perCpu }: RunReport, paint: Paint): string[] {
  const waits = virtual?.lockWaits ?? []
  if (waits.length === 0) return [paint('bold', 'WHO WAITED FOR WHOM'), 'no CPU waited for a lock']
  const total = waits.reduce((sum, { ns }) => sum + ns, 0)
  const rows = waits
    .slice(0, PAIRS_SHOWN)
    .map(({ waiter, holder, ns }) => [
      `CPU ${waiter} for CPU ${holder}`,
      timeText(ns),
      percentText(ns / total),
    ])
  const [head = '', ...lines] = columns(
    [['WHO WAITED FOR WHOM', 'total', 'share'], ...rows],
    ['left', 'right', 'right'],
  )
  const more = waits.length - rows.length
  const shown = perCpu.length <= MATRIX_CPUS ? matrixLines(waits, perCpu.length) : []
  const rest =
    more > 0 && shown.length === 0 ? [`and ${countText(more)} pairs more, with --json`] : []
  return [paint('bold', head), ...lines, ...rest, ...shown]
}

/** Rows wait, columns hold. */
function matrixLines(waits: readonly LockWait[], cpus: number): string[] {
  // one pair or its reverse is all that there can be
  if (cpus <= 2) return []
  const numbers = Array.from({ length: cpus }, (_, cpu) => cpu)
  const cell = (waiter: number, holder: number): string => {
    if (waiter === holder) return '.'
    const wait = waits.find((each) => each.waiter === waiter && each.holder === holder)
    return wait === undefined ? '-' : timeText(wait.ns)
  }
  const head = ['waits \\ holds', ...numbers.map((cpu) => `CPU ${cpu}`)]
  const rows = numbers.map((waiter) => [
    `CPU ${waiter}`,
    ...numbers.map((holder) => cell(waiter, holder)),
  ])
  return columns([head, ...rows], ['left', ...numbers.map(() => 'right' as const)], [], 1)
}
