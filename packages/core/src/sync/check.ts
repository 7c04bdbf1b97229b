/**
 * The primitives by which CPUs synchronise, announced: the raw form yields them, and its driver performs them.
 *
 * An ordered primitive notes what it is to do and returns an Op; the derived text yields that, the driver chooses when to
 * perform it and sends the result back. Operands travel in the words below, which the driver reads right after it got the
 * Op: nothing is allocated for an operation. What a primitive does is said once, in sync/live.ts.
 */

import { NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { CPU_RESCHED_COUNT, CPU_RESCHED_STATE } from '../machine/layout.ts'
import { noteOwnChange } from './check-memory.ts'
import { cpuSelf } from './live-cpu.ts'
import * as live from './live.ts'
import { reschedDue } from './resched.ts'

export { bugOn, delayNs, doWork, postAllocHook } from './live.ts'

/** An announced operation: at run time its index among the operations. */
export interface Op {
  readonly announced: true
}

/** What a derived function is; the driver sends 1 for true, 0 for false and for nothing. */
export type Steps<T> = Generator<Op, T, number>

/** Operands of the operation that was announced last. */
export let operandA = 0
export let operandB = 0
export let operandC = 0
let operandD = 0

let isTracing = false
/** The stack of the operation that was announced last, if that is asked for. */
export let announcedAt = ''

/** Keep the stack of each announcement? */
export function traceAnnouncements(on: boolean): void {
  isTracing = on
}

/** An operation: its name, and what performs it. */
interface Operation {
  readonly name: string
  perform(): number | boolean | void
}

/** By Op. */
const OPERATIONS: Operation[] = []

/** Adds an operation and gives what announces it. */
function operation(
  name: string,
  run: Operation['perform'],
): (a: number, b?: number, c?: number, d?: number) => Op {
  const op = OPERATIONS.push({ name, perform: run }) - 1
  return (a, b = 0, c = 0, d = 0) => {
    if (isTracing) announcedAt = new Error('announced').stack ?? ''
    operandA = a
    operandB = b
    operandC = c
    operandD = d
    return op as unknown as Op
  }
}

type Announce1 = (v: number) => Op
type Announce2 = (a: number, b: number) => Op

export const atomicAdd: Announce2 = operation('atomicAdd', () => live.atomicAdd(operandA, operandB))
export const atomicSub: Announce2 = operation('atomicSub', () => live.atomicSub(operandA, operandB))
export const atomicAddNegative: Announce2 = operation('atomicAddNegative', () =>
  live.atomicAddNegative(operandA, operandB),
)
export const atomicSubAndTest: Announce2 = operation('atomicSubAndTest', () =>
  live.atomicSubAndTest(operandA, operandB),
)
export const atomicSubReturnRelaxed: Announce2 = operation('atomicSubReturnRelaxed', () =>
  live.atomicSubReturnRelaxed(operandA, operandB),
)
export const atomicAddReturnRelaxed: Announce2 = operation('atomicAddReturnRelaxed', () =>
  live.atomicAddReturnRelaxed(operandA, operandB),
)
export const atomicFetchAddRelaxed: Announce2 = operation('atomicFetchAddRelaxed', () =>
  live.atomicFetchAddRelaxed(operandA, operandB),
)
export const testAndSetBit: Announce2 = operation('testAndSetBit', () =>
  live.testAndSetBit(operandA, operandB),
)
export const testAndClearBit: Announce2 = operation('testAndClearBit', () =>
  live.testAndClearBit(operandA, operandB),
)
export const setBit: Announce2 = operation('setBit', () => live.setBit(operandA, operandB))
export const clearBit: Announce2 = operation('clearBit', () => live.clearBit(operandA, operandB))
export const spinLock: Announce2 = operation('spinLock', () => live.spinLock(operandA, operandB))
export const spinTrylock: Announce2 = operation('spinTrylock', () =>
  live.spinTrylock(operandA, operandB),
)
export const spinUnlock: Announce2 = operation('spinUnlock', () =>
  live.spinUnlock(operandA, operandB),
)
export const atomicDecAndTest: Announce1 = operation('atomicDecAndTest', () =>
  live.atomicDecAndTest(operandA),
)
export const atomicIncAndTest: Announce1 = operation('atomicIncAndTest', () =>
  live.atomicIncAndTest(operandA),
)
export const atomicIncNotZero: Announce1 = operation('atomicIncNotZero', () =>
  live.atomicIncNotZero(operandA),
)
export const readOnce: Announce1 = operation('readOnce', () => live.readOnce(operandA))
export const flushTlbMmRange: (mm: number, start: number, end: number, freedTables: number) => Op =
  operation('flushTlbMmRange', () => live.flushTlbMmRange(operandA, operandB, operandC, operandD))

export const userAccess: (mm: number, addr: number, write: number) => Op = operation(
  'userAccess',
  () => live.userAccess(operandA, operandB, operandC),
)

/** need_resched(): the words of its CPU that it changes are kept track of. */
export function needResched(): boolean {
  if (NEED_RESCHED_EVERY === 0 && NEED_RESCHED_MEAN === 0) return false
  const cpu = cpuSelf()
  noteOwnChange(cpu + CPU_RESCHED_COUNT)
  noteOwnChange(cpu + CPU_RESCHED_STATE)
  return reschedDue(cpu)
}

/** cond_resched(): whoever drives the form can stop anywhere. */
export function condResched(): void {}

/** The names of all operations, by Op. */
export function operationNames(): string[] {
  return OPERATIONS.map(({ name }) => name)
}

/** Performs the operation that was announced last, with the operands that are still there; returns its result. */
export function perform(op: Op): number {
  return Number((OPERATIONS[op as unknown as number] as Operation).perform() ?? 0)
}

/** Performs an operation that was announced earlier, of one or two operands; returns its result. */
export function performWith(op: Op, a: number, b: number): number {
  operandA = a
  operandB = b
  return Number((OPERATIONS[op as unknown as number] as Operation).perform() ?? 0)
}
