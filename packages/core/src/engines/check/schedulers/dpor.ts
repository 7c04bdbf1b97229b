/**
 * Source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas: Optimal Dynamic Partial Order Reduction, 2014): one
 * execution for each class of executions that differ by the order of independent steps only, and some that are given up.
 *
 * A node of the search is a prefix of the execution, which later ones keep. At each node stand the CPUs that have
 * to be tried (backtrack) and those whose steps were tried, here or earlier, and that nothing since depends on (sleep).
 * When a step is made, every earlier step that it races with (depends on, and is not ordered after through others) asks
 * for the other order: some CPU that can begin it is added at the node before the earlier step. What happens at every step is
 * in sync/check-dpor.ts; here is what happens between executions. A thread has one search at a time.
 *
 * Invariant: clocks and the lists of accesses by word cover exactly the steps that the search has not taken back.
 */

import {
  beginClock,
  DPOR_CPUS,
  lastAcquisition,
  lastEntry,
  lastStepOf,
  lowestBit,
  nodeBacktrack,
  nodeChosen,
  nodeEnabled,
  nodeSleep,
  NONE,
  pickByDpor,
  putToSleep,
  reverse,
  rootPrefix,
  sleepAddresses,
  sleepBefore,
  sleepFrom,
  sleepKinds,
  sleepOperands,
  sleepTo,
  sleepTop,
  stepByDpor,
  stepClocks,
  unlistAccesses,
} from '../../../sync/check-dpor.ts'
import {
  checkState,
  DPOR_LISTED,
  DPOR_REPLAY,
  DPOR_STEPS,
  ROOT_IS_FULL,
  ROOT_LENGTH,
  SCHEDULER_DPOR,
} from '../../../sync/check-state.ts'
import type { Execution } from '../execution.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Access, Trace } from '../trace.ts'

/** A prefix to explore below: the CPUs of its steps, and what sleeps behind it. */
export interface Root {
  readonly prefix: readonly number[]
  /** By CPU: the accesses of the step that sleeps at its end; undefined: none does. */
  readonly sleeping: readonly (readonly Access[] | undefined)[]
  /** Every CPU that can go on and does not sleep is to be tried there, asked for or not. */
  readonly isFull: boolean
}

const WHOLE: Root = { prefix: [], sleeping: [], isFull: false }

export class Dpor implements Scheduler {
  readonly name = 'source-DPOR with sleep sets'
  readonly runsAs: number = SCHEDULER_DPOR
  readonly #cpus: number
  readonly #root: Root
  #hasBegun = false

  /** @param root - the search is below it; absent: from the beginning. */
  constructor(cpus: number, root: Root = WHOLE) {
    this.#cpus = cpus
    this.#root = root
    this.restart()
  }

  next(): boolean {
    if (this.#hasBegun) return this.#replay > 0
    this.#hasBegun = true
    return true
  }

  restart(): void {
    const { prefix, sleeping, isFull } = this.#root
    const d = prefix.length
    this.#hasBegun = false
    checkState[DPOR_REPLAY] = 0
    checkState[DPOR_STEPS] = 0
    checkState[DPOR_LISTED] = 0
    checkState[ROOT_LENGTH] = d
    checkState[ROOT_IS_FULL] = Number(isFull)
    lastEntry.fill(0)
    rootPrefix.set(prefix)
    nodeSleep[d] = 0
    sleepTop[d] = 0
    sleeping.forEach((accesses, cpu) => accesses !== undefined && this.#sleepAtRoot(cpu, accesses))
  }

  #sleepAtRoot(cpu: number, accesses: readonly Access[]): void {
    const d = this.#root.prefix.length
    const from = sleepTop[d] as number
    accesses.forEach(({ address, kind, operand, before }, i) => {
      sleepAddresses[from + i] = address
      sleepKinds[from + i] = kind
      sleepOperands[from + i] = operand
      sleepBefore[from + i] = before
    })
    nodeSleep[d] = (nodeSleep[d] as number) | (1 << cpu)
    sleepFrom[d * DPOR_CPUS + cpu] = from
    sleepTo[d * DPOR_CPUS + cpu] = from + accesses.length
    sleepTop[d] = from + accesses.length
  }

  /** Steps that are taken again; the last of them is new. */
  get #replay(): number {
    return checkState[DPOR_REPLAY] as number
  }

  /** Branches at the nodes of the current path. */
  left(): number {
    let left = 0
    for (let d = 0; d < this.#replay; d++) {
      const open = (nodeBacktrack[d] as number) & ~(nodeSleep[d] as number)
      const chosen = 1 << (nodeChosen[d] as number)
      left += bitCount(d === this.#replay - 1 ? open | chosen : open & ~chosen)
    }
    return left
  }

  keeps(): number {
    return Math.max(0, this.#replay - 1)
  }

  pick(_: Execution, enabled: number): number {
    return pickByDpor(enabled)
  }

  stepped(): void {
    stepByDpor()
  }

  /**
   * What is left besides the first execution, to be shared out: at every node of it the CPUs that were not taken, all of
   * them, so that no part needs to tell another what it races with.
   */
  rootsBeside(trace: Trace): Root[] {
    const { length } = this.#root.prefix
    const nodes = Array.from({ length: trace.length - length }, (_, i) => length + i)
    return nodes.flatMap((d) => this.#rootBeside(trace, d) ?? [])
  }

  /** The CPUs that are not taken at node `d`, all of them; undefined: there is none. */
  #rootBeside(trace: Trace, d: number): Root | undefined {
    const cpu = nodeChosen[d] as number
    const sleep = nodeSleep[d] as number
    if (((nodeEnabled[d] as number) & ~sleep & ~(1 << cpu)) === 0) return undefined
    const sleeping = Array.from({ length: this.#cpus }, (_, q) => {
      if (q === cpu) return trace.accessesOf(d)
      return (sleep & (1 << q)) === 0 ? undefined : sleepingAccesses(d * DPOR_CPUS + q)
    })
    return { prefix: Array.from(trace.cpus.subarray(0, d)), sleeping, isFull: true }
  }

  /**
   * What is left beside the next execution, to be shared out: from the root on every node down to the first at which another
   * CPU has to be tried, each with all CPUs that were not taken there, as `rootsBeside` does. They are not tried here any
   * more. To be called when an execution has ended.
   */
  handOut(trace: Trace): Root[] {
    const roots: Root[] = []
    // the step that the last node of the path takes next was not made yet, so nobody knows what it touches
    for (let d = this.#root.prefix.length; d < this.#replay - 1; d++) {
      const taken = 1 << (nodeChosen[d] as number)
      const asked = (nodeBacktrack[d] as number) & ~(nodeSleep[d] as number) & ~taken
      const beside = this.#rootBeside(trace, d)
      if (beside !== undefined) roots.push(beside)
      if (asked === 0) continue
      for (let above = this.#root.prefix.length; above <= d; above++) {
        const only = 1 << (nodeChosen[above] as number)
        nodeEnabled[above] = only
        nodeBacktrack[above] = only
      }
      return roots
    }
    return []
  }

  /** A deadlock: each CPU that waits would have had its lock, had it been before who holds it. */
  #reverseWaits(execution: Execution): void {
    const { trace } = execution
    const j = trace.length
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      if ((execution.done & (1 << cpu)) !== 0) continue
      const i = lastAcquisition(execution.lockOf(cpu))
      if (i === NONE || trace.cpus[i] === cpu) continue
      beginClock(j, lastStepOf(cpu, j))
      if ((stepClocks[j * DPOR_CPUS + (trace.cpus[i] as number)] as number) > i) continue
      trace.cpus[j] = cpu
      reverse(i, j)
    }
  }

  /** The deepest node with a branch left decides where the next execution departs. */
  ended(execution: Execution): void {
    const { trace } = execution
    if (execution.isStuck()) this.#reverseWaits(execution)
    let replay = 0
    for (let d = trace.length - 1; d >= this.#root.prefix.length; d--) {
      const sleep = (nodeSleep[d] as number) | (1 << (nodeChosen[d] as number))
      nodeSleep[d] = sleep
      const open = (nodeBacktrack[d] as number) & ~sleep & (nodeEnabled[d] as number)
      if (open === 0) continue
      putToSleep(d)
      nodeChosen[d] = lowestBit(open)
      replay = d + 1
      break
    }
    checkState[DPOR_REPLAY] = replay
    const keep = Math.max(0, replay - 1)
    unlistAccesses(trace.starts[keep] as number)
    checkState[DPOR_STEPS] = keep
  }
}

function sleepingAccesses(at: number): Access[] {
  const from = sleepFrom[at] as number
  return Array.from({ length: (sleepTo[at] as number) - from }, (_, i) => ({
    address: sleepAddresses[from + i] as number,
    kind: sleepKinds[from + i] as number,
    operand: sleepOperands[from + i] as number,
    before: sleepBefore[from + i] as number,
  }))
}

function bitCount(mask: number): number {
  let n = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) n++
  return n
}
