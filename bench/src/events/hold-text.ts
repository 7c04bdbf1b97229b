/**
 * The hold model as a program of a virtual CPU, in the form that derived kernel text has (docs/wasm.md): it charges a delay
 * and gives way where another CPU is earlier. Its state is in words of the CPU's block that kernel text has no use for
 * while none runs. Invariant: the holds are those of `nextHold`.
 */
import { mem } from '../../../packages/core/src/machine/memory.ts'
import { charge, slack } from '../../../packages/core/src/sync/virtual-clock.ts'
import type { Steps } from '../../../packages/core/src/sync/virtual.ts'

/** Words of a CPU's block: the state of its generator of pseudo-random numbers, holds to come, holds that ended. */
export const HOLD_STATE = 16
export const HOLD_LEFT = 17
export const HOLD_ENDED = 18
const HOLD_MAX = 1000

export function* hold(cpu: number): Steps<void> {
  const holds = mem[cpu + HOLD_LEFT] as number
  for (let i = 0; i < holds; i++) {
    charge(drawHold(cpu))
    if (slack < 0) yield 0
    mem[cpu + HOLD_ENDED] = (mem[cpu + HOLD_ENDED] as number) + 1
  }
}

function drawHold(cpu: number): number {
  let x = mem[cpu + HOLD_STATE] as number
  x = x ^ (x << 13)
  x = x ^ ((x >> 17) & 0x7fff)
  x = x ^ (x << 5)
  mem[cpu + HOLD_STATE] = x
  return 1 + (((x >> 1) & 0x7fffffff) % HOLD_MAX)
}
