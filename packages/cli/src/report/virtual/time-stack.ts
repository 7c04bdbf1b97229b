/**
 * Where the time of the virtual CPUs went: the mean of a CPU, its share of all time, and the CPUs with the least and the
 * most of it. Parts that no CPU spent time on are left out.
 */
import type { CpuTimeStack, LockClassKey, RunReport } from '@mmgather/core'
import { columns } from '../columns.ts'
import type { Paint } from '../paint.ts'
import { percentText, timeText } from '../units.ts'

interface Part {
  name: string
  of: (cpu: CpuTimeStack) => number
}

export function timeStackSection({ virtual, locks, runs }: RunReport, paint: Paint): string[] {
  // a CPU that ran no process has no time of which to have a share
  const cpus = (virtual?.cpuTime ?? []).filter(({ totalNs }) => totalNs > 0)
  const total = cpus.reduce((sum, { totalNs }) => sum + totalNs, 0)
  const classes = Object.keys(locks) as LockClassKey[]
  const rows = partsOf(classes).flatMap((part) => rowOf(part, cpus, total))
  const sides = ['mean of a CPU', 'share', 'least', '', 'most', '']
  const [head = '', ...lines] = columns(
    [[runs === 1 ? 'TIME STACK' : 'TIME STACK, all runs', ...sides], ...rows],
    ['left', 'right', 'right', 'right', 'left', 'right', 'left'],
    [20],
  )
  return [paint('bold', head), ...lines]
}

function partsOf(classes: readonly LockClassKey[]): Part[] {
  return [
    { name: 'running', of: ({ runningNs }) => runningNs },
    ...classes.map(
      (key): Part => ({ name: `waiting for ${key}`, of: ({ waitNs }) => waitNs[key] }),
    ),
    { name: 'line transfers', of: ({ transferNs }) => transferNs },
    { name: 'TLB flushes, IPIs', of: ({ ipiNs }) => ipiNs },
    { name: 'other kernel work', of: ({ workNs }) => workNs },
    { name: 'user time', of: ({ delayNs }) => delayNs },
  ]
}

function rowOf({ name, of }: Part, cpus: readonly CpuTimeStack[], total: number): string[][] {
  const sum = cpus.reduce((ns, cpu) => ns + of(cpu), 0)
  if (sum === 0) return []
  const shares = cpus.map((cpu) => ({ cpu: cpu.cpu, share: of(cpu) / cpu.totalNs }))
  const least = shares.reduce((a, b) => (b.share < a.share ? b : a))
  const most = shares.reduce((a, b) => (b.share > a.share ? b : a))
  const extremes = [least, most].flatMap(({ share, cpu }) => [percentText(share), `CPU ${cpu}`])
  const figures = [timeText(sum / cpus.length), percentText(sum / total)]
  return [[name, ...figures, ...(cpus.length > 1 ? extremes : ['', '', '', ''])]]
}
