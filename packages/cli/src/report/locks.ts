/**
 * The locks of the report, a line per class, as /proc/lock_stat has them.
 */
import type { LockStatistics, RunReport } from '@mmgather/core'
import { columns, type Alignment } from './columns.ts'
import type { Paint } from './paint.ts'
import { shortCountText, timeText } from './units.ts'

const TIME = 7
/** Class, acquired, contended, spins; waited avg, max, total; held avg, max. With single spaces: 79 columns. */
const WIDTHS = [11, 9, 9, 7, TIME, TIME, TIME, TIME, TIME]
const ALIGNMENTS: Alignment[] = ['left', ...WIDTHS.slice(1).map(() => 'right' as const)]
const HEAD = ['', 'acquired', 'contended', 'spins', 'avg', 'max', 'total', 'avg', 'max']

export function locksSection({ locks }: RunReport, paint: Paint): string[] {
  const rows = Object.entries(locks).map(([name, lock]) => [name, ...cellsOf(lock)])
  const aligned = columns([HEAD, ...rows], ALIGNMENTS, WIDTHS, 1)
  const before = WIDTHS.slice(0, 4).reduce((sum, width) => sum + width + 1, 0)
  const waited = centred('waited', 3 * TIME + 2)
  const held = centred('held (sampled)', 2 * TIME + 1)
  const head = `${'LOCKS in all runs'.padEnd(before)}${waited} ${held}`.trimEnd()
  return [paint('bold', head), ...aligned]
}

function cellsOf({ acquisitions, contended, spins, waitNs, holdNs }: LockStatistics): string[] {
  const waited = [waitNs.avg, waitNs.max, waitNs.total].map((ns) => known(contended, ns))
  const held = [holdNs.avg, holdNs.max].map((ns) => known(holdNs.samples, ns))
  return [
    shortCountText(acquisitions, 9),
    shortCountText(contended, 9),
    shortCountText(spins, 7),
    ...waited,
    ...held,
  ]
}

/** A time of no sample is none. */
function known(samples: number, ns: number): string {
  return samples === 0 ? '-' : timeText(ns)
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2)
  return (' '.repeat(left) + text).padEnd(width)
}
