/**
 * The primitives by which CPUs synchronise, as the checker runs them: each is announced before it is performed.
 *
 * Whoever drives a check binds an `Announcing`. It is told what a CPU is about to do, and then either performs it or stops
 * the CPU: it throws, and the CPU leaves its text (see check-log.ts for how it goes on). Without a driver a primitive is
 * performed at once. What a primitive does is said once, in sync/live.ts.
 */

import { NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { CPU_ID, CPU_RESCHED_COUNT, CPU_RESCHED_STATE } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { endRepeat, isRepeating, isWhereItStopped, keepTold, toldBefore } from './check-log.ts'
import { noteChange } from './check-undo.ts'
import { cpuSelf, KernelBugError } from './live-cpu.ts'
import * as live from './live.ts'
import { reschedDue } from './resched.ts'

export { delayNs, doWork, postAllocHook } from './live.ts'

/** Index of an operation among `operationNames`. */
export type Op = number

/** Who decides when an announced operation is performed. */
export interface Announcing {
  /**
   * The CPU that runs is about to perform an operation: performs it and returns its result (1 for true, 0 for false and for
   * nothing), or throws to stop the CPU.
   */
  announced(op: Op, a: number, b: number, c: number): number
  /** The CPU has come to the operation at which it stopped: performs it and returns its result. */
  resumed(op: Op): number
}

let driver: Announcing | undefined

/** From here on operations are announced to `announcing`; undefined: performed at once. */
export function bindAnnouncing(announcing: Announcing | undefined): void {
  driver = announcing
}

interface Operation {
  readonly name: string
  perform(a: number, b: number, c: number): number | boolean | void
}

/** By Op. */
const OPERATIONS: Operation[] = []

function operation(name: string, perform: Operation['perform']): Op {
  return OPERATIONS.push({ name, perform }) - 1
}

function announce(op: Op, a: number, b: number, c: number): number {
  if (driver === undefined) return performWith(op, a, b, c)
  if (!isRepeating) return keepTold(driver.announced(op, a, b, c))
  if (!isWhereItStopped()) return toldBefore()
  endRepeat()
  return keepTold(driver.resumed(op))
}

type Act2 = (a: number, b: number) => void
type Ask1 = (a: number) => boolean
type Ask2 = (a: number, b: number) => boolean
type Tell2 = (a: number, b: number) => number

function act2(name: string, perform: Act2): Act2 {
  const op = operation(name, perform)
  return (a, b) => void announce(op, a, b, 0)
}

function ask1(name: string, perform: Ask1): Ask1 {
  const op = operation(name, perform)
  return (a) => announce(op, a, 0, 0) !== 0
}

function ask2(name: string, perform: Ask2): Ask2 {
  const op = operation(name, perform)
  return (a, b) => announce(op, a, b, 0) !== 0
}

function tell2(name: string, perform: Tell2): Tell2 {
  const op = operation(name, perform)
  return (a, b) => announce(op, a, b, 0)
}

export const atomicAdd: Act2 = act2('atomicAdd', live.atomicAdd)
export const atomicSub: Act2 = act2('atomicSub', live.atomicSub)
export const atomicAddNegative: Ask2 = ask2('atomicAddNegative', live.atomicAddNegative)
export const atomicSubAndTest: Ask2 = ask2('atomicSubAndTest', live.atomicSubAndTest)
export const atomicSubReturnRelaxed: Tell2 = tell2(
  'atomicSubReturnRelaxed',
  live.atomicSubReturnRelaxed,
)
export const atomicAddReturnRelaxed: Tell2 = tell2(
  'atomicAddReturnRelaxed',
  live.atomicAddReturnRelaxed,
)
export const atomicFetchAddRelaxed: Tell2 = tell2(
  'atomicFetchAddRelaxed',
  live.atomicFetchAddRelaxed,
)
export const testAndSetBit: Ask2 = ask2('testAndSetBit', live.testAndSetBit)
export const testAndClearBit: Ask2 = ask2('testAndClearBit', live.testAndClearBit)
export const setBit: Act2 = act2('setBit', live.setBit)
export const clearBit: Act2 = act2('clearBit', live.clearBit)
export const spinLock: Act2 = act2('spinLock', live.spinLock)
export const spinTrylock: Ask2 = ask2('spinTrylock', live.spinTrylock)
export const spinUnlock: Act2 = act2('spinUnlock', live.spinUnlock)
export const atomicDecAndTest: Ask1 = ask1('atomicDecAndTest', live.atomicDecAndTest)
export const atomicIncAndTest: Ask1 = ask1('atomicIncAndTest', live.atomicIncAndTest)
export const atomicIncNotZero: Ask1 = ask1('atomicIncNotZero', live.atomicIncNotZero)

const readOnceOp = operation('readOnce', live.readOnce)
export function readOnce(address: number): number {
  return announce(readOnceOp, address, 0, 0)
}

const flushTlbOp = operation('flushTlbMmRange', (mm, start, end) =>
  live.flushTlbMmRange(mm, start, end, 0),
)
export function flushTlbMmRange(mm: number, start: number, end: number, _freed: number): void {
  announce(flushTlbOp, mm, start, end)
}

const userAccessOp = operation('userAccess', (mm, addr, write) => live.userAccess(mm, addr, write))
export function userAccess(mm: number, addr: number, write: number): boolean {
  return announce(userAccessOp, mm, addr, write) !== 0
}

/** need_resched(): the words of its CPU that it changes are kept track of. */
export function needResched(): boolean {
  if (NEED_RESCHED_EVERY === 0 && NEED_RESCHED_MEAN === 0) return false
  if (driver === undefined) return reschedDue(cpuSelf())
  if (isRepeating) return toldBefore() !== 0
  const count = cpuSelf() + CPU_RESCHED_COUNT
  const state = cpuSelf() + CPU_RESCHED_STATE
  const [countBefore = 0, stateBefore = 0] = [mem[count], mem[state]]
  const isDue = reschedDue(cpuSelf())
  noteChange(count, countBefore)
  noteChange(state, stateBefore)
  return keepTold(Number(isDue)) !== 0
}

/** cond_resched(): a CPU can be stopped anywhere. */
export function condResched(): void {}

/** VM_BUG_ON: ends the execution, in which no other CPU needs to be told. */
export function bugOn(condition: boolean, code: number): void {
  if (!condition) return
  if (driver === undefined) live.bugOn(true, code)
  throw new KernelBugError(code, mem[cpuSelf() + CPU_ID] as number)
}

/** The names of all operations, by Op. */
export function operationNames(): string[] {
  return OPERATIONS.map(({ name }) => name)
}

/** Performs an operation; returns its result. */
export function performWith(op: Op, a: number, b: number, c: number): number {
  return Number((OPERATIONS[op] as Operation).perform(a, b, c) ?? 0)
}
