/**
 * need_resched(), where a scenario asks for it: at every n-th question, or at intervals drawn from the seed.
 *
 * Each CPU counts its own questions, and draws from numbers of its own (xorshift32, seeded by populate), so that the
 * answers depend on nothing but the seed. This file keeps to the rules of the kernel text, for it is compiled with it.
 */

import { NEED_RESCHED_EVERY, NEED_RESCHED_MEAN } from '../machine/globals.ts'
import { CPU_RESCHED_COUNT, CPU_RESCHED_STATE } from '../machine/layout.ts'
import { load, store } from '../machine/memory.ts'

/** Is it this question's turn? */
export function reschedDue(cpu: number): boolean {
  const asked = load(cpu + CPU_RESCHED_COUNT) + 1
  const due = asked >= reschedInterval(cpu)
  store(cpu + CPU_RESCHED_COUNT, due ? 0 : asked)
  if (due) store(cpu + CPU_RESCHED_STATE, nextRandom(load(cpu + CPU_RESCHED_STATE)))
  return due
}

/** Questions up to the next one that is answered by yes: drawn uniformly from 1 to 2 * mean - 1, or fixed. */
function reschedInterval(cpu: number): number {
  if (NEED_RESCHED_MEAN === 0) return NEED_RESCHED_EVERY
  return 1 + ((load(cpu + CPU_RESCHED_STATE) & 0x7fffffff) % (NEED_RESCHED_MEAN * 2 - 1))
}

/** xorshift32; never 0 for a state that is not 0. */
function nextRandom(state: number): number {
  let x = state ^ (state << 13)
  x = x ^ ((x >> 17) & 0x7fff)
  return x ^ (x << 5)
}
