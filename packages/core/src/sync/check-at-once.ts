/**
 * Operations that nobody keeps track of: performed at once, as by a CPU thread. Compiled text, which a check runs, never is there.
 */

import {
  FLUSH_TLB_MM_RANGE,
  type Op,
  performAtomicOp,
  READ_ONCE,
  SPIN_LOCK,
  SPIN_TRYLOCK,
  SPIN_UNLOCK,
  USER_ACCESS,
} from './check-ops.ts'
import { flushTlbMmRange, readOnce, spinLock, spinTrylock, spinUnlock, userAccess } from './live.ts'

/** Performs an operation; returns its result (1 for true, 0 for false and for nothing). */
export function performAtOnce(op: Op, a: number, b: number, c: number): number {
  if (op === SPIN_LOCK) spinLock(a, b)
  else if (op === SPIN_UNLOCK) spinUnlock(a, b)
  else if (op === FLUSH_TLB_MM_RANGE) flushTlbMmRange(a, b, c, 0)
  else if (op === SPIN_TRYLOCK) return Number(spinTrylock(a, b))
  else if (op === USER_ACCESS) return Number(userAccess(a, b, c))
  else return op === READ_ONCE ? readOnce(a) : performAtomicOp(op, a, b)
  return 0
}
