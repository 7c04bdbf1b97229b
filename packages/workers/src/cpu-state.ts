/**
 * What a CPU thread is at: one word of its per-CPU block, written by that thread alone.
 *
 * Populate leaves it 0: before the start. A run takes it through the others in order.
 */

import { CPU_STATE, cpuBlock, type Machine } from '@mmgather/core'

export const CPU_AT_BARRIER = 1
export const CPU_RUNNING = 2
/** Its work is done, or it has left the run. */
export const CPU_FINISHED = 3

export function cpuState(machine: Machine, cpu: number): number {
  return Atomics.load(machine.words, cpuBlock(machine, cpu) + CPU_STATE)
}

export function setCpuState(machine: Machine, cpu: number, state: number): void {
  Atomics.store(machine.words, cpuBlock(machine, cpu) + CPU_STATE, state)
}
