/**
 * Under what conditions a benchmark runs: the machine, the Node version, and whether others are using the
 * machine. A number without these is not worth keeping.
 */
import { availableParallelism, cpus, loadavg, release, type } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the machine is watched before the first measurement. */
const WATCH_MS = 500
/** Share of all CPUs that others may use before the numbers are called doubtful. */
const BUSY_SHARE_MAX = 0.1

export interface Conditions {
  machine: string
  node: string
  /** Share of all CPUs in use while we did nothing, 0 to 1. */
  busyShare: number
  loadAverage: number
}

interface CpuTimes {
  busy: number
  total: number
}

export async function readConditions(): Promise<Conditions> {
  const before = cpuTimes()
  await sleep(WATCH_MS)
  const after = cpuTimes()
  const total = after.total - before.total
  return {
    machine: `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} CPUs, ${type()} ${release()}`,
    node: process.version,
    busyShare: total > 0 ? (after.busy - before.busy) / total : 0,
    loadAverage: loadavg()[0] ?? 0,
  }
}

function cpuTimes(): CpuTimes {
  const sum: CpuTimes = { busy: 0, total: 0 }
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    sum.busy += busy
    sum.total += busy + times.idle
  }
  return sum
}

export function describeConditions(conditions: Conditions): string {
  const { machine, node, busyShare, loadAverage } = conditions
  const lines = [
    machine,
    `Node ${node}; others use ${Math.round(busyShare * 100)} % of the CPUs, load average ${loadAverage.toFixed(2)}`,
  ]
  if (busyShare > BUSY_SHARE_MAX) {
    lines.push(
      'WARNING: the machine is busy: trust ratios within a round at most, no single figure',
    )
  }
  return lines.join('\n')
}
