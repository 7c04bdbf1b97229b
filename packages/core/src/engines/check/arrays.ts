/**
 * What a check keeps beside the machine's words, laid out in one memory, so that compiled text has it as well.
 *
 * A thread has one such memory, for one check at a time. Invariant: where a check begins it is zero, but for what is written
 * before it is read (logs, whose lengths are zero).
 */

import { ArrayLayout, type ArraySource } from '../../sync/array-source.ts'
import { bindDpor, bindDporWords } from '../../sync/check-dpor.ts'
import { FUEL } from '../../sync/check-fail.ts'
import { bindLogs } from '../../sync/check-log.ts'
import { bindMarks } from '../../sync/check-marks.ts'
import { bindOperations } from '../../sync/check-perform.ts'
import { clockWords } from '../../sync/check-races.ts'
import { bindRules } from '../../sync/check-rules.ts'
import { bindShadow, bindShadowChanges } from '../../sync/check-shadow.ts'
import {
  bindCheckState,
  checkState,
  unbindCheckState,
  WATCH_FROM,
  WORDS_END,
} from '../../sync/check-state.ts'
import { bindSteps } from '../../sync/check-step.ts'
import { bindTrace } from '../../sync/check-trace.ts'
import { bindUndo } from '../../sync/check-undo.ts'
import { type ArrayMemory, KeptMemory } from '../array-memory.ts'
import { OPERATION_TABLE } from './operations.ts'

/** Room for so many plain accesses a step, on the average of an execution: several times what kernel text makes. */
const ACCESSES_PER_STEP = 64
const ACCESSES_MAX = 16_000_000
/** So many accesses a step are noted, on the average, and so many besides. */
const ENTRIES_PER_STEP = 16
const ENTRIES = 4096
/** Behind every word. */
const NOWHERE = 0x7fffffff

export interface CheckArraySizes {
  /** The machine's, and those that stand for what is not in it. */
  readonly words: number
  readonly cpus: number
  /** Shadow words of rules; 0: there are none. */
  readonly rules: number
  /** Of an execution. */
  readonly stepsMax: number
}

/** Where the arrays of a check lie. */
export interface CheckArrays {
  /** Undefined: they do not fit into one that compiled text can have. */
  readonly memory: ArrayMemory | undefined
  /** Byte offsets, by name. */
  readonly offsets: Readonly<Record<string, number>>
}

const KEPT = new KeptMemory()

/** From here on this thread's check keeps track of the bound machine's words. */
export function bindCheckArrays(sizes: CheckArraySizes): CheckArrays {
  const needed = new ArrayLayout()
  bindState(sizes, needed)
  const zeroed = needed.bytes
  bindRecords(sizes, needed)
  const memory = KEPT.allocate(needed.bytes, zeroed)
  const layout = new ArrayLayout(memory?.buffer ?? new ArrayBuffer(needed.bytes))
  bindState(sizes, layout)
  bindRecords(sizes, layout)
  checkState[WORDS_END] = sizes.words
  checkState[WATCH_FROM] = NOWHERE
  return { memory, offsets: layout.offsets }
}

/** Plain accesses are those of machine/memory.ts again. */
export function unbindCheckArrays(): void {
  unbindCheckState()
}

/** What is zero where a check begins. */
function bindState({ words, cpus, rules }: CheckArraySizes, arrays: ArraySource): void {
  bindCheckState(arrays)
  bindMarks(words, arrays)
  bindShadow(clockWords(words, cpus), rules, arrays)
  if (rules > 0) bindRules(arrays)
  bindDporWords(words, arrays)
}

/** What is written before it is read. */
function bindRecords({ cpus, stepsMax }: CheckArraySizes, arrays: ArraySource): void {
  const accesses = Math.min(stepsMax * ACCESSES_PER_STEP, ACCESSES_MAX) + FUEL
  bindLogs(cpus, accesses, arrays)
  bindUndo(accesses, arrays)
  bindShadowChanges(2 * accesses, arrays)
  const entries = stepsMax * ENTRIES_PER_STEP + ENTRIES
  bindTrace(stepsMax, entries, arrays)
  bindDpor(stepsMax, entries, arrays)
  bindOperations(OPERATION_TABLE, arrays)
  bindSteps(cpus, stepsMax, arrays)
}
