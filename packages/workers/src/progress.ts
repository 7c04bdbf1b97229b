/**
 * How far a run is, read from the shared buffer while the CPUs work: they are neither asked nor stopped.
 */

import { collectCounters, type Machine } from '@mmgather/core'

import { processesDone } from './control-block.ts'

export interface LiveProgress {
  /** `warmup`: a run that does not count. */
  phase: 'warmup' | 'run'
  /** Of this phase, counted from 1. */
  run: number
  /** Runs of this phase. */
  runs: number
  /** Processes torn down completely, in this run. */
  processesDone: number
  processes: number
  /** PTEs cleared so far in this run, of `mappedPages` pages (those mapped by PMDs clear no PTE). */
  ptesCleared: number
  mappedPages: number
  /** Of all runs, warm-up included: 0 to 1. */
  fraction: number
}

/** Which run is under way. */
export interface RunPosition {
  phase: 'warmup' | 'run'
  /** Counted from 0 within the phase. */
  index: number
  /** Runs of the phase. */
  runs: number
  /** Runs of all phases that are finished, and that there are. */
  finished: number
  total: number
}

export function readProgress(
  machine: Machine,
  mappedPages: number,
  position: RunPosition,
): LiveProgress {
  // nobody waits for those in the background
  const processes = machine.globals.NR_FOREGROUND
  const done = processesDone(machine)
  const { ptesCleared } = collectCounters(machine)
  const ofThisRun = Math.max(ratio(done, processes), Math.min(1, ratio(ptesCleared, mappedPages)))
  return {
    phase: position.phase,
    run: position.index + 1,
    runs: position.runs,
    processesDone: done,
    processes,
    ptesCleared,
    mappedPages,
    fraction: Math.min(1, (position.finished + ofThisRun) / position.total),
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
