/**
 * The locks of a virtual run, a line per class with the columns of /proc/lock_stat: waiting, then holding. The first
 * table has what `perf lock contention` shows as well: contended, total, max and average wait.
 */
import type { LockStatistics, RunReport } from '@mmgather/core'
import { type Alignment, columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { shortCountText, timeText } from '../units.ts'

/** Class, bounces, count, four times: 79 columns. */
const WIDTHS = [15, 12, 12, 8, 8, 9, 8]
const ALIGNMENTS: Alignment[] = ['left', ...WIDTHS.slice(1).map(() => 'right' as const)]
const TIMES = ['min', 'max', 'total', 'avg']

export function virtualLocksSection({ locks, runs }: RunReport, paint: Paint): string[] {
  const classes = Object.entries(locks)
  const title = runs === 1 ? 'LOCKS' : 'LOCKS, all runs'
  const waits = classes.map(([name, lock]) => [name, ...waitCells(lock)])
  const holds = classes.map(([name, lock]) => [name, ...holdCells(lock)])
  const head = (first: string, ...names: string[]): string[] => [first, ...names, ...TIMES]
  return [
    ...tableOf(head(title, 'con-bounces', 'contentions'), 'wait', waits, paint),
    ...tableOf(head('', 'acq-bounces', 'acquisitions'), 'hold', holds, paint),
  ]
}

function tableOf(head: string[], what: string, rows: string[][], paint: Paint): string[] {
  const named = head.map((cell, i) => (i < 3 ? cell : `${what}-${cell}`))
  const [first = '', ...rest] = columns([named, ...rows], ALIGNMENTS, WIDTHS, 1)
  return [paint('bold', first), ...rest]
}

function waitCells({ conBounces = 0, contended, waitNs }: LockStatistics): string[] {
  return [countCell(conBounces), countCell(contended), ...timeCells(contended, waitNs)]
}

function holdCells({ acqBounces = 0, acquisitions, holdNs }: LockStatistics): string[] {
  return [countCell(acqBounces), countCell(acquisitions), ...timeCells(holdNs.samples, holdNs)]
}

function countCell(n: number): string {
  return shortCountText(n, 11)
}

/** A time of no sample is none. */
function timeCells(
  samples: number,
  { min, max, total, avg }: { min: number; max: number; total: number; avg: number },
): string[] {
  return [min, max, total, avg].map((ns) => (samples === 0 ? '-' : timeText(ns)))
}
