/**
 * Cache lines that CPUs fetched from each other, and how long they kept interrupts off.
 */
import type { RunReport } from '@mmgather/core'
import { columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { percentText, shortCountText, timeText } from '../units.ts'

const COUNT = 11

export function lineTransfersSection({ virtual }: RunReport, paint: Paint): string[] {
  if (virtual === undefined) return []
  const { smt, cluster, socket, remote } = virtual.lineTransfers
  const rows = [
    ['LINE TRANSFERS', 'total', 'SMT sibling', 'cluster', 'socket', 'remote'],
    ['', ...[smt + cluster + socket + remote, smt, cluster, socket, remote].map(countCell)],
  ]
  const [head = '', ...lines] = columns(rows, ['left', ...Array<'right'>(5).fill('right')], [], 2)
  return [paint('bold', head), ...lines]
}

export function interruptsSection({ virtual }: RunReport, paint: Paint): string[] {
  if (virtual === undefined) return []
  const { offNsTotal, offNsMax, ipisSent, ipisHandled } = virtual.interrupts
  const total = virtual.cpuTime.reduce((sum, { totalNs }) => sum + totalNs, 0)
  const rows = [
    ['INTERRUPTS OFF', 'total', 'share', 'longest', 'IPIs sent', 'handled'],
    [
      '',
      timeText(offNsTotal),
      percentText(total === 0 ? 0 : offNsTotal / total),
      timeText(offNsMax),
      countCell(ipisSent),
      countCell(ipisHandled),
    ],
  ]
  const [head = '', ...lines] = columns(rows, ['left', ...Array<'right'>(5).fill('right')], [], 2)
  return [paint('bold', head), ...lines]
}

function countCell(n: number): string {
  return shortCountText(n, COUNT)
}
