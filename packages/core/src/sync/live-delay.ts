/**
 * Time that passes for a thread: it spins on its clock.
 *
 * A delay counts its looks in a word of its CPU, so that whoever watches for progress sees it.
 */

import { CONTROL, CPU_DELAYS, CTL_ABORT } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { atomicLoad } from './atomic-ops.ts'
import { abortRun, clockRuns, cpuSelf, nowNs } from './live-cpu.ts'

/**
 * Time passes: user time, or what a CPU waits for that is not simulated. A thread spins that long, and looks whether the
 * run is given up; with a clock that stands still it returns at once.
 */
export function delayNs(ns: number): void {
  if (!clockRuns()) return
  const at = cpuSelf() + CPU_DELAYS
  const start = nowNs()
  while (nowNs() - start < ns) {
    mem[at] = ((mem[at] as number) + 1) | 0
    if (atomicLoad(CONTROL + CTL_ABORT) !== 0) abortRun()
  }
}
