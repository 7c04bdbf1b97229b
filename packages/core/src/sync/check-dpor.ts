/**
 * What source-DPOR does at every step: it picks a CPU, orders the step that was made against those before it, and asks for the
 * other order of each pair that races. The search over executions is in engines/check/schedulers/dpor.ts, where it is explained.
 *
 * A node of the search is a prefix of the execution. At each node stand the CPUs that have to be tried (backtrack) and those
 * whose steps were tried, here or earlier, and that nothing since depends on (sleep), with the accesses of these steps.
 *
 * Locks: an unlock and the acquisition behind it cannot change places, but two acquisitions can.
 *
 * Check text (docs/wasm.md). Invariant: clocks and the lists of accesses by word cover exactly the steps that the search has
 * not taken back.
 */

import { mem } from '../machine/memory.ts'
import type { ArraySource } from './array-source.ts'
import { endOfEntries } from './check-fail.ts'
import { accessesDepend, LOCK, TRYLOCK, UNLOCK, wakes } from './check-kinds.ts'
import {
  checkState,
  CPUS,
  DPOR_LISTED,
  DPOR_REPLAY,
  DPOR_STEPS,
  ROOT_IS_FULL,
  ROOT_LENGTH,
  TRACE_ENTRIES_MAX,
  TRACE_LENGTH,
} from './check-state.ts'
import {
  entryAddresses,
  entryBefore,
  entryKinds,
  entryOperands,
  entrySteps,
  stepCpus,
  stepStarts,
} from './check-trace.ts'

export const NONE = -1
/** Columns by CPU: a check has at most so many. */
export const DPOR_CPUS = 8
/** An answer of `pick`: this execution is not worth going on with. */
const ABANDON = -1

/** By node: the CPU that is taken, those that can be, that have to be tried, that sleep. */
export let nodeChosen: Uint8Array = new Uint8Array(0)
export let nodeEnabled: Uint8Array = new Uint8Array(0)
export let nodeBacktrack: Uint8Array = new Uint8Array(0)
export let nodeSleep: Uint8Array = new Uint8Array(0)
/** By node: so many entries of the columns of sleeping accesses belong to it and those above it. */
export let sleepTop: Int32Array = new Int32Array(0)
/** By node and CPU: the accesses of the step that sleeps, from ... to. */
export let sleepFrom: Int32Array = new Int32Array(0)
export let sleepTo: Int32Array = new Int32Array(0)
export let sleepAddresses: Int32Array = new Int32Array(0)
export let sleepKinds: Uint8Array = new Uint8Array(0)
export let sleepOperands: Int32Array = new Int32Array(0)
export let sleepBefore: Int32Array = new Int32Array(0)
/** By step and CPU: so many steps of that CPU happen before, or are, this one. */
export let stepClocks: Int32Array = new Int32Array(0)
/** By word: the last entry of the trace that accesses it, and 1; 0: none. By entry: the one before it, likewise. */
export let lastEntry: Int32Array = new Int32Array(0)
let previousEntry: Int32Array = new Int32Array(0)
/** The steps that the one that is ordered races with. */
let racing: Int32Array = new Int32Array(0)
/** The CPUs of the steps of the prefix below which the search is. */
export let rootPrefix: Uint8Array = new Uint8Array(0)
/** By CPU: the first step of it that is looked at. */
let firstOf: Int32Array = new Int32Array(0)

/** Room for the search: zero where it begins. */
export function bindDporWords(words: number, arrays: ArraySource): void {
  lastEntry = arrays.int32('lastEntry', words)
}

/** Room for so many steps, and accesses of them: written before it is read. */
export function bindDpor(stepsMax: number, entries: number, arrays: ArraySource): void {
  const nodes = stepsMax + 2
  nodeChosen = arrays.uint8('nodeChosen', nodes)
  nodeEnabled = arrays.uint8('nodeEnabled', nodes)
  nodeBacktrack = arrays.uint8('nodeBacktrack', nodes)
  nodeSleep = arrays.uint8('nodeSleep', nodes)
  sleepTop = arrays.int32('sleepTop', nodes)
  sleepFrom = arrays.int32('sleepFrom', nodes * DPOR_CPUS)
  sleepTo = arrays.int32('sleepTo', nodes * DPOR_CPUS)
  sleepAddresses = arrays.int32('sleepAddresses', entries)
  sleepKinds = arrays.uint8('sleepKinds', entries)
  sleepOperands = arrays.int32('sleepOperands', entries)
  sleepBefore = arrays.int32('sleepBefore', entries)
  stepClocks = arrays.int32('stepClocks', nodes * DPOR_CPUS)
  previousEntry = arrays.int32('previousEntry', entries)
  racing = arrays.int32('racing', nodes)
  rootPrefix = arrays.uint8('rootPrefix', nodes)
  firstOf = arrays.int32('firstOf', DPOR_CPUS)
}

/** The CPU that makes the next step; ABANDON. */
export function pickByDpor(enabled: number): number {
  const d = checkState[TRACE_LENGTH] as number
  if (d < (checkState[DPOR_REPLAY] as number)) return nodeChosen[d] as number
  nodeEnabled[d] = enabled
  const root = checkState[ROOT_LENGTH] as number
  if (d < root) {
    const forced = rootPrefix[d] as number
    nodeChosen[d] = forced
    nodeBacktrack[d] = 0xff
    nodeSleep[d] = 0xff
    return forced
  }
  if (d > root) fallAsleep(d)
  const awake = enabled & ~(nodeSleep[d] as number)
  if (awake === 0) return ABANDON
  const before = d === 0 ? 0 : (stepCpus[d - 1] as number)
  const cpu = (awake & (1 << before)) !== 0 ? before : lowestBit(awake)
  nodeChosen[d] = cpu
  nodeBacktrack[d] = d === root && checkState[ROOT_IS_FULL] !== 0 ? awake : 1 << cpu
  return cpu
}

/** The sleep set of a new node: what slept before the last step and does not depend on it. */
function fallAsleep(d: number): void {
  const row = d * DPOR_CPUS
  const above = nodeSleep[d - 1] as number
  let mask = 0
  sleepTop[d] = sleepTop[d - 1] as number
  for (let q = 0; q < (checkState[CPUS] as number); q++) {
    if ((above & (1 << q)) === 0) continue
    const from = sleepFrom[row - DPOR_CPUS + q] as number
    const to = sleepTo[row - DPOR_CPUS + q] as number
    if (wakesUp(d - 1, from, to)) continue
    sleepFrom[row + q] = from
    sleepTo[row + q] = to
    mask = mask | (1 << q)
  }
  nodeSleep[d] = mask
}

/** Does step `i` depend on the step that sleeps, with these accesses? */
function wakesUp(i: number, from: number, to: number): boolean {
  const end = stepStarts[i + 1] as number
  for (let e = stepStarts[i] as number; e < end; e++) {
    const address = entryAddresses[e] as number
    for (let s = from; s < to; s++) {
      if (sleepAddresses[s] !== address) continue
      const wakes_ = wakes(
        entryKinds[e] as number,
        entryOperands[e] as number,
        entryBefore[e] as number,
        sleepKinds[s] as number,
        sleepOperands[s] as number,
        sleepBefore[s] as number,
        mem[address] as number,
      )
      if (wakes_) return true
    }
  }
  return false
}

/** The accesses of step `d` sleep at node `d`, as those of its CPU. */
export function putToSleep(d: number): void {
  const from = sleepTop[d] as number
  const start = stepStarts[d] as number
  const n = (stepStarts[d + 1] as number) - start
  if (from + n > (checkState[TRACE_ENTRIES_MAX] as number)) endOfEntries()
  for (let i = 0; i < n; i++) {
    sleepAddresses[from + i] = entryAddresses[start + i] as number
    sleepKinds[from + i] = entryKinds[start + i] as number
    sleepOperands[from + i] = entryOperands[start + i] as number
    sleepBefore[from + i] = entryBefore[start + i] as number
  }
  const at = d * DPOR_CPUS + (nodeChosen[d] as number)
  sleepFrom[at] = from
  sleepTo[at] = from + n
  sleepTop[d] = from + n
}

/** A step was made: it gets its clock, what it races with is found, and it is added to the lists of its words. */
export function stepByDpor(): void {
  const j = (checkState[TRACE_LENGTH] as number) - 1
  if (j < (checkState[DPOR_STEPS] as number)) return
  checkState[DPOR_STEPS] = j + 1
  const cpu = stepCpus[j] as number
  beginClock(j, lastStepOf(cpu, j))
  let races = 0
  const end = stepStarts[j + 1] as number
  for (let e = stepStarts[j] as number; e < end; e++) races = orderAccess(j, e, races)
  stepClocks[j * DPOR_CPUS + cpu] = j + 1
  for (let r = 0; r < races; r++) reverse(racing[r] as number, j)
  listAccesses(j)
}

/** The clock of step `j` begins with that of the step of its CPU before it. */
export function beginClock(j: number, own: number): void {
  const row = j * DPOR_CPUS
  for (let c = 0; c < DPOR_CPUS; c++)
    stepClocks[row + c] = own === NONE ? 0 : (stepClocks[own * DPOR_CPUS + c] as number)
}

export function lastStepOf(cpu: number, before: number): number {
  let i = before - 1
  while (i >= 0 && stepCpus[i] !== cpu) i--
  return i
}

/** Orders an access of step `j` against those before it; returns how many steps are in `racing` then. */
function orderAccess(j: number, e: number, racesBefore: number): number {
  const cpu = stepCpus[j] as number
  const row = j * DPOR_CPUS
  const kind = entryKinds[e] as number
  let races = racesBefore
  let reversible = true
  let f = (lastEntry[entryAddresses[e] as number] as number) - 1
  while (f !== NONE) {
    const i = entrySteps[f] as number
    const other = stepCpus[i] as number
    if (i === j || (stepClocks[row + other] as number) > i) {
      // an acquisition is ordered behind the one before it only by the unlock between them
      if (kind === LOCK && isAcquisition(f) && !reversible && other !== cpu) {
        if (!orderedOtherwise(i, j, e)) races = addRacing(i, races)
        reversible = true
      }
    } else if (other !== cpu && areOrdered(f, e)) {
      if (kind === LOCK && entryKinds[f] === UNLOCK) reversible = false
      else races = addRacing(i, races)
      joinClock(row, i)
    }
    f = (previousEntry[f] as number) - 1
  }
  return races
}

function isAcquisition(f: number): boolean {
  return entryKinds[f] === LOCK || entryKinds[f] === TRYLOCK
}

/** Does the order of two accesses to one word matter? */
function areOrdered(f: number, e: number): boolean {
  return accessesDepend(
    entryKinds[f] as number,
    entryOperands[f] as number,
    entryBefore[f] as number,
    entryKinds[e] as number,
    entryOperands[e] as number,
    entryBefore[e] as number,
  )
}

function addRacing(i: number, races: number): number {
  for (let r = 0; r < races; r++) if (racing[r] === i) return races
  racing[races] = i
  return races + 1
}

/** Is acquisition `i` ordered before acquisition `j` by more than the unlock of the same hold? */
function orderedOtherwise(i: number, j: number, e: number): boolean {
  const own = lastStepOf(stepCpus[j] as number, j)
  const other = stepCpus[i] as number
  if (own !== NONE && (stepClocks[own * DPOR_CPUS + other] as number) > i) return true
  return e !== stepStarts[j]
}

function joinClock(row: number, i: number): void {
  const from = i * DPOR_CPUS
  for (let c = 0; c < (checkState[CPUS] as number); c++) {
    const clock = stepClocks[from + c] as number
    if (clock > (stepClocks[row + c] as number)) stepClocks[row + c] = clock
  }
}

function listAccesses(j: number): void {
  const end = stepStarts[j + 1] as number
  for (let e = stepStarts[j] as number; e < end; e++) {
    const address = entryAddresses[e] as number
    previousEntry[e] = lastEntry[address] as number
    lastEntry[address] = e + 1
  }
  checkState[DPOR_LISTED] = end
}

/** The lists hold the first `entries` of the trace, and no more. */
export function unlistAccesses(entries: number): void {
  const listed = checkState[DPOR_LISTED] as number
  for (let e = listed - 1; e >= entries; e--)
    lastEntry[entryAddresses[e] as number] = previousEntry[e] as number
  checkState[DPOR_LISTED] = Math.min(listed, entries)
}

/** The last step that took this lock. */
export function lastAcquisition(lock: number): number {
  let f = (lastEntry[lock] as number) - 1
  while (f !== NONE && !isAcquisition(f)) f = (previousEntry[f] as number) - 1
  return f === NONE ? NONE : (entrySteps[f] as number)
}

/** Steps i < j race: the node before i has to try a CPU that can begin what does not happen after i, and then j. */
export function reverse(i: number, j: number): void {
  const cpus = checkState[CPUS] as number
  const cpuI = stepCpus[i] as number
  for (let c = 0; c < cpus; c++) firstOf[c] = NONE
  for (let k = i + 1; k <= j; k++) {
    const c = stepCpus[k] as number
    if (firstOf[c] !== NONE) continue
    if (k === j || (stepClocks[k * DPOR_CPUS + cpuI] as number) <= i) firstOf[c] = k
  }
  let initials = 0
  for (let q = 0; q < cpus; q++)
    if (firstOf[q] !== NONE && isInitial(q, cpus)) initials = initials | (1 << q)
  initials = initials & (nodeEnabled[i] as number)
  const asked = nodeBacktrack[i] as number
  if ((initials & (asked | (nodeSleep[i] as number))) !== 0) return
  const cpuJ = 1 << (stepCpus[j] as number)
  if (initials === 0) nodeBacktrack[i] = asked | (nodeEnabled[i] as number)
  else nodeBacktrack[i] = asked | ((initials & cpuJ) !== 0 ? cpuJ : 1 << lowestBit(initials))
}

/** Does the first step of this CPU happen after no first step of another? */
function isInitial(q: number, cpus: number): boolean {
  const k = firstOf[q] as number
  for (let c = 0; c < cpus; c++) {
    const m = firstOf[c] as number
    if (c !== q && m !== NONE && m < k && m < (stepClocks[k * DPOR_CPUS + c] as number))
      return false
  }
  return true
}

/** The lowest bit of a mask, by number. */
export function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}
