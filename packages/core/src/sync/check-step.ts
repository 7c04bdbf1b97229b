/**
 * The steps of an execution: a CPU announces what it is about to do, and goes on at once, or stops there until it is its turn.
 *
 * Who goes on is decided before every step: by the search that is text itself (check-dpor.ts), or by a scheduler in JavaScript.
 * A CPU that is about to take a lock that is held cannot be picked. Check text (docs/wasm.md). Invariant: row i of
 * `savepoints` is of the state in which step i was begun, for every step that was begun and not taken back.
 */

import type { ArraySource } from './array-source.ts'
import { pickByDpor, stepByDpor } from './check-dpor.ts'
import { keepStates, noteStack, pickCpu, stopCpu, tellStepped, throwRace } from './check-driver.ts'
import { FUEL } from './check-fail.ts'
import { READ, WRITE } from './check-kinds.ts'
import { allowTold } from './check-log.ts'
import { forgetMarkedAccesses, markedLoads, markedStores } from './check-marks.ts'
import { checkAddress } from './check-memory.ts'
import { FLUSH_TLB_MM_RANGE, USER_ACCESS } from './check-ops.ts'
import { addressOf, isBlocked, perform } from './check-perform.ts'
import {
  HAVE_STATES_CHANGED,
  CHANGES,
  checkState,
  SHADOW_CHANGES,
  CPUS,
  DONE,
  ENDED,
  HAS_RACE,
  IS_STARTING,
  KEEPS_STACKS,
  NEXT,
  NEXT_CPU,
  NR_MARKED_LOADS,
  NR_MARKED_STORES,
  NR_STATES,
  RESULT,
  SCHEDULER,
  SCHEDULER_DPOR,
  SCHEDULER_TOLD,
  SELF,
  STEPS_MAX,
  SUM_A,
  SUM_B,
  TRACE_LENGTH,
} from './check-state.ts'
import { beginTraced, endTraced, noteAccess } from './check-trace.ts'
import { allowChanges } from './check-undo.ts'

/** Columns of `pending`: an operation and its operands, and the place of its result in the CPU's log. */
export const PENDING_OP = 0
export const PENDING_A = 1
export const PENDING_B = 2
export const PENDING_C = 3
export const PENDING_PLACE = 4
export const PENDING_COLUMNS = 8

/** Columns of `savepoints`: those of `pending` of the CPU that makes the step, and lengths of what grows. */
export const SAVED_CHANGES = 5
export const SAVED_SUM_A = 6
export const SAVED_SUM_B = 7
export const SAVED_SHADOW = 8
export const SAVED_DONE = 9
export const SAVED_STATES = 10
export const SAVED_COLUMNS = 12

/** How an execution has ended. */
export const ENDED_COMPLETED = 0
export const ENDED_DEADLOCK = 1
export const ENDED_STEPS = 2
export const ENDED_ABANDONED = 3
/** No CPU. */
export const NOBODY = -1

/** By CPU: what it is about to do. */
export let pending: Int32Array = new Int32Array(0)
/** By step. */
export let savepoints: Int32Array = new Int32Array(0)

export function bindSteps(cpus: number, stepsMax: number, arrays: ArraySource): void {
  pending = arrays.int32('pending', cpus * PENDING_COLUMNS)
  savepoints = arrays.int32('savepoints', (stepsMax + 1) * SAVED_COLUMNS)
  checkState[CPUS] = cpus
  checkState[STEPS_MAX] = stepsMax
}

/** The CPU that runs has come to an operation. Returns the result, or throws to stop the CPU. */
export function announced(op: number, a: number, b: number, c: number): number {
  const cpu = checkState[SELF] as number
  if (op !== FLUSH_TLB_MM_RANGE && op !== USER_ACCESS) checkAddress(addressOf(op, a, b))
  const row = cpu * PENDING_COLUMNS
  pending[row + PENDING_OP] = op
  pending[row + PENDING_A] = a
  pending[row + PENDING_B] = b
  pending[row + PENDING_C] = c
  pending[row + PENDING_PLACE] = checkState[NEXT] as number
  if (checkState[KEEPS_STACKS] !== 0) noteStack(cpu)
  if (checkState[IS_STARTING] !== 0) stopCpu()
  endStep()
  const next = chooseCpu()
  checkState[NEXT_CPU] = next
  if (next !== cpu) stopCpu()
  return beginStep(cpu)
}

/** The CPU that runs has come to the operation at which it stopped. Returns the result. */
export function resumed(): number {
  return beginStep(checkState[SELF] as number)
}

/** CPUs that can make a step, by bit. */
export function enabledCpus(): number {
  let mask = 0
  for (let cpu = 0; cpu < (checkState[CPUS] as number); cpu++) {
    if (((checkState[DONE] as number) & (1 << cpu)) !== 0) continue
    const row = cpu * PENDING_COLUMNS
    const op = pending[row + PENDING_OP] as number
    const a = pending[row + PENDING_A] as number
    if (!isBlocked(op, a, pending[row + PENDING_B] as number)) mask = mask | (1 << cpu)
  }
  return mask
}

/** Who makes the next step; NOBODY: the execution is at its end. */
export function chooseCpu(): number {
  const enabled = enabledCpus()
  if (checkState[DONE] === (1 << (checkState[CPUS] as number)) - 1)
    checkState[ENDED] = ENDED_COMPLETED
  else if (enabled === 0) checkState[ENDED] = ENDED_DEADLOCK
  else if ((checkState[TRACE_LENGTH] as number) >= (checkState[STEPS_MAX] as number))
    checkState[ENDED] = ENDED_STEPS
  else {
    const cpu = checkState[SCHEDULER] === SCHEDULER_DPOR ? pickByDpor(enabled) : pickCpu(enabled)
    if (cpu !== NOBODY) return cpu
    checkState[ENDED] = ENDED_ABANDONED
  }
  return NOBODY
}

/** Performs what the CPU is about to do; returns the result. */
function beginStep(cpu: number): number {
  const row = cpu * PENDING_COLUMNS
  const op = pending[row + PENDING_OP] as number
  const a = pending[row + PENDING_A] as number
  const b = pending[row + PENDING_B] as number
  const c = pending[row + PENDING_C] as number
  save(op, a, b, c, pending[row + PENDING_PLACE] as number)
  refuel()
  beginTraced(cpu, op)
  const result = perform(cpu, op, a, b, c)
  checkState[RESULT] = result
  return result
}

/** The state before the step that begins. */
function save(op: number, a: number, b: number, c: number, place: number): void {
  if (checkState[HAVE_STATES_CHANGED] !== 0) {
    checkState[NR_STATES] = keepStates()
    checkState[HAVE_STATES_CHANGED] = 0
  }
  const row = (checkState[TRACE_LENGTH] as number) * SAVED_COLUMNS
  savepoints[row + PENDING_OP] = op
  savepoints[row + PENDING_A] = a
  savepoints[row + PENDING_B] = b
  savepoints[row + PENDING_C] = c
  savepoints[row + PENDING_PLACE] = place
  savepoints[row + SAVED_CHANGES] = checkState[CHANGES] as number
  savepoints[row + SAVED_SUM_A] = checkState[SUM_A] as number
  savepoints[row + SAVED_SUM_B] = checkState[SUM_B] as number
  savepoints[row + SAVED_SHADOW] = checkState[SHADOW_CHANGES] as number
  savepoints[row + SAVED_DONE] = checkState[DONE] as number
  savepoints[row + SAVED_STATES] = checkState[NR_STATES] as number
}

/** There is progress: so many plain accesses may follow. */
export function refuel(): void {
  allowTold(FUEL)
  allowChanges(FUEL)
}

/** The text behind the operation of a step is at its end. */
export function endStep(): void {
  if (checkState[HAS_RACE] !== 0) throwRace()
  if (checkState[NR_MARKED_STORES] !== 0 || checkState[NR_MARKED_LOADS] !== 0) notePlain()
  endTraced(checkState[RESULT] as number)
  if (checkState[SCHEDULER] === SCHEDULER_DPOR) stepByDpor()
  else if (checkState[SCHEDULER] === SCHEDULER_TOLD) tellStepped()
}

/** Plain accesses of the step that its order against others can matter to. */
function notePlain(): void {
  const stores = checkState[NR_MARKED_STORES] as number
  const loads = checkState[NR_MARKED_LOADS] as number
  for (let i = 0; i < stores; i++) noteAccess(markedStores[i] as number, WRITE, 0, 0)
  for (let i = 0; i < loads; i++) noteAccess(markedLoads[i] as number, READ, 0, 0)
  forgetMarkedAccesses()
}
