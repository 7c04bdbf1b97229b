/**
 * Virtual time: which virtual CPU runs, how far it may run before another one is earlier, and what its time went into.
 *
 * Clocks are integers, cycles of the machine profile. The running CPU's clock is `horizon - slack`: charging an
 * operation lowers `slack`, and a negative slack says that another CPU is earlier, so that the next ordered operation
 * must wait for it. On equal clocks the lower CPU number goes first.
 *
 * What runs while CPUs do keeps to the rules of virtual text (docs/wasm.md): it is compiled with the kernel text, too.
 * Invariant: every charged cycle of a CPU is in exactly one of its accounts.
 */

import type { ArraySource } from './array-source.ts'
import { pushEvent } from './virtual-queue.ts'

/** An integer beyond 32 bits: a time, a sum. In virtual text a float of 64 bits, which is exact up to 2^53. */
export type Cycles = number

/** Accounts of a CPU's time, in cycles. ACCOUNT_WAIT + lock class: waiting for a lock of that class. */
export const ACCOUNT_TRANSFER = 0
export const ACCOUNT_IPI = 1
export const ACCOUNT_DELAY = 2
export const ACCOUNT_WORK = 3
export const ACCOUNT_WAIT = 4
export const NR_ACCOUNTS = 16

/** Cycles until another CPU is earlier; negative: one is. */
export let slack = 0
/** Number of the running CPU. */
export let self = 0
let horizon: Cycles = 0

/** By CPU; of the running one, the clock that it had when it began to run. */
let clocks: Float64Array = new Float64Array(0)
/** NR_ACCOUNTS for each CPU. */
let accounts: Float64Array = new Float64Array(0)

/**
 * How far a CPU may run at most before the loop has a look at the bounds of the run: a few milliseconds of the host, so
 * that a run on one CPU can be stopped too.
 */
const SLACK_MAX = 0x40000

/** Turns of loops in text of users that a CPU may make before it comes back to the loop of events: none needs so many. */
const TURNS_MAX = 0x10000000
let turns = 0

/** A loop of a user's text goes on and on without anything that lets another CPU run. */
export class EndlessLoopError extends Error {
  constructor(at: string) {
    super(`CPU ${self} made ${TURNS_MAX} turns of a loop (${at}) and no event`)
    this.name = 'EndlessLoopError'
  }
}

/** A turn of the loop at `at`. Throws EndlessLoopError. */
export function turn(at: string): void {
  if (++turns > TURNS_MAX) throw new EndlessLoopError(at)
}

/** The clocks of CPUs and what their time went into. */
export interface VirtualClocks {
  readonly clocks: Float64Array
  /** NR_ACCOUNTS for each CPU. */
  readonly accounts: Float64Array
}

/** The CPUs' clocks start at these. */
export function bindVirtualClock(startCycles: Float64Array, arrays: ArraySource): VirtualClocks {
  clocks = arrays.float64('clocks', startCycles.length)
  if (clocks.length > 0) clocks.set(startCycles)
  accounts = arrays.float64('accounts', startCycles.length * NR_ACCOUNTS)
  return { clocks, accounts }
}

/** Lets a CPU run from its clock on, until its clock is past `until`. */
export function enterCpu(cpu: number, until: Cycles): void {
  self = cpu
  turns = 0
  const now = clocks[cpu] as number
  horizon = Math.min(until, now + SLACK_MAX)
  // an int32, so that charging it allocates nothing
  slack = (horizon - now) | 0
}

/** The running CPU stops here: its clock is written back. */
export function leaveCpu(): void {
  clocks[self] = horizon - slack
}

/** The running CPU's clock. */
export function nowCycles(): Cycles {
  return horizon - slack
}

/** The clock of any CPU that is not running. */
export function clockOf(cpu: number): Cycles {
  return clocks[cpu] as number
}

/** Moves the clock of a CPU that is neither running nor in the queue. */
export function setClock(cpu: number, at: Cycles): void {
  clocks[cpu] = at
}

/** Charges the running CPU. */
export function charge(cycles: number): void {
  slack = (slack - cycles) | 0
}

/** Charges the running CPU, on an account. */
export function chargeTo(account: number, cycles: Cycles): void {
  slack = (slack - cycles) | 0
  addToAccount(self, account, cycles)
}

/** Adds to an account of any CPU, whose clock the caller moves. */
export function addToAccount(cpu: number, account: number, cycles: Cycles): void {
  const at = cpu * NR_ACCOUNTS + account
  accounts[at] = (accounts[at] as number) + cycles
}

/** A waiting CPU goes on at time `at`. The running CPU gives way to it if that is earlier. */
export function wake(cpu: number, at: Cycles): void {
  clocks[cpu] = at
  pushEvent(cpu, at)
  const limit = cpu < self ? at - 1 : at
  if (limit < horizon) {
    slack = (slack - (horizon - limit)) | 0
    horizon = limit
  }
}
