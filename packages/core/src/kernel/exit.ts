/**
 * kernel/exit.c: what a CPU runs: its processes, one after the other, each with its program and its teardown.
 *
 * Processes are dealt out (process p on CPU p mod the CPUs), or taken from a shared queue. A background process has one of
 * the last CPUs to itself, and is not counted as done: nobody waits for it. Invariant: every process is
 * run by exactly one CPU, from its first step to its last.
 */

import {
  DEAL_QUEUE,
  MM_BASE,
  MM_STRIDE,
  NR_CPUS,
  NR_FOREGROUND,
  NR_PROCESSES,
} from '../machine/globals.ts'
import {
  CONTROL,
  CPU_CURRENT_MM,
  CPU_ID,
  CPU_PROCESSES,
  CTL_DONE,
  CTL_NEXT_PROCESS,
  MM_NR_STEPS,
  MM_PROGRAM,
  MM_PROGRAM_END,
  MM_STEPS,
  STEP_END,
  STEP_EXIT,
  STEP_KIND,
  STEP_START,
  STEP_WORDS,
} from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'
import { WORK_SYSCALL } from '../machine/work.ts'
import { doMunmap } from '../mm/mmap.ts'
import type { Strategy } from '../mm/strategy.ts'
import { atomicAdd, atomicFetchAddRelaxed, doWork } from '../sync/live.ts'
import { mmput } from './fork.ts'
import { runProgram } from './program.ts'

/** All of a CPU's processes. */
export function cpuMain(cpu: number, strategy: Strategy): void {
  const id = load(cpu + CPU_ID)
  const sharing = NR_CPUS - (NR_PROCESSES - NR_FOREGROUND)
  if (id >= sharing) {
    runProcess(cpu, NR_FOREGROUND + id - sharing, strategy)
  } else {
    let process = DEAL_QUEUE !== 0 ? nextProcess() : id
    while (process < NR_FOREGROUND) {
      runProcess(cpu, process, strategy)
      atomicAdd(1, CONTROL + CTL_DONE)
      process = DEAL_QUEUE !== 0 ? nextProcess() : process + sharing
    }
  }
  store(cpu + CPU_CURRENT_MM, 0)
}

/** One process: its program, then its teardown. */
function runProcess(cpu: number, process: number, strategy: Strategy): void {
  const mm = MM_BASE + Math.imul(process, MM_STRIDE)
  store(cpu + CPU_CURRENT_MM, mm)
  const program = load(mm + MM_PROGRAM)
  if (program !== 0) runProgram(cpu, mm, program, load(mm + MM_PROGRAM_END), strategy)
  runSteps(cpu, mm, strategy)
  store(cpu + CPU_PROCESSES, load(cpu + CPU_PROCESSES) + 1)
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

/** exit_mm */
export function exitMm(cpu: number, mm: number, strategy: Strategy): void {
  doWork(WORK_SYSCALL, 1)
  mmput(cpu, mm, strategy)
}
