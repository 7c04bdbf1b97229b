/**
 * Keeps what the finished runs showed, and makes the report of it.
 *
 * Counts are those of the last finished run, times are spreads over all of them, lock statistics sums. Nothing is kept
 * for each run but its times and the first run's counters.
 */

import { COUNTER_KEYS, type CounterKey } from '../machine/counters.ts'
import type { Machine } from '../machine/machine.ts'
import {
  collectCounters,
  collectCpuCounters,
  collectEvents,
  collectProcesses,
  collectVmstat,
} from './collect.ts'
import { countersThatVary } from './counter-range.ts'
import { addLockSums, emptyLockSums, lockStatisticsOf, type LockSums } from './lock-statistics.ts'
import type { CpuReport, RunReport, Spread } from './run-report.ts'
import { median, spreadOf } from './spread.ts'

/** When a CPU began its programs and when it was done, in ns of one clock. */
export interface CpuTimes {
  startNs: number
  endNs: number
}

type Counts = Pick<RunReport, 'counters' | 'events' | 'vmstat' | 'perCpu'>

export class RunRecorder {
  completed = 0
  private readonly machine: Machine
  private readonly locks: LockSums = emptyLockSums()
  private readonly addLocks: (into: LockSums, machine: Machine) => void
  private readonly teardown: number[] = []
  private readonly perPage: number[] = []
  /** Teardown times of each CPU. */
  private readonly perCpu: number[][]
  private readonly vary = new Set<CounterKey>()
  private first: RunReport['counters'] | undefined
  private last: Counts | undefined

  /** @param addLocks - adds the lock statistics of a run; default: those in the machine's words. */
  constructor(
    machine: Machine,
    addLocks: (into: LockSums, machine: Machine) => void = addLockSums,
  ) {
    this.machine = machine
    this.addLocks = addLocks
    this.perCpu = Array.from({ length: machine.globals.NR_CPUS }, () => [])
  }

  /** A run is finished: reads the machine as the run left it. */
  add(times: readonly CpuTimes[]): void {
    this.completed++
    const counts = this.readCounts()
    this.last = counts
    this.first ??= counts.counters
    for (const key of countersThatVary([this.first, counts.counters])) this.vary.add(key)
    this.addLocks(this.locks, this.machine)
    const opened = Math.min(...times.map(({ startNs }) => startNs))
    const closed = Math.max(...times.map(({ endNs }) => endNs))
    this.teardown.push(closed - opened)
    const own = times.map(({ startNs, endNs }) => endNs - startNs)
    own.forEach((ns, cpu) => this.perCpu[cpu]?.push(ns))
    const pages = counts.counters.ptesCleared
    if (pages > 0) this.perPage.push(own.reduce((sum, ns) => sum + ns, 0) / pages)
  }

  /**
   * The part of a report that runs fill in. Without any finished run the counts and lock statistics are those of the
   * run that was given up, and times are 0.
   */
  figures(): RunFigures {
    if (this.last === undefined) this.addLocks(this.locks, this.machine)
    const counts = this.last ?? this.readCounts()
    return {
      ...counts,
      countersVary: COUNTER_KEYS.filter((key) => this.vary.has(key)),
      locks: lockStatisticsOf(this.locks),
      time: {
        teardown: spreadOrZero(this.teardown),
        perPage: this.perPage.length === 0 ? null : spreadOf(this.perPage),
        perCpu: this.perCpu.map((ns) => (ns.length === 0 ? 0 : median(ns))),
      },
    }
  }

  private readCounts(): Counts {
    const { machine } = this
    const perCpu: CpuReport[] = this.perCpu.map((_, cpu) => ({
      cpu,
      processes: collectProcesses(machine, cpu),
      counters: collectCpuCounters(machine, cpu),
    }))
    return {
      counters: collectCounters(machine),
      events: collectEvents(machine),
      vmstat: collectVmstat(machine),
      perCpu,
    }
  }
}

/** What `figures` fills in. */
export type RunFigures = Counts & Pick<RunReport, 'countersVary' | 'locks'> & { time: TimeFigures }

type TimeFigures = Pick<RunReport['time'], 'teardown' | 'perPage' | 'perCpu'>

function spreadOrZero(values: readonly number[]): Spread {
  return values.length === 0 ? { median: 0, min: 0, max: 0 } : spreadOf(values)
}
