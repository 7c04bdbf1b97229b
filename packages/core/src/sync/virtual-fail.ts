/**
 * What ends a run in virtual time: broken assertions, of the kernel text and of the engine. Compiled text calls these
 * where they are, in JavaScript.
 */

import { assert } from '../lib/assert.ts'
import { bindLiveCpu, reportBug } from './live-cpu.ts'

/** A BUG_* code of the CPU whose block is at `block`. Throws KernelBugError. */
export function failBug(block: number, code: number): void {
  bindLiveCpu({ cpu: block })
  reportBug(code)
}

/** Throws AssertionError. */
export function failForeign(address: number, owner: number, cpu: number): void {
  assert(false, 'an atomic operation on a line private to another CPU', {
    address,
    privateTo: owner,
    cpu,
  })
}

/** Throws AssertionError. */
export function failRelease(lock: number, holder: number, cpu: number): void {
  assert(false, 'a lock is released by a CPU that does not hold it', { lock, holder, cpu })
}

/** Throws AssertionError. */
export function failLocks(lock: number): void {
  assert(false, 'more locks than cache lines', { lock })
}
