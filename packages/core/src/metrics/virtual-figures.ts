/**
 * The figures of simulations, summed over the runs of one scenario, and turned into what a report says of virtual time.
 *
 * Sums are of cycles, integers below 2^53; nanoseconds are made once, at the end. Invariant: a CPU's parts add up to its
 * total.
 */

import { assert } from '../lib/assert.ts'
import { LOCK_CLASS_KEYS, type LockClassKey } from '../machine/counters.ts'
import { nsOf } from '../engines/virtual/cost.ts'
import type { Simulation } from '../engines/virtual/simulation.ts'
import {
  ACCOUNT_DELAY,
  ACCOUNT_IPI,
  ACCOUNT_TRANSFER,
  ACCOUNT_WAIT,
  ACCOUNT_WORK,
  NR_ACCOUNTS,
} from '../sync/virtual-clock.ts'
import type { LockClassFigures } from '../sync/virtual-lock-figures.ts'
import { addTimes, type LockSums } from './lock-statistics.ts'
import type { CpuTimeStack, LockWait, VirtualReport } from './run-report.ts'

/** Pairs of CPUs that a report lists at most. */
const LOCK_WAITS_MAX = 65_536

type VirtualSums = Pick<
  VirtualReport,
  'events' | 'cpuTime' | 'lockWaits' | 'lineTransfers' | 'interrupts'
>

export class VirtualFigures {
  readonly #mhz: number
  readonly #cpus: number
  readonly #total: Float64Array
  readonly #accounts: Float64Array
  readonly #waits: Float64Array
  readonly #transfers = new Float64Array(5)
  #events = 0
  #ipisSent = 0
  #ipisHandled = 0
  #offCycles = 0
  #offCyclesMax = 0

  constructor(cpus: number, mhz: number) {
    this.#mhz = mhz
    this.#cpus = cpus
    this.#total = new Float64Array(cpus)
    this.#accounts = new Float64Array(cpus * NR_ACCOUNTS)
    this.#waits = new Float64Array(cpus * cpus)
  }

  add(simulation: Simulation, startCycles: Float64Array): void {
    const { clocks, accounts, waitedFor, interrupts, transfers, events } = simulation
    addArrays(this.#total, clocks)
    for (let cpu = 0; cpu < this.#cpus; cpu++)
      this.#total[cpu] = (this.#total[cpu] as number) - (startCycles[cpu] as number)
    addArrays(this.#accounts, accounts)
    addArrays(this.#waits, waitedFor)
    addArrays(this.#transfers, transfers)
    this.#events += events
    this.#ipisSent += sum(interrupts.ipisSent)
    this.#ipisHandled += sum(interrupts.ipisHandled)
    this.#offCycles += sum(interrupts.offCycles)
    this.#offCyclesMax = interrupts.offCyclesMax.reduce(
      (a, b) => Math.max(a, b),
      this.#offCyclesMax,
    )
  }

  report(): VirtualSums {
    const [, smt, cluster, socket, remote] = this.#transfers as unknown as [
      number,
      number,
      number,
      number,
      number,
    ]
    return {
      events: this.#events,
      cpuTime: Array.from({ length: this.#cpus }, (_, cpu) => this.#cpuTime(cpu)),
      lockWaits: this.#lockWaits(),
      lineTransfers: { smt, cluster, socket, remote },
      interrupts: {
        ipisSent: this.#ipisSent,
        ipisHandled: this.#ipisHandled,
        offNsTotal: this.#ns(this.#offCycles),
        offNsMax: this.#ns(this.#offCyclesMax),
      },
    }
  }

  #cpuTime(cpu: number): CpuTimeStack {
    const of = (account: number): number =>
      this.#ns(this.#accounts[cpu * NR_ACCOUNTS + account] as number)
    const totalNs = this.#ns(this.#total[cpu] as number)
    const waitNs = Object.fromEntries(
      LOCK_CLASS_KEYS.map((key, i) => [key, of(ACCOUNT_WAIT + i)]),
    ) as Record<LockClassKey, number>
    const parts = {
      transferNs: of(ACCOUNT_TRANSFER),
      ipiNs: of(ACCOUNT_IPI),
      workNs: of(ACCOUNT_WORK),
      delayNs: of(ACCOUNT_DELAY),
    }
    const elsewhere = sum(Object.values(parts)) + sum(Object.values(waitNs))
    const runningNs = totalNs - elsewhere
    assert(runningNs >= 0, 'a CPU was charged more than its time', { cpu, totalNs, elsewhere })
    return { cpu, totalNs, runningNs, ...parts, waitNs }
  }

  #lockWaits(): LockWait[] {
    const waits: LockWait[] = []
    for (let waiter = 0; waiter < this.#cpus; waiter++) {
      for (let holder = 0; holder < this.#cpus; holder++) {
        const cycles = this.#waits[waiter * this.#cpus + holder] as number
        if (cycles > 0) waits.push({ waiter, holder, ns: this.#ns(cycles) })
      }
    }
    waits.sort((a, b) => b.ns - a.ns || a.waiter - b.waiter || a.holder - b.holder)
    return waits.slice(0, LOCK_WAITS_MAX)
  }

  #ns(cycles: number): number {
    return nsOf(cycles, { mhz: this.#mhz })
  }
}

/** Adds the lock statistics of a simulation, which are in cycles, to those of a report. */
export function addVirtualLocks(
  into: LockSums,
  classes: readonly LockClassFigures[],
  mhz: number,
): void {
  const ns = (cycles: number): number => nsOf(cycles, { mhz })
  LOCK_CLASS_KEYS.forEach((key, i) => {
    const from = classes[i] as LockClassFigures
    const sums = into[key]
    sums.acquisitions += from.acquisitions
    sums.contended += from.contentions
    sums.spins += from.spins
    sums.acqBounces = (sums.acqBounces ?? 0) + from.acqBounces
    sums.conBounces = (sums.conBounces ?? 0) + from.conBounces
    addTimes(sums.wait, {
      samples: from.contentions,
      total: ns(from.waitTotal),
      min: ns(from.waitMin),
      max: ns(from.waitMax),
    })
    addArrays(sums.wait.buckets, from.waitHistogram)
    addTimes(sums.hold, {
      samples: from.acquisitions,
      total: ns(from.holdTotal),
      min: ns(from.holdMin),
      max: ns(from.holdMax),
    })
    addArrays(sums.hold.buckets, from.holdHistogram)
  })
}

function addArrays(into: Float64Array, from: Float64Array): void {
  // 1,024 CPUs have a million pairs: a call for each would take longer than many a run
  for (let i = 0; i < from.length; i++) into[i] = (into[i] as number) + (from[i] as number)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
