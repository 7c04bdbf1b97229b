/**
 * Virtual time: which virtual CPU runs, how far it may run before another one is earlier, and what its time went into.
 *
 * Clocks are integers, cycles of the machine profile. The running CPU's clock is `horizon - slack`: charging an
 * operation lowers `slack`, and a negative slack says that another CPU is earlier, so that the next ordered operation
 * must wait for it. On equal clocks the lower CPU number goes first.
 *
 * Invariant: every charged cycle of a CPU is in exactly one of its accounts.
 */

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
let horizon = 0

let clocks: Float64Array = new Float64Array(0)
let accounts: Float64Array = new Float64Array(0)
let wakeCpu: (cpu: number) => void = () => {}

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

/** What the engine keeps by CPU, and how it is told that a waiting CPU goes on (its clock is set before). */
export interface VirtualClockBinding {
  readonly clocks: Float64Array
  /** NR_ACCOUNTS for each CPU. */
  readonly accounts: Float64Array
  readonly wake: (cpu: number) => void
}

export function bindVirtualClock(binding: VirtualClockBinding): void {
  clocks = binding.clocks
  accounts = binding.accounts
  wakeCpu = binding.wake
}

/** Lets a CPU run from its clock on, until its clock is past `until`. */
export function enterCpu(cpu: number, until: number): void {
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
export function nowCycles(): number {
  return horizon - slack
}

/** The clock of any CPU that is not running. */
export function clockOf(cpu: number): number {
  return clocks[cpu] as number
}

/** Charges the running CPU. */
export function charge(cycles: number): void {
  slack = (slack - cycles) | 0
}

/** Charges the running CPU, on an account. */
export function chargeTo(account: number, cycles: number): void {
  slack = (slack - cycles) | 0
  const at = self * NR_ACCOUNTS + account
  accounts[at] = (accounts[at] as number) + cycles
}

/** Adds to an account of any CPU, whose clock the caller moves. */
export function addToAccount(cpu: number, account: number, cycles: number): void {
  const at = cpu * NR_ACCOUNTS + account
  accounts[at] = (accounts[at] as number) + cycles
}

/** A waiting CPU goes on at time `at`. The running CPU gives way to it if that is earlier. */
export function wake(cpu: number, at: number): void {
  clocks[cpu] = at
  wakeCpu(cpu)
  const limit = cpu < self ? at - 1 : at
  if (limit < horizon) {
    slack = (slack - (horizon - limit)) | 0
    horizon = limit
  }
}
