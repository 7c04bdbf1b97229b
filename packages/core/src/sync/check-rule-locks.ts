/**
 * Rules of the locks: who unlocks holds the lock, classes of locks are taken in one order, and the lists of lruvecs, split
 * queues and the zone change only under theirs (`lock-order`, `lock-not-held`).
 *
 * The order of classes is learnt over all executions of a check, as lockdep learns it: two ways round are an error even
 * if no execution has come to a deadlock. Two locks of one class may be held (the page tables of parent and child).
 * Check text (docs/wasm.md). Invariant: the locks that are held stand in the order in which they were taken.
 */

import { LRUVEC_BASE, NR_LRUVECS, NR_MEMCGS, SPLIT_QUEUE_BASE, ZONE } from '../machine/globals.ts'
import {
  LRUVEC_LISTS,
  LRUVEC_LOCK,
  LRUVEC_WORDS,
  SPLIT_QUEUE_LIST,
  SPLIT_QUEUE_LOCK,
  SPLIT_QUEUE_WORDS,
  ZONE_FREE_PAGES,
  ZONE_LOCK,
  ZONE_WORDS,
} from '../machine/layout.ts'
import type { ArraySource } from './array-source.ts'
import { breakChangeWithoutLock, breakLockOrder, breakUnlockNotHeld } from './check-break.ts'
import { endOfShadow } from './check-fail.ts'
import { HELD, NR_HELD, ruleWord, setRuleWord } from './check-rule-words.ts'
import { setShadow, shadow } from './check-shadow.ts'
import { checkState, RULES_AT } from './check-state.ts'

/** Columns of a lock that is held. */
const HELD_COLUMNS = 4
const HELD_CPU = 0
const HELD_LOCK = 1
const HELD_CLASS = 2
/** All CPUs together hold so many locks at most. */
const HELD_MAX = 64
/** The rules' words up to here are single ones and held locks. */
export const HELD_END: number = HELD + HELD_MAX * HELD_COLUMNS

/** By class: those that were taken while it was held, and those of them that are taken in one order everywhere, by bit. */
let classesBehind: Int32Array = new Int32Array(0)
let classesInOrder: Int32Array = new Int32Array(0)
/** Classes. */
const CLASSES_MAX = 32

export function bindLockRules(arrays: ArraySource): void {
  classesBehind = arrays.int32('classesBehind', CLASSES_MAX)
  classesInOrder = arrays.int32('classesInOrder', CLASSES_MAX)
}

function heldAt(i: number): number {
  return (checkState[RULES_AT] as number) + HELD + i * HELD_COLUMNS
}

export function locksLocked(cpu: number, lock: number, lockClass: number): void {
  const n = ruleWord(NR_HELD)
  if (n === HELD_MAX) endOfShadow()
  for (let i = n - 1; i >= 0; i--) {
    const at = heldAt(i)
    if (shadow[at + HELD_CPU] === cpu)
      checkOrder(cpu, shadow[at + HELD_CLASS] as number, lock, lockClass)
  }
  const at = heldAt(n)
  setShadow(at + HELD_CPU, cpu)
  setShadow(at + HELD_LOCK, lock)
  setShadow(at + HELD_CLASS, lockClass)
  setRuleWord(NR_HELD, n + 1)
}

function checkOrder(cpu: number, before: number, lock: number, lockClass: number): void {
  const bit = 1 << lockClass
  if (before === lockClass || ((classesInOrder[before] as number) & bit) !== 0) return
  learnOrder(before, lockClass)
  if (comesBehind(lockClass, before)) breakLockOrder(cpu, before, lock, lockClass)
  else classesInOrder[before] = (classesInOrder[before] as number) | bit
}

function learnOrder(before: number, lockClass: number): void {
  const behind = classesBehind[before] as number
  if ((behind & (1 << lockClass)) !== 0) return
  classesBehind[before] = behind | (1 << lockClass)
  for (let i = 0; i < CLASSES_MAX; i++) classesInOrder[i] = 0
}

/** Is `later` taken, directly or not, while `first` is held? */
function comesBehind(first: number, later: number): boolean {
  let reached = classesBehind[first] as number
  let before = 0
  while (before !== reached) {
    before = reached
    for (let i = 0; i < CLASSES_MAX; i++)
      if ((reached & (1 << i)) !== 0) reached = reached | (classesBehind[i] as number)
  }
  return (reached & (1 << later)) !== 0
}

/** The place of the lock among those that are held, the last one first; -1: the CPU does not hold it. */
function findHeld(cpu: number, lock: number): number {
  for (let i = ruleWord(NR_HELD) - 1; i >= 0; i--) {
    const at = heldAt(i)
    if (shadow[at + HELD_LOCK] === lock && shadow[at + HELD_CPU] === cpu) return i
  }
  return -1
}

export function locksUnlocked(cpu: number, lock: number): void {
  const found = findHeld(cpu, lock)
  if (found < 0) {
    breakUnlockNotHeld(cpu, lock)
    return
  }
  const last = ruleWord(NR_HELD) - 1
  for (let i = found; i < last; i++) {
    const to = heldAt(i)
    const from = heldAt(i + 1)
    setShadow(to + HELD_CPU, shadow[from + HELD_CPU] as number)
    setShadow(to + HELD_LOCK, shadow[from + HELD_LOCK] as number)
    setShadow(to + HELD_CLASS, shadow[from + HELD_CLASS] as number)
  }
  setRuleWord(NR_HELD, last)
}

export function locksStore(cpu: number, address: number): void {
  const lock = lockOf(address)
  if (lock !== 0 && findHeld(cpu, lock) < 0) breakChangeWithoutLock(cpu, address, lock)
}

/** The n-th lock that the CPU holds, of a class; 0: there is none. */
export function heldOf(cpu: number, lockClass: number, n: number): number {
  let left = n
  for (let i = 0; i < ruleWord(NR_HELD); i++) {
    const at = heldAt(i)
    if (shadow[at + HELD_CPU] !== cpu || shadow[at + HELD_CLASS] !== lockClass) continue
    if (left === 0) return shadow[at + HELD_LOCK] as number
    left--
  }
  return 0
}

/** The lock that a word's changes need; 0: none. */
function lockOf(address: number): number {
  if (address < ZONE + ZONE_WORDS) return address >= ZONE + ZONE_FREE_PAGES ? ZONE + ZONE_LOCK : 0
  if (address >= LRUVEC_BASE && address < LRUVEC_BASE + NR_LRUVECS * LRUVEC_WORDS) {
    const word = (address - LRUVEC_BASE) % LRUVEC_WORDS
    return word >= LRUVEC_LISTS ? address - word + LRUVEC_LOCK : 0
  }
  const queues = SPLIT_QUEUE_BASE + (NR_MEMCGS + 1) * SPLIT_QUEUE_WORDS
  if (address >= SPLIT_QUEUE_BASE && address < queues) {
    const word = (address - SPLIT_QUEUE_BASE) % SPLIT_QUEUE_WORDS
    return word >= SPLIT_QUEUE_LIST ? address - word + SPLIT_QUEUE_LOCK : 0
  }
  return 0
}
