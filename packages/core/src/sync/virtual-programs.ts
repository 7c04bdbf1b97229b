/**
 * The programs that virtual CPUs run, as JavaScript: generators of the conditional form, resumed by the loop of events.
 *
 * Compiled text has its own stacks in place of this module (docs/wasm.md).
 */

import { setResult, type Steps } from './virtual.ts'

type Frame = Steps<number> | Steps<void>

/** What stopped a CPU: another one is earlier, or its program has ended. Otherwise it has to wait. */
export const STOPPED_BEHIND = 0
export const STOPPED_DONE = 2

/** By CPU: the innermost of the functions that it is in and that have frames of their own. */
let innermost: Frame[] = []
/** Those around it, the nearest last. */
let callers: Frame[][] = []

export function bindVirtualPrograms(programs: Steps<void>[]): void {
  innermost = programs
  callers = programs.map(() => [])
}

/** Runs the innermost function of a CPU, those that it calls, and its callers, until the CPU stops, and says why. */
export function resumeProgram(cpu: number): number {
  for (;;) {
    const step = (innermost[cpu] as Frame).next()
    if (step.done !== true && typeof step.value === 'number') return step.value
    if (changeFrame(cpu, step)) return STOPPED_DONE
  }
}

/** A function of its own frame is called, or has returned; true: the program is at its end. */
function changeFrame(cpu: number, step: ReturnType<Frame['next']>): boolean {
  const stack = callers[cpu] as Frame[]
  if (step.done !== true) {
    stack.push(innermost[cpu] as Frame)
    innermost[cpu] = step.value as Frame
    return false
  }
  setResult(step.value)
  const caller = stack.pop()
  if (caller === undefined) return true
  innermost[cpu] = caller
  return false
}
