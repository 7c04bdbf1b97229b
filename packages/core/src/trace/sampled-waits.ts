/**
 * Which CPUs wait for a lock at this moment, read from the words of locks and queues while others change them.
 *
 * qspinlock: a CPU in the slow path has an MCS node in use. The lock's word names the last node of its queue, and each
 * node the next one, so whoever leads to that last node waits for that lock. ticket: the word tells how many wait, not who.
 * ttas: the word tells neither. Of locks without a table (the ptl lie in struct pages) and of queues that changed while
 * they were followed, the class stays unknown. Nothing is written.
 */

import {
  LRUVEC_CLASS,
  PCP_CLASS,
  SPLIT_QUEUE_CLASS,
  SWAP_CLUSTER_CLASS,
  ZONE_CLASS,
} from '../machine/counters.ts'
import {
  CPU_MCS_NESTING,
  CPU_MCS_NODES,
  LINE_WORDS,
  LRUVEC_WORDS,
  MCS_NESTING_MAX,
  MCS_NEXT,
  PCP_LOCK,
  SPLIT_QUEUE_WORDS,
  SWAPFILE_CLUSTER,
} from '../machine/layout.ts'
import type { Machine } from '../machine/machine.ts'
import { cpuBlocks } from '../metrics/collect.ts'
import { loadWord } from '../sync/load-word.ts'

/** A CPU waits for no lock. */
export const NO_WAIT = -2
/** It waits for a lock whose class is not known. */
export const WAIT_UNKNOWN = -1

const LOCK_TTAS = 0
const LOCK_TICKET = 1
/** Locks that are looked at for one sample; swap clusters beyond that are not. */
const LOCKS_MAX = 8192

interface LockWord {
  readonly address: number
  readonly lockClass: number
}

export class WaitReader {
  /** By CPU: the class that it waits for. */
  readonly cpus: Int32Array
  /** By lock class: CPUs that wait. */
  readonly waiters: Int32Array
  /** CPUs that wait for a lock of unknown class. */
  unknown = 0
  readonly #words: Int32Array
  readonly #kind: number
  readonly #blocks: readonly number[]
  readonly #locks: readonly LockWord[]

  constructor(machine: Machine, lockClasses: number) {
    this.cpus = new Int32Array(machine.globals.NR_CPUS).fill(NO_WAIT)
    this.waiters = new Int32Array(lockClasses)
    this.#words = machine.words
    this.#kind = machine.globals.LOCK_KIND
    this.#blocks = cpuBlocks(machine)
    this.#locks = lockWords(machine)
  }

  read(): void {
    if (this.#kind === LOCK_TTAS) return
    this.cpus.fill(NO_WAIT)
    this.waiters.fill(0)
    this.unknown = 0
    if (this.#kind === LOCK_TICKET) this.#readTickets()
    else this.#readQueues()
  }

  #word(address: number): number {
    return loadWord(this.#words, address)
  }

  #readTickets(): void {
    for (const { address, lockClass } of this.#locks) {
      const word = this.#word(address)
      const ahead = ((word >>> 16) - (word & 0xffff)) & 0xffff
      // the first of them holds the lock
      if (ahead > 1) this.waiters[lockClass] = (this.waiters[lockClass] as number) + ahead - 1
    }
  }

  #readQueues(): void {
    const nodes = this.#blocks.map((block) => this.#nodeInUse(block))
    if (nodes.every((node) => node === 0)) return
    const tails = this.#tails()
    nodes.forEach((node, cpu) => {
      if (node === 0) return
      const lockClass = this.#classOf(node, tails)
      this.cpus[cpu] = lockClass
      if (lockClass === WAIT_UNKNOWN) this.unknown++
      else this.waiters[lockClass] = (this.waiters[lockClass] as number) + 1
    })
  }

  /** The MCS node that a CPU waits at; 0: it does not wait. */
  #nodeInUse(block: number): number {
    const nesting = this.#word(block + CPU_MCS_NESTING)
    if (nesting < 1 || nesting > MCS_NESTING_MAX) return 0
    return block + CPU_MCS_NODES + (nesting - 1) * LINE_WORDS
  }

  /** The class of each lock that has a queue, by the last node of the queue. */
  #tails(): Map<number, number> {
    const tails = new Map<number, number>()
    for (const { address, lockClass } of this.#locks) {
      const tail = this.#word(address) >>> 16
      if (tail === 0) continue
      const block = this.#blocks[(tail >> 2) - 1]
      if (block !== undefined) tails.set(block + CPU_MCS_NODES + (tail & 3) * LINE_WORDS, lockClass)
    }
    return tails
  }

  #classOf(first: number, tails: ReadonlyMap<number, number>): number {
    let node = first
    for (let steps = 0; steps < this.#blocks.length && node !== 0; steps++) {
      const lockClass = tails.get(node)
      if (lockClass !== undefined) return lockClass
      node = this.#word(node + MCS_NEXT)
    }
    return WAIT_UNKNOWN
  }
}

/** The locks that lie in tables. */
function lockWords({ globals }: Machine): LockWord[] {
  const table = (lockClass: number, base: number, stride: number, count: number): LockWord[] =>
    Array.from({ length: count }, (_, i) => ({ address: base + i * stride, lockClass }))
  const clusters = Math.ceil(globals.NR_SWAP_SLOTS / SWAPFILE_CLUSTER)
  return [
    { address: globals.ZONE, lockClass: ZONE_CLASS },
    ...table(LRUVEC_CLASS, globals.LRUVEC_BASE, LRUVEC_WORDS, globals.NR_LRUVECS),
    ...table(PCP_CLASS, globals.CPU_BASE + PCP_LOCK, globals.CPU_STRIDE, globals.NR_CPUS),
    ...table(SPLIT_QUEUE_CLASS, globals.SPLIT_QUEUE_BASE, SPLIT_QUEUE_WORDS, globals.NR_MEMCGS + 1),
    ...table(SWAP_CLUSTER_CLASS, globals.SWAP_CLUSTER_LOCKS, LINE_WORDS, clusters),
  ].slice(0, LOCKS_MAX)
}
