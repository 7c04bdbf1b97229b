/**
 * Rules of the locks: who unlocks holds the lock, classes of locks are taken in one order, and the lists of lruvecs, split
 * queues and the zone change only under theirs.
 *
 * The order of classes is learnt over all executions of a check, as lockdep learns it: two ways round are an error even
 * if no execution has come to a deadlock. Two locks of one class may be held (the page tables of parent and child).
 */

import { LOCK_CLASS_KEYS } from '../../../machine/counters.ts'
import {
  LRUVEC_BASE,
  NR_LRUVECS,
  NR_MEMCGS,
  SPLIT_QUEUE_BASE,
  ZONE,
} from '../../../machine/globals.ts'
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
} from '../../../machine/layout.ts'
import { nameOfWord } from '../names.ts'
import { breakRule } from '../rule-error.ts'
import type { Watcher } from '../watcher.ts'

/** A lock that a CPU holds, and those that CPUs had taken before it. */
interface Held {
  readonly cpu: number
  readonly lock: number
  readonly lockClass: number
  readonly before: Held | undefined
}

/** No lock is held: no CPU's. */
const NONE_HELD: Held = { cpu: -1, lock: 0, lockClass: 0, before: undefined }

export class LockRules implements Watcher {
  state: Held = NONE_HELD
  /** By class: those that were taken while it was held. */
  readonly #behind: number[] = LOCK_CLASS_KEYS.map(() => 0)
  /** Those of them that are taken in one order everywhere, as far as is known. */
  readonly #inOrder: number[] = LOCK_CLASS_KEYS.map(() => 0)

  locked(cpu: number, lock: number, lockClass: number): void {
    for (let each: Held | undefined = this.state; each !== undefined; each = each.before)
      if (each.cpu === cpu) this.#checkOrder(cpu, each.lockClass, lock, lockClass)
    this.state = { cpu, lock, lockClass, before: this.state }
  }

  #checkOrder(cpu: number, before: number, lock: number, lockClass: number): void {
    const bit = 1 << lockClass
    if (before === lockClass || ((this.#inOrder[before] as number) & bit) !== 0) return
    this.#learn(before, lockClass)
    if (!this.#comesBehind(lockClass, before))
      this.#inOrder[before] = (this.#inOrder[before] as number) | bit
    else
      breakRule(
        'lock-order',
        `CPU ${cpu} takes ${nameOfWord(lock)} with a lock of class ${nameOf(before)} held, and the classes ${nameOf(before)} and ${nameOf(lockClass)} are taken the other way round elsewhere`,
      )
  }

  #learn(before: number, lockClass: number): void {
    const behind = this.#behind[before] as number
    if ((behind & (1 << lockClass)) !== 0) return
    this.#behind[before] = behind | (1 << lockClass)
    this.#inOrder.fill(0)
  }

  /** Is `later` taken, directly or not, while `first` is held? */
  #comesBehind(first: number, later: number): boolean {
    let reached = this.#behind[first] as number
    for (let before = 0; before !== reached; ) {
      before = reached
      for (let i = 0; i < this.#behind.length; i++)
        if ((reached & (1 << i)) !== 0) reached |= this.#behind[i] as number
    }
    return (reached & (1 << later)) !== 0
  }

  unlocked(cpu: number, lock: number): void {
    if (holds(this.state, cpu, lock)) this.state = without(this.state, cpu, lock)
    else
      breakRule('lock-not-held', `CPU ${cpu} unlocks ${nameOfWord(lock)}, which it does not hold`)
  }

  store(cpu: number, address: number): void {
    const lock = lockOf(address)
    if (lock === 0 || holds(this.state, cpu, lock)) return
    breakRule(
      'lock-not-held',
      `CPU ${cpu} changes ${nameOfWord(address)} without ${nameOfWord(lock)}`,
    )
  }
}

/** Does the CPU hold this lock? */
function holds(held: Held, cpu: number, lock: number): boolean {
  for (let each: Held | undefined = held; each !== undefined; each = each.before)
    if (each.lock === lock && each.cpu === cpu) return true
  return false
}

/** What is held when the CPU has given the lock back. */
function without(held: Held, cpu: number, lock: number): Held {
  const { before = NONE_HELD } = held
  if (held.lock === lock && held.cpu === cpu) return before
  return { ...held, before: without(before, cpu, lock) }
}

function nameOf(lockClass: number): string {
  return LOCK_CLASS_KEYS[lockClass] ?? `${lockClass}`
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
