/**
 * What a rule, or a model of hardware, is told of an execution while it runs.
 *
 * A watcher throws RuleError where its rule is broken. Invariant: all that it keeps of an execution is in `state`, a value
 * that is replaced and never changed, for executions go back to an earlier one.
 */

import { assert } from '../../lib/assert.ts'
import { FLUSH_TLB_MM_RANGE } from '../../sync/check-ops.ts'
import type { Listeners } from '../../sync/check-watch.ts'
import type { Trace } from './trace.ts'

export interface Watcher {
  /** What it keeps of an execution; absent: nothing. */
  state?: unknown
  /** A CPU has taken a lock, or gives it back. */
  locked?(cpu: number, lock: number, lockClass: number): void
  unlocked?(cpu: number, lock: number, lockClass: number): void
  /** An atomic has added to a word that had the value `before`. */
  added?(cpu: number, address: number, before: number, n: number): void
  /** An atomic has cleared a bit that was set, in a word that had the value `before`. */
  cleared?(cpu: number, address: number, before: number, mask: number): void
  /** A plain store to a word from the zone on is about to happen. */
  store?(cpu: number, address: number, old: number, value: number): void
  /** A page (of a large folio, its head) is given to a per-CPU list or to the buddy allocator. */
  freed?(cpu: number, page: number, trace: Trace): void
  /** The TLBs of an mm's CPUs have lost [start, end). */
  flushed?(cpu: number, mm: number, start: number, end: number, trace: Trace): void
  /** The execution has completed; what is wrong with it, or undefined. */
  completed?(): { rule: string; message: string } | undefined
}

/** Operations that touch a machine's hardware, and not one word: TLB flushes and user accesses. */
export interface Hardware extends Watcher {
  /** flush_tlb_mm_range; notes what it is ordered by in the trace. */
  flush(trace: Trace, cpu: number, mm: number, start: number, end: number): void
  /** An access in user mode; 0: it faults. */
  access(trace: Trace, cpu: number, mm: number, addr: number, write: number): number
  /** Joined to the hash of what an execution leaves in memory. */
  hash(): number
}

/** Tells all watchers, each of what it listens to. */
export function listenersOf(
  watchers: readonly Watcher[],
  hardware: Hardware | undefined,
  trace: Trace,
): Listeners {
  const told = toldOf(watchers)
  return {
    locked: (cpu, lock, lockClass) => {
      for (const tell of told.locked) tell(cpu, lock, lockClass)
    },
    unlocked: (cpu, lock, lockClass) => {
      for (const tell of told.unlocked) tell(cpu, lock, lockClass)
    },
    added: (cpu, address, before, n) => {
      for (const tell of told.added) tell(cpu, address, before, n)
    },
    cleared: (cpu, address, before, mask) => {
      for (const tell of told.cleared) tell(cpu, address, before, mask)
    },
    hardware: (cpu, op, a, b, c) => {
      if (op !== FLUSH_TLB_MM_RANGE) {
        assert(hardware !== undefined, 'a user access needs a TLB')
        return hardware.access(trace, cpu, a, b, c)
      }
      hardware?.flush(trace, cpu, a, b, c)
      for (const tell of told.flushed) tell(cpu, a, b, c, trace)
      return 0
    },
  }
}

/** The callbacks of all watchers, by kind, so that nobody is asked who does not listen. */
interface Told {
  readonly locked: NonNullable<Watcher['locked']>[]
  readonly unlocked: NonNullable<Watcher['unlocked']>[]
  readonly added: NonNullable<Watcher['added']>[]
  readonly cleared: NonNullable<Watcher['cleared']>[]
  readonly flushed: NonNullable<Watcher['flushed']>[]
}

function toldOf(watchers: readonly Watcher[]): Told {
  const told: Told = { locked: [], unlocked: [], added: [], cleared: [], flushed: [] }
  for (const each of watchers) {
    if (each.locked !== undefined) told.locked.push(each.locked.bind(each))
    if (each.unlocked !== undefined) told.unlocked.push(each.unlocked.bind(each))
    if (each.added !== undefined) told.added.push(each.added.bind(each))
    if (each.cleared !== undefined) told.cleared.push(each.cleared.bind(each))
    if (each.flushed !== undefined) told.flushed.push(each.flushed.bind(each))
  }
  return told
}
