/**
 * The loop of events of virtual time: always lets the CPU run whose clock is earliest.
 *
 * Virtual text (docs/wasm.md). Invariants: a CPU is in the event queue, its turn is next, it runs, it waits (for a lock
 * or for acknowledgements), or it is done; the order of events depends on clocks and CPU numbers alone.
 */

import type { ArraySource } from './array-source.ts'
import { clockOf, enterCpu, leaveCpu, setClock } from './virtual-clock.ts'
import { takeStolen } from './virtual-interrupts.ts'
import { enterLines } from './virtual-lines.ts'
import { resumeProgram, STOPPED_BEHIND, STOPPED_DONE } from './virtual-programs.ts'
import {
  exchangeEvent,
  lastClockBeforeFirst,
  openQueue,
  popEvent,
  pushEvent,
} from './virtual-queue.ts'
import { isRacing, retryLock } from './virtual-spinlock.ts'

/** By CPU: 1, its program has ended. */
let isDone: Int32Array = new Int32Array(0)
/** The CPU whose turn is next, which is not in the queue; -1: none. */
let turnOf = -1

/** No CPU is done. Returns by CPU: 1, its program has ended. */
export function bindVirtualLoop(cpus: number, arrays: ArraySource): Int32Array {
  isDone = arrays.int32('isDone', cpus)
  turnOf = -1
  return isDone
}

/** All CPUs of `cpus` start. Returns the one whose turn is first. */
export function startCpus(cpus: number): number {
  openQueue(cpus)
  for (let cpu = 0; cpu < cpus; cpu++) pushEvent(cpu, clockOf(cpu))
  turnOf = popEvent()
  return turnOf
}

/** The CPU whose turn is next; -1: none, for all wait or are done. */
export function nextTurn(): number {
  return turnOf
}

/** Gives CPUs the run `events` times, less if none is left. Returns how often. */
export function runEvents(events: number): number {
  let done = 0
  let cpu = turnOf
  while (cpu >= 0 && done < events) {
    done++
    // as long as the CPU that stops goes back to the queue, taking the next one out is the same step
    cpu = runCpu(cpu) ? exchangeEvent(cpu, clockOf(cpu)) : popEvent()
  }
  turnOf = cpu
  return done
}

/** Lets a CPU run; true: it goes back to the queue. */
function runCpu(cpu: number): boolean {
  const stolen = takeStolen(cpu)
  if (stolen !== 0) {
    setClock(cpu, clockOf(cpu) + stolen)
    return true
  }
  if (isRacing(cpu) && !retryLock(cpu)) return false
  enterCpu(cpu, lastClockBeforeFirst(cpu))
  enterLines(cpu)
  const stopped = resumeProgram(cpu)
  leaveCpu()
  if (stopped === STOPPED_DONE) isDone[cpu] = 1
  return stopped === STOPPED_BEHIND
}
