/**
 * The primitives by which CPUs synchronise, as the checker runs them: each is announced before it is performed.
 *
 * A check decides when that is (check-step.ts). Without one a primitive is performed at once. Check text
 * (docs/wasm.md). Invariant: what a primitive does is said once, in sync/live.ts.
 */

import { NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { CPU_RESCHED_COUNT, CPU_RESCHED_STATE } from '../machine/layout.ts'
import { mem } from '../machine/memory.ts'
import { performAtOnce } from './check-at-once.ts'
import { failCheckBug } from './check-fail.ts'
import { endRepeat, isWhereItStopped, keepTold, toldBefore } from './check-log.ts'
import {
  ATOMIC_ADD,
  ATOMIC_ADD_NEGATIVE,
  ATOMIC_ADD_RETURN_RELAXED,
  ATOMIC_DEC_AND_TEST,
  ATOMIC_FETCH_ADD_RELAXED,
  ATOMIC_INC_AND_TEST,
  ATOMIC_INC_NOT_ZERO,
  ATOMIC_SUB,
  ATOMIC_SUB_AND_TEST,
  ATOMIC_SUB_RETURN_RELAXED,
  CLEAR_BIT,
  FLUSH_TLB_MM_RANGE,
  READ_ONCE,
  SET_BIT,
  SPIN_LOCK,
  SPIN_TRYLOCK,
  SPIN_UNLOCK,
  TEST_AND_CLEAR_BIT,
  TEST_AND_SET_BIT,
  USER_ACCESS,
} from './check-ops.ts'
import { checkState, MODE, REPEATING, UNTRACKED } from './check-state.ts'
import { announced, resumed } from './check-step.ts'
import { noteChange } from './check-undo.ts'
import { cpuSelf } from './live-cpu.ts'
import { reschedDue } from './resched.ts'

function announce(op: number, a: number, b: number, c: number): number {
  if (checkState[MODE] === UNTRACKED) return performAtOnce(op, a, b, c)
  if (checkState[MODE] !== REPEATING) return keepTold(announced(op, a, b, c))
  if (!isWhereItStopped()) return toldBefore()
  endRepeat()
  return keepTold(resumed())
}

export function atomicAdd(i: number, v: number): void {
  announce(ATOMIC_ADD, i, v, 0)
}

export function atomicSub(i: number, v: number): void {
  announce(ATOMIC_SUB, i, v, 0)
}

export function atomicAddNegative(i: number, v: number): boolean {
  return announce(ATOMIC_ADD_NEGATIVE, i, v, 0) !== 0
}

export function atomicSubAndTest(i: number, v: number): boolean {
  return announce(ATOMIC_SUB_AND_TEST, i, v, 0) !== 0
}

export function atomicSubReturnRelaxed(i: number, v: number): number {
  return announce(ATOMIC_SUB_RETURN_RELAXED, i, v, 0)
}

export function atomicAddReturnRelaxed(i: number, v: number): number {
  return announce(ATOMIC_ADD_RETURN_RELAXED, i, v, 0)
}

export function atomicFetchAddRelaxed(i: number, v: number): number {
  return announce(ATOMIC_FETCH_ADD_RELAXED, i, v, 0)
}

export function testAndSetBit(mask: number, v: number): boolean {
  return announce(TEST_AND_SET_BIT, mask, v, 0) !== 0
}

export function testAndClearBit(mask: number, v: number): boolean {
  return announce(TEST_AND_CLEAR_BIT, mask, v, 0) !== 0
}

export function setBit(mask: number, v: number): void {
  announce(SET_BIT, mask, v, 0)
}

export function clearBit(mask: number, v: number): void {
  announce(CLEAR_BIT, mask, v, 0)
}

export function spinLock(lock: number, lockClass: number): void {
  announce(SPIN_LOCK, lock, lockClass, 0)
}

export function spinTrylock(lock: number, lockClass: number): boolean {
  return announce(SPIN_TRYLOCK, lock, lockClass, 0) !== 0
}

export function spinUnlock(lock: number, lockClass: number): void {
  announce(SPIN_UNLOCK, lock, lockClass, 0)
}

export function atomicDecAndTest(v: number): boolean {
  return announce(ATOMIC_DEC_AND_TEST, v, 0, 0) !== 0
}

export function atomicIncAndTest(v: number): boolean {
  return announce(ATOMIC_INC_AND_TEST, v, 0, 0) !== 0
}

export function atomicIncNotZero(v: number): boolean {
  return announce(ATOMIC_INC_NOT_ZERO, v, 0, 0) !== 0
}

export function readOnce(v: number): number {
  return announce(READ_ONCE, v, 0, 0)
}

export function flushTlbMmRange(mm: number, start: number, end: number, _freed: number): void {
  announce(FLUSH_TLB_MM_RANGE, mm, start, end)
}

export function userAccess(mm: number, addr: number, write: number): boolean {
  return announce(USER_ACCESS, mm, addr, write) !== 0
}

/** need_resched(): the words of its CPU that it changes are kept track of. */
export function needResched(): boolean {
  if (NEED_RESCHED_EVERY === 0 && NEED_RESCHED_MEAN === 0) return false
  if (checkState[MODE] === UNTRACKED) return reschedDue(cpuSelf())
  if (checkState[MODE] === REPEATING) return toldBefore() !== 0
  const cpu = cpuSelf()
  const count = mem[cpu + CPU_RESCHED_COUNT] as number
  const state = mem[cpu + CPU_RESCHED_STATE] as number
  const isDue = reschedDue(cpu)
  noteChange(cpu + CPU_RESCHED_COUNT, count)
  noteChange(cpu + CPU_RESCHED_STATE, state)
  return keepTold(isDue ? 1 : 0) !== 0
}

/** cond_resched(): a CPU can be stopped anywhere. */
export function condResched(): void {}

/** No time passes. */
export function delayNs(_ns: number): void {}

export function doWork(_work: number, _n: number): void {}

export function postAllocHook(_page: number, _order: number): void {}

/** VM_BUG_ON */
export function bugOn(condition: boolean, code: number): void {
  if (condition) failCheckBug(code)
}
