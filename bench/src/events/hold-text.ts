/**
 * The hold model as a program of a virtual CPU, in the form that derived kernel text has (docs/wasm.md): it charges a delay
 * and gives way where another CPU is earlier.
 *
 * Its state lies side by side for all CPUs, as the other simulators have theirs: from CPU_BASE on, in words that kernel text
 * has no use for while none runs. (In each CPU's own block every hold of many CPUs would touch another page of the host.)
 * Invariant: the holds are those of `nextHold`.
 */
import { CPU_BASE } from '../../../packages/core/src/machine/globals.ts'
import { mem } from '../../../packages/core/src/machine/memory.ts'
import { charge, self, slack } from '../../../packages/core/src/sync/virtual-clock.ts'
import type { Steps } from '../../../packages/core/src/sync/virtual.ts'

/** Words of each CPU, at CPU_BASE + its number x HOLD_WORDS. */
export const HOLD_WORDS = 4
/** Among them: the state of its generator of pseudo-random numbers, holds to come, holds that ended. */
export const HOLD_STATE = 0
export const HOLD_LEFT = 1
export const HOLD_ENDED = 2
const HOLD_MAX = 1000

export function* hold(_cpu: number): Steps<void> {
  const words = CPU_BASE + self * HOLD_WORDS
  const holds = mem[words + HOLD_LEFT] as number
  for (let i = 0; i < holds; i++) {
    charge(drawHold(words))
    if (slack < 0) yield 0
    mem[words + HOLD_ENDED] = (mem[words + HOLD_ENDED] as number) + 1
  }
}

function drawHold(words: number): number {
  let x = mem[words + HOLD_STATE] as number
  x = x ^ (x << 13)
  x = x ^ ((x >> 17) & 0x7fff)
  x = x ^ (x << 5)
  mem[words + HOLD_STATE] = x
  return 1 + (((x >> 1) & 0x7fffffff) % HOLD_MAX)
}
