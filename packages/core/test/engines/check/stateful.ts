/**
 * Plain depth-first search over every order of steps, which does not go on from a state that it has reached by another way.
 *
 * It knows nothing of which steps depend on each other, so it is what reductions are held against; and a world has far fewer
 * states than orders. A state is the machine's words, what each CPU was told by its operations so far, what it is about to do,
 * and the order of accesses and flushes of TLBs, which lie in no word.
 */
import type { Execution } from '../../../src/engines/check/execution.ts'
import { FLUSH_TLB_MM_RANGE, USER_ACCESS } from '../../../src/sync/check-ops.ts'
import { ABANDON, type Scheduler } from '../../../src/engines/check/scheduler.ts'
import { hashChanges } from '../../../src/sync/check-undo.ts'

export class StatefulSearch implements Scheduler {
  readonly name = 'depth-first search of states'
  readonly #reached = new Set<string>()
  /** Steps that are taken again, the last of them as the last execution did not take it. */
  #again: number[] = []
  /** By step: CPUs still to be tried. */
  readonly #open: number[] = []
  #hasBegun = false

  /** States reached so far. */
  get states(): number {
    return this.#reached.size
  }

  next(): boolean {
    const isFirst = !this.#hasBegun
    this.#hasBegun = true
    return isFirst || this.#again.length > 0
  }

  keeps(): number {
    return Math.max(0, this.#again.length - 1)
  }

  pick(execution: Execution, enabled: number): number {
    const d = execution.trace.length
    const again = this.#again[d]
    if (again !== undefined) return again
    const state = stateOf(execution)
    if (this.#reached.has(state)) return ABANDON
    this.#reached.add(state)
    this.#open[d] = enabled & (enabled - 1)
    return lowest(enabled)
  }

  ended({ trace }: Execution): void {
    this.#again = []
    for (let d = trace.length - 1; d >= 0; d--) {
      const open = this.#open[d] ?? 0
      if (open === 0) continue
      this.#open[d] = open & (open - 1)
      this.#again = [...trace.cpus.subarray(0, d), lowest(open)]
      return
    }
  }
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}

function stateOf(execution: Execution): string {
  const { trace, cpus, done } = execution
  const told = Array.from({ length: cpus }, () => 0)
  let hardware = 0
  for (let i = 0; i < trace.length; i++) {
    const cpu = trace.cpus[i] ?? 0
    const op = trace.ops[i] ?? 0
    told[cpu] = mixed(mixed(told[cpu] ?? 0, op), trace.results[i] ?? 0)
    if (op === FLUSH_TLB_MM_RANGE || op === USER_ACCESS) hardware = mixed(mixed(hardware, cpu), op)
  }
  const doing = told.map((hash, cpu) => {
    if ((done & (1 << cpu)) !== 0) return 'done'
    const { op, a, b, c } = execution.pendingOf(cpu)
    return [hash, op, a, b, c].join()
  })
  return [hashChanges(), hardware, ...doing].join(' ')
}

function mixed(hash: number, value: number): number {
  const z = Math.imul(hash ^ value ^ (hash >>> 15), 0x2c1b3c6d) + 0x9e3779b9
  return (z ^ (z >>> 13)) | 0
}
