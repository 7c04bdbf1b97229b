/**
 * What an execution has done so far: its steps, and the words that each looked at or changed.
 *
 * A step is a synchronising operation and the plain text that follows it, up to the next operation of the same CPU. Its
 * first access is the operation's; plain stores to words that others read without a lock follow, and so do all words of
 * an operation that has several. Check text (docs/wasm.md). Invariant: the accesses of step i are entries
 * [stepStarts[i], stepStarts[i + 1]).
 */

import type { ArraySource } from './array-source.ts'
import { endOfEntries } from './check-fail.ts'
import {
  checkState,
  TRACE_BEGUN,
  TRACE_ENTRIES,
  TRACE_ENTRIES_MAX,
  TRACE_LENGTH,
} from './check-state.ts'

/** By step. */
export let stepCpus: Uint8Array = new Uint8Array(0)
export let stepOps: Uint8Array = new Uint8Array(0)
export let stepResults: Int32Array = new Int32Array(0)
export let stepStarts: Int32Array = new Int32Array(0)
/** By entry: its step, and what it accesses. */
export let entrySteps: Int32Array = new Int32Array(0)
export let entryAddresses: Int32Array = new Int32Array(0)
export let entryKinds: Uint8Array = new Uint8Array(0)
export let entryOperands: Int32Array = new Int32Array(0)
export let entryBefore: Int32Array = new Int32Array(0)

/** Room for so many steps, and accesses of them. */
export function bindTrace(stepsMax: number, entries: number, arrays: ArraySource): void {
  stepCpus = arrays.uint8('stepCpus', stepsMax + 1)
  stepOps = arrays.uint8('stepOps', stepsMax + 1)
  stepResults = arrays.int32('stepResults', stepsMax + 1)
  stepStarts = arrays.int32('stepStarts', stepsMax + 2)
  entrySteps = arrays.int32('entrySteps', entries)
  entryAddresses = arrays.int32('entryAddresses', entries)
  entryKinds = arrays.uint8('entryKinds', entries)
  entryOperands = arrays.int32('entryOperands', entries)
  entryBefore = arrays.int32('entryBefore', entries)
  checkState[TRACE_ENTRIES_MAX] = entries
}

/** Forgets all but the first `length` steps. */
export function cutTrace(length: number): void {
  checkState[TRACE_LENGTH] = length
  checkState[TRACE_BEGUN] = length
  checkState[TRACE_ENTRIES] = length === 0 ? 0 : (stepStarts[length] as number)
}

/** A CPU begins a step. */
export function beginTraced(cpu: number, op: number): void {
  const i = checkState[TRACE_LENGTH] as number
  checkState[TRACE_BEGUN] = i + 1
  stepCpus[i] = cpu
  stepOps[i] = op
  stepStarts[i] = checkState[TRACE_ENTRIES] as number
}

/** A word of the step that was begun. */
export function noteAccess(address: number, kind: number, operand: number, before: number): void {
  const e = checkState[TRACE_ENTRIES] as number
  if (e === (checkState[TRACE_ENTRIES_MAX] as number)) endOfEntries()
  checkState[TRACE_ENTRIES] = e + 1
  entrySteps[e] = checkState[TRACE_LENGTH] as number
  entryAddresses[e] = address
  entryKinds[e] = kind
  entryOperands[e] = operand
  entryBefore[e] = before
}

/** The step is over. */
export function endTraced(result: number): void {
  const i = checkState[TRACE_LENGTH] as number
  stepResults[i] = result
  checkState[TRACE_LENGTH] = i + 1
  stepStarts[i + 1] = checkState[TRACE_ENTRIES] as number
}
