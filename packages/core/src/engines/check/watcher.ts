/**
 * What JavaScript keeps of an execution: models of hardware, and which rules are heeded.
 *
 * Invariant: all that is kept of an execution is in `state`, a value that is replaced and never changed, for executions go back to
 * an earlier one; who replaces it says so (`statesChange`), if it is not asked by an operation.
 */

import { FLUSH_TLB_MM_RANGE } from '../../sync/check-ops.ts'
import type { Machinery } from '../../sync/check-watch.ts'

export interface Watcher {
  state: unknown
}

/** Operations that touch a machine's hardware, and not one word: TLB flushes and user accesses. */
export interface Hardware extends Watcher {
  /** flush_tlb_mm_range; notes what it is ordered by in the trace. */
  flush(cpu: number, mm: number, start: number, end: number): void
  /** An access in user mode; 0: it faults. */
  access(cpu: number, mm: number, addr: number, write: number): number
  /** An atomic has cleared a bit that was set, in a word that had the value `before`. */
  cleared(cpu: number, address: number, before: number, mask: number): void
  /** Joined to the hash of what an execution leaves in memory. */
  hash(): number
}

/** The hardware as the check text calls it. */
export function machineryOf(hardware: Hardware): Machinery {
  return {
    cleared: (cpu, address, before, mask) => hardware.cleared(cpu, address, before, mask),
    perform: (cpu, op, a, b, c) => {
      if (op !== FLUSH_TLB_MM_RANGE) return hardware.access(cpu, a, b, c)
      hardware.flush(cpu, a, b, c)
      return 0
    },
  }
}
