/**
 * kernel/exit.c and kernel/fork.c: what a CPU runs: its processes, one after the other.
 *
 * Processes are dealt out (process p on CPU p mod NR_CPUS), or taken from a shared queue. Invariant: every process is
 * run by exactly one CPU, from its first step to its last.
 */

import { DEAL_QUEUE, MM_BASE, MM_STRIDE, NR_CPUS, NR_PROCESSES } from '../machine/globals.ts'
import {
  CONTROL,
  CPU_CURRENT_MM,
  CPU_ID,
  CPU_PROCESSES,
  CTL_DONE,
  CTL_NEXT_PROCESS,
  MM_NR_STEPS,
  MM_STEPS,
  MM_USERS,
  STEP_END,
  STEP_EXIT,
  STEP_KIND,
  STEP_START,
  STEP_WORDS,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { doMunmap, exitMmap } from '../mm/mmap.ts'
import type { Strategy } from '../mm/strategy.ts'
import { atomicAdd, atomicDecAndTest, atomicFetchAddRelaxed } from '../sync/live.ts'

/** All of a CPU's processes. */
export function cpuMain(cpu: number, strategy: Strategy): void {
  let process = DEAL_QUEUE !== 0 ? nextProcess() : load(cpu + CPU_ID)
  while (process < NR_PROCESSES) {
    const mm = MM_BASE + Math.imul(process, MM_STRIDE)
    store(cpu + CPU_CURRENT_MM, mm)
    runSteps(cpu, mm, strategy)
    store(cpu + CPU_PROCESSES, load(cpu + CPU_PROCESSES) + 1)
    atomicAdd(1, CONTROL + CTL_DONE)
    process = DEAL_QUEUE !== 0 ? nextProcess() : process + NR_CPUS
  }
  store(cpu + CPU_CURRENT_MM, 0)
}

function nextProcess(): number {
  return atomicFetchAddRelaxed(1, CONTROL + CTL_NEXT_PROCESS)
}

/** The teardown steps of one process. */
function runSteps(cpu: number, mm: number, strategy: Strategy): void {
  const steps = load(mm + MM_STEPS)
  const nr = load(mm + MM_NR_STEPS)
  for (let i = 0; i < nr; i++) {
    const step = steps + i * STEP_WORDS
    if (load(step + STEP_KIND) === STEP_EXIT) exitMm(cpu, mm, strategy)
    else doMunmap(cpu, mm, load(step + STEP_START), load(step + STEP_END), strategy)
  }
}

/** exit_mm, mmput, __mmput: the last user tears the address space down. */
export function exitMm(cpu: number, mm: number, strategy: Strategy): void {
  if (atomicDecAndTest(mm + MM_USERS)) exitMmap(cpu, mm, strategy)
}
