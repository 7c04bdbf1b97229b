/**
 * What a rule, or a model of hardware, is told of an execution while it runs.
 *
 * A watcher keeps its own state and clears it at `begin`; it throws RuleError where its rule is broken.
 */

import type { Execution } from './execution.ts'

export interface Watcher {
  /** An execution begins. */
  begin?(): void
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
  freed?(cpu: number, page: number): void
  /** The TLBs of an mm's CPUs have lost [start, end). */
  flushed?(cpu: number, mm: number, start: number, end: number): void
  /** The execution has completed; what is wrong with it, or undefined. */
  completed?(): { rule: string; message: string } | undefined
}

/** Operations that touch a machine's hardware, and not one word: TLB flushes and user accesses. */
export interface Hardware extends Watcher {
  /** flush_tlb_mm_range; notes what it is ordered by in the trace. */
  flush(execution: Execution, cpu: number, mm: number, start: number, end: number): void
  /** An access in user mode; 0: it faults. */
  access(execution: Execution, cpu: number, mm: number, addr: number, write: number): number
  /** Joined to the hash of what an execution leaves in memory. */
  hash(): number
}
