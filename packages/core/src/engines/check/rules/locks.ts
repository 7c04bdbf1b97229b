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
  NR_CPUS,
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
import { RuleError } from '../rule-error.ts'
import type { Watcher } from '../watcher.ts'

interface Held {
  readonly lock: number
  readonly lockClass: number
}

export class LockRules implements Watcher {
  readonly #held: Held[][] = Array.from({ length: NR_CPUS }, () => [])
  /** By class: those that were taken while it was held. */
  readonly #behind: number[] = LOCK_CLASS_KEYS.map(() => 0)

  begin(): void {
    for (const each of this.#held) each.length = 0
  }

  /** Does the CPU hold this lock? */
  holds(cpu: number, lock: number): boolean {
    return (this.#held[cpu] as Held[]).some((each) => each.lock === lock)
  }

  locked(cpu: number, lock: number, lockClass: number): void {
    const held = this.#held[cpu] as Held[]
    for (const { lockClass: before } of held) {
      if (before === lockClass) continue
      this.#behind[before] = (this.#behind[before] as number) | (1 << lockClass)
      if (this.#comesBehind(lockClass, before)) {
        throw new RuleError(
          'lock-order',
          `CPU ${cpu} takes ${nameOfWord(lock)} with a lock of class ${nameOf(before)} held, and the classes ${nameOf(before)} and ${nameOf(lockClass)} are taken the other way round elsewhere`,
        )
      }
    }
    held.push({ lock, lockClass })
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
    const held = this.#held[cpu] as Held[]
    const at = held.findLastIndex((each) => each.lock === lock)
    if (at < 0)
      throw new RuleError(
        'lock-not-held',
        `CPU ${cpu} unlocks ${nameOfWord(lock)}, which it does not hold`,
      )
    held.splice(at, 1)
  }

  store(cpu: number, address: number): void {
    const lock = lockOf(address)
    if (lock === 0 || this.holds(cpu, lock)) return
    throw new RuleError(
      'lock-not-held',
      `CPU ${cpu} changes ${nameOfWord(address)} without ${nameOfWord(lock)}`,
    )
  }
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
