/**
 * What each CPU of an execution was told: the values of its plain loads and the results of its operations, in its order.
 *
 * A CPU stops by leaving its text with an exception, and goes on by running it from the start again: it repeats. Up to the
 * operation at which it stopped it is told from here what it was told before, and nothing is loaded, stored or performed.
 * Kernel text depends on nothing else, so it comes to the same place. Invariant: `next` entries of the log of the CPU that
 * runs are its own up to where it is.
 */

/** The CPU has not stopped yet. */
export const NOT_STOPPED = -1

/** Does the CPU that runs repeat what it did? */
export let isRepeating = false
let logs: Int32Array[] = []
let self = 0
let log: Int32Array = new Int32Array(0)
let next = 0
let stoppedAt = NOT_STOPPED

/** Empty logs for so many CPUs. */
export function bindLogs(cpus: number): void {
  logs = Array.from({ length: cpus }, () => new Int32Array(4096))
}

/** The CPU begins its text; @param stopped - the place in its log where it has stopped. */
export function enterLog(cpu: number, stopped: number): void {
  self = cpu
  log = logs[cpu] as Int32Array
  next = 0
  stoppedAt = stopped
  isRepeating = stopped !== NOT_STOPPED
}

/** Where the CPU that runs is in its log. */
export function logPlace(): number {
  return next
}

/** Has the CPU that repeats come to the operation at which it stopped? */
export function isWhereItStopped(): boolean {
  return next === stoppedAt
}

/** From here on the CPU goes on. */
export function endRepeat(): void {
  isRepeating = false
}

/** What the CPU was told here. */
export function toldBefore(): number {
  return log[next++] as number
}

/** Keeps what the CPU is told, and gives it back. */
export function keepTold(value: number): number {
  if (next === log.length) grow()
  log[next++] = value
  return value
}

function grow(): void {
  const more = new Int32Array(2 * log.length)
  more.set(log)
  logs[self] = more
  log = more
}
