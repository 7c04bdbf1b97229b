/**
 * The engine's words in the control block: the start barrier, giving up, progress.
 *
 * Barrier: each CPU adds itself to CTL_ARRIVED; the last to arrive sets CTL_GO, so that no message and no other thread
 * stands between the last arrival and the start. A waiter spins first, so that on a core of its own it starts within
 * microseconds, and then naps. Populate clears all of these words.
 */

import {
  AbortError,
  CONTROL,
  CTL_ABORT,
  CTL_ARRIVED,
  CTL_DONE,
  CTL_GO,
  type Machine,
} from '@mmgather/core'

/** The longest nap at the barrier; the go and an abort wake the sleeper before. */
const NAP_MS = 20
/** A waiter looks for an abort once in so many looks at CTL_GO (a power of two). */
const ABORT_EVERY = 64

/** Returns when all CPUs have arrived. Throws AbortError if the run is given up before. */
export function waitForStart(machine: Machine, spins: number): void {
  const { words } = machine
  const arrived = Atomics.add(words, CONTROL + CTL_ARRIVED, 1) + 1
  if (arrived === machine.globals.NR_CPUS) {
    Atomics.store(words, CONTROL + CTL_GO, 1)
    Atomics.notify(words, CONTROL + CTL_GO)
    return
  }
  for (let looks = 0; Atomics.load(words, CONTROL + CTL_GO) === 0; looks++) {
    const nap = looks >= spins
    if ((nap || looks % ABORT_EVERY === 0) && abortRequested(machine)) throw new AbortError()
    if (nap) Atomics.wait(words, CONTROL + CTL_GO, 0, NAP_MS)
  }
}

/** Has the barrier opened? */
export function hasStarted(machine: Machine): boolean {
  return Atomics.load(machine.words, CONTROL + CTL_GO) !== 0
}

/** Tells every CPU to leave at its next look. */
export function requestAbort(machine: Machine): void {
  Atomics.store(machine.words, CONTROL + CTL_ABORT, 1)
  Atomics.notify(machine.words, CONTROL + CTL_GO)
}

function abortRequested(machine: Machine): boolean {
  return Atomics.load(machine.words, CONTROL + CTL_ABORT) !== 0
}

/** Processes that are torn down completely. */
export function processesDone(machine: Machine): number {
  return Atomics.load(machine.words, CONTROL + CTL_DONE)
}
