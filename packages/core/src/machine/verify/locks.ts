/**
 * Every lock is free: while no CPU runs, a held one would stop the next run for ever.
 *
 * What "free" is depends on the kind of lock (sync/live-spinlock.ts): the word is 0, or for a ticket lock the owner's
 * half-word equals the next ticket. (The locks of page tables are checked where the tables are: page-tables.ts.)
 */

import {
  CPU_BASE,
  CPU_STRIDE,
  LOCK_KIND,
  LRUVEC_BASE,
  NR_CPUS,
  NR_LRUVECS,
  NR_MEMCGS,
  NR_SWAP_SLOTS,
  SPLIT_QUEUE_BASE,
  SWAP_CLUSTER_LOCKS,
  ZONE,
} from '../globals.ts'
import {
  CPU_MCS_NESTING,
  LINE_WORDS,
  LRUVEC_LOCK,
  LRUVEC_WORDS,
  PCP_LOCK,
  SPLIT_QUEUE_LOCK,
  SPLIT_QUEUE_WORDS,
  SWAPFILE_CLUSTER,
  ZONE_LOCK,
} from '../layout.ts'
import { load } from '../memory.ts'
import type { Violations } from './violation.ts'

const LOCK_TICKET = 1

/** Reports a lock that is not free. */
export function checkLockFree(violations: Violations, lock: number, what: () => string): void {
  const word = load(lock)
  if (word === 0) return
  if (LOCK_KIND === LOCK_TICKET && word >>> 16 === (word & 0xffff)) return
  violations.add(
    'lock-held',
    () => `${what()}: lock word 0x${(word >>> 0).toString(16)} is not free`,
  )
}

/** The locks outside of page tables. */
export function checkLocks(violations: Violations): void {
  checkLockFree(violations, ZONE + ZONE_LOCK, () => 'zone')
  for (let i = 0; i < NR_LRUVECS; i++)
    checkLockFree(violations, LRUVEC_BASE + i * LRUVEC_WORDS + LRUVEC_LOCK, () => `lruvec ${i}`)
  for (let id = 0; id <= NR_MEMCGS; id++) {
    const lock = SPLIT_QUEUE_BASE + id * SPLIT_QUEUE_WORDS + SPLIT_QUEUE_LOCK
    checkLockFree(violations, lock, () => `deferred split queue of memcg ${id}`)
  }
  const clusters = Math.ceil(NR_SWAP_SLOTS / SWAPFILE_CLUSTER)
  for (let i = 0; i < clusters; i++)
    checkLockFree(violations, SWAP_CLUSTER_LOCKS + i * LINE_WORDS, () => `swap cluster ${i}`)
  for (let i = 0; i < NR_CPUS; i++) {
    const cpu = CPU_BASE + i * CPU_STRIDE
    checkLockFree(violations, cpu + PCP_LOCK, () => `pcp of CPU ${i}`)
    violations.equal(
      'mcs-nesting',
      load(cpu + CPU_MCS_NESTING),
      0,
      () => `CPU ${i}: depth of nested lock waits`,
    )
  }
}
