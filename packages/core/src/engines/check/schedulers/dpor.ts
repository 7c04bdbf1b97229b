/**
 * Source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas: Optimal Dynamic Partial Order Reduction, 2014): one
 * execution for each class of executions that differ by the order of independent steps only, and some that are given up.
 *
 * A node of the search is a prefix of the execution, which later ones keep. At each node stand the CPUs that have
 * to be tried (backtrack) and those whose steps were tried, here or earlier, and that nothing since depends on (sleep).
 * When a step is made, every earlier step that it races with (depends on, and is not ordered after through others) asks
 * for the other order: some CPU that can begin it is added at the node before the earlier step.
 *
 * Locks: an unlock and the acquisition behind it cannot change places, but two acquisitions can.
 *
 * Invariant: clocks and the lists of accesses by word cover exactly the steps that the search has not taken back.
 */

import { assert } from '../../../lib/assert.ts'
import { mem } from '../../../machine/memory.ts'
import { type Access, accessesDepend, wakes } from '../dependency.ts'
import { CHECK_CPUS_MAX, type Execution } from '../execution.ts'
import { LOCK, TRYLOCK, UNLOCK } from '../operations.ts'
import { ABANDON, type Scheduler } from '../scheduler.ts'
import type { Trace } from '../trace.ts'

const NONE = -1

/** A prefix to explore below: the CPUs of its steps, and what sleeps behind it. */
export interface Root {
  readonly prefix: readonly number[]
  /** By CPU: the accesses of the step that sleeps at its end; undefined: none does. */
  readonly sleeping: readonly (readonly Access[] | undefined)[]
  /** Every CPU that can go on and does not sleep is to be tried there, asked for or not. */
  readonly isFull: boolean
}

export class Dpor implements Scheduler {
  readonly name = 'source-DPOR with sleep sets'
  readonly #cpus: number
  readonly #root: Root
  #hasBegun = false
  /** Steps that are taken again; the one at `#replay - 1` is new. */
  #replay = 0
  readonly #chosen: Uint8Array
  readonly #enabled: Uint8Array
  readonly #backtrack: Uint8Array
  readonly #sleep: Uint8Array
  /** By node and CPU: the step that sleeps. */
  readonly #sleeping: (readonly Access[] | undefined)[] = []
  /** By step and CPU: so many steps of that CPU happen before, or are, this one. */
  readonly #clocks: Int32Array
  /** By word: the last entry of the trace that accesses it. By entry: the one before it. */
  readonly #last: Int32Array
  #previous: Int32Array
  /** Entries that the lists hold. */
  #listed = 0
  #steps = 0

  constructor(words: number, cpus: number, stepsMax: number, root?: Root) {
    this.#cpus = cpus
    this.#root = root ?? { prefix: [], sleeping: [], isFull: false }
    this.#chosen = new Uint8Array(stepsMax + 1)
    this.#enabled = new Uint8Array(stepsMax + 1)
    this.#backtrack = new Uint8Array(stepsMax + 1)
    this.#sleep = new Uint8Array(stepsMax + 1)
    this.#clocks = new Int32Array((stepsMax + 1) * CHECK_CPUS_MAX)
    this.#last = new Int32Array(words).fill(NONE)
    this.#previous = new Int32Array(2 * stepsMax + 64)
  }

  next(): boolean {
    if (this.#hasBegun) return this.#replay > 0
    this.#hasBegun = true
    return true
  }

  restart(): void {
    this.#hasBegun = false
    this.#replay = 0
    this.#listed = 0
    this.#steps = 0
    this.#last.fill(NONE)
    this.#sleeping.length = 0
  }

  /** Branches at the nodes of the current path. */
  left(): number {
    let left = 0
    for (let d = 0; d < this.#replay; d++) {
      const open = (this.#backtrack[d] as number) & ~(this.#sleep[d] as number)
      left += bitCount(
        d === this.#replay - 1
          ? open | (1 << (this.#chosen[d] as number))
          : open & ~(1 << (this.#chosen[d] as number)),
      )
    }
    return left
  }

  keeps(): number {
    return Math.max(0, this.#replay - 1)
  }

  pick({ trace }: Execution, enabled: number): number {
    const d = trace.length
    if (d < this.#replay) return this.#chosen[d] as number
    const forced = this.#root.prefix[d]
    if (forced !== undefined) {
      this.#chosen[d] = forced
      this.#enabled[d] = enabled
      this.#backtrack[d] = 0xff
      this.#sleep[d] = 0xff
      return forced
    }
    this.#fallAsleep(trace, d)
    const awake = enabled & ~(this.#sleep[d] as number)
    this.#enabled[d] = enabled
    if (awake === 0) return ABANDON
    const before = d === 0 ? 0 : (trace.cpus[d - 1] as number)
    const cpu = (awake & (1 << before)) !== 0 ? before : lowest(awake)
    this.#chosen[d] = cpu
    this.#backtrack[d] = this.#root.isFull && d === this.#root.prefix.length ? awake : 1 << cpu
    return cpu
  }

  /** The sleep set of a new node: what slept before the last step and does not depend on it. */
  #fallAsleep(trace: Trace, d: number): void {
    const row = d * CHECK_CPUS_MAX
    let mask = 0
    const atRoot = d === this.#root.prefix.length
    const above = atRoot ? 0 : (this.#sleep[d - 1] as number)
    for (let q = 0; q < this.#cpus; q++) {
      let step: readonly Access[] | undefined
      if (atRoot) step = this.#root.sleeping[q]
      else if ((above & (1 << q)) !== 0) step = this.#sleeping[row - CHECK_CPUS_MAX + q]
      if (step !== undefined && !atRoot && wakesUp(trace, d - 1, step)) step = undefined
      this.#sleeping[row + q] = step
      if (step !== undefined) mask |= 1 << q
    }
    this.#sleep[d] = mask
  }

  stepped({ trace }: Execution): void {
    const i = trace.length - 1
    if (i < this.#steps) return
    assert(trace.cpus[i] === this.#chosen[i], 'a step of another CPU than was picked', { step: i })
    this.#steps = i + 1
    this.#order(trace, i)
  }

  /** Gives the new step its clock, finds what it races with, and adds it to the lists of its words. */
  #order(trace: Trace, j: number): void {
    const cpu = trace.cpus[j] as number
    const clocks = this.#clocks
    const row = j * CHECK_CPUS_MAX
    const own = this.#lastStepOf(trace, cpu, j)
    for (let c = 0; c < CHECK_CPUS_MAX; c++)
      clocks[row + c] = own === NONE ? 0 : (clocks[own * CHECK_CPUS_MAX + c] as number)
    const racing: number[] = []
    const end = trace.starts[j + 1] as number
    for (let e = trace.starts[j] as number; e < end; e++) this.#orderAccess(trace, j, e, racing)
    clocks[row + cpu] = j + 1
    for (const i of racing) this.#reverse(trace, i, j)
    this.#list(trace, j)
  }

  #lastStepOf(trace: Trace, cpu: number, before: number): number {
    for (let i = before - 1; i >= 0; i--) if (trace.cpus[i] === cpu) return i
    return NONE
  }

  #orderAccess(trace: Trace, j: number, e: number, racing: number[]): void {
    const cpu = trace.cpus[j] as number
    const row = j * CHECK_CPUS_MAX
    const { kinds, operands, before, steps } = trace
    const kind = kinds[e] as number
    let reversible = true
    for (
      let f = this.#last[trace.addresses[e] as number] as number;
      f !== NONE;
      f = this.#previous[f] as number
    ) {
      const i = steps[f] as number
      const other = trace.cpus[i] as number
      if (i === j || (this.#clocks[row + other] as number) > i) {
        // an acquisition is ordered behind the one before it only by the unlock between them
        const isAcquisition = kinds[f] === LOCK || kinds[f] === TRYLOCK
        if (!(kind === LOCK && isAcquisition && !reversible && other !== cpu)) continue
        if (!racing.includes(i) && !this.#orderedOtherwise(trace, i, j, e)) racing.push(i)
        reversible = true
        continue
      }
      if (other === cpu) continue
      const depends = accessesDepend(
        kinds[f] as number,
        operands[f] as number,
        before[f] as number,
        kind,
        operands[e] as number,
        before[e] as number,
      )
      if (!depends) continue
      if (kind === LOCK && kinds[f] === UNLOCK) reversible = false
      else if (!racing.includes(i)) racing.push(i)
      this.#join(row, i)
    }
  }

  /** Is acquisition `i` ordered before acquisition `j` by more than the unlock of the same hold? */
  #orderedOtherwise(trace: Trace, i: number, j: number, e: number): boolean {
    const cpu = trace.cpus[j] as number
    const other = trace.cpus[i] as number
    const own = this.#lastStepOf(trace, cpu, j)
    if (own !== NONE && (this.#clocks[own * CHECK_CPUS_MAX + other] as number) > i) return true
    return e !== trace.starts[j]
  }

  #join(row: number, i: number): void {
    const from = i * CHECK_CPUS_MAX
    for (let c = 0; c < this.#cpus; c++) {
      const clock = this.#clocks[from + c] as number
      if (clock > (this.#clocks[row + c] as number)) this.#clocks[row + c] = clock
    }
  }

  #list(trace: Trace, j: number): void {
    const end = trace.starts[j + 1] as number
    if (end > this.#previous.length) {
      const more = new Int32Array(2 * end)
      more.set(this.#previous)
      this.#previous = more
    }
    for (let e = trace.starts[j] as number; e < end; e++) {
      const address = trace.addresses[e] as number
      this.#previous[e] = this.#last[address] as number
      this.#last[address] = e
    }
    this.#listed = end
  }

  /** Steps i < j race: the node before i has to try a CPU that can begin what does not happen after i, and then j. */
  #reverse(trace: Trace, i: number, j: number): void {
    const clocks = this.#clocks
    const first = FIRST.fill(NONE)
    const cpuI = trace.cpus[i] as number
    for (let k = i + 1; k <= j; k++) {
      const c = trace.cpus[k] as number
      if (first[c] !== NONE) continue
      if (k !== j && (clocks[k * CHECK_CPUS_MAX + cpuI] as number) > i) continue
      first[c] = k
    }
    let initials = 0
    for (let q = 0; q < this.#cpus; q++) {
      const k = first[q] as number
      if (k === NONE) continue
      let isInitial = true
      for (let c = 0; c < this.#cpus && isInitial; c++) {
        const m = first[c] as number
        if (c !== q && m !== NONE && m < k && m < (clocks[k * CHECK_CPUS_MAX + c] as number))
          isInitial = false
      }
      if (isInitial) initials |= 1 << q
    }
    initials &= this.#enabled[i] as number
    if ((initials & ((this.#backtrack[i] as number) | (this.#sleep[i] as number))) !== 0) return
    const cpuJ = 1 << (trace.cpus[j] as number)
    if (initials === 0)
      this.#backtrack[i] = (this.#backtrack[i] as number) | (this.#enabled[i] as number)
    else
      this.#backtrack[i] =
        (this.#backtrack[i] as number) |
        ((initials & cpuJ) !== 0 ? cpuJ : lowest(initials) === 0 ? 1 : 1 << lowest(initials))
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
    const cpu = this.#chosen[d] as number
    const sleep = this.#sleep[d] as number
    if (((this.#enabled[d] as number) & ~sleep & ~(1 << cpu)) === 0) return undefined
    const sleeping = Array.from({ length: this.#cpus }, (_, q) => {
      if (q === cpu) return trace.accessesOf(d)
      return (sleep & (1 << q)) === 0 ? undefined : this.#sleeping[d * CHECK_CPUS_MAX + q]
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
      const taken = 1 << (this.#chosen[d] as number)
      const asked = (this.#backtrack[d] as number) & ~(this.#sleep[d] as number) & ~taken
      const beside = this.#rootBeside(trace, d)
      if (beside !== undefined) roots.push(beside)
      if (asked === 0) continue
      for (let above = this.#root.prefix.length; above <= d; above++) {
        const only = 1 << (this.#chosen[above] as number)
        this.#enabled[above] = only
        this.#backtrack[above] = only
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
      const i = this.#lastAcquisition(trace, execution.lockOf(cpu))
      const own = this.#lastStepOf(trace, cpu, j)
      if (i === NONE || trace.cpus[i] === cpu) continue
      for (let c = 0; c < CHECK_CPUS_MAX; c++)
        this.#clocks[j * CHECK_CPUS_MAX + c] =
          own === NONE ? 0 : (this.#clocks[own * CHECK_CPUS_MAX + c] as number)
      if ((this.#clocks[j * CHECK_CPUS_MAX + (trace.cpus[i] as number)] as number) > i) continue
      trace.cpus[j] = cpu
      this.#reverse(trace, i, j)
    }
  }

  #lastAcquisition({ kinds, steps }: Trace, lock: number): number {
    let f = this.#last[lock] as number
    while (f !== NONE && kinds[f] !== LOCK && kinds[f] !== TRYLOCK) f = this.#previous[f] as number
    return f === NONE ? NONE : (steps[f] as number)
  }

  /** The deepest node with a branch left decides where the next execution departs. */
  ended(execution: Execution): void {
    const { trace } = execution
    if (execution.isStuck()) this.#reverseWaits(execution)
    this.#replay = 0
    for (let d = trace.length - 1; d >= this.#root.prefix.length; d--) {
      const cpu = this.#chosen[d] as number
      const sleep = (this.#sleep[d] as number) | (1 << cpu)
      this.#sleep[d] = sleep
      const open = (this.#backtrack[d] as number) & ~sleep & (this.#enabled[d] as number)
      if (open === 0) continue
      this.#sleeping[d * CHECK_CPUS_MAX + cpu] = trace.accessesOf(d)
      this.#chosen[d] = lowest(open)
      this.#replay = d + 1
      break
    }
    const keep = Math.max(0, this.#replay - 1)
    this.#unlist(trace, trace.starts[keep] as number)
    this.#steps = keep
  }

  #unlist(trace: Trace, entries: number): void {
    for (let e = this.#listed - 1; e >= entries; e--)
      this.#last[trace.addresses[e] as number] = this.#previous[e] as number
    this.#listed = Math.min(this.#listed, entries)
  }
}

const FIRST = new Int32Array(CHECK_CPUS_MAX)

/** Does step `i` depend on the step that sleeps? */
function wakesUp(trace: Trace, i: number, sleeping: readonly Access[]): boolean {
  for (let e = trace.starts[i] as number; e < (trace.starts[i + 1] as number); e++) {
    const address = trace.addresses[e] as number
    for (const access of sleeping) {
      if (access.address !== address) continue
      const executed = {
        address,
        kind: trace.kinds[e] as number,
        operand: trace.operands[e] as number,
        before: trace.before[e] as number,
      }
      if (wakes(executed, access, mem[address] as number)) return true
    }
  }
  return false
}

/** The lowest bit of a mask, by number. */
function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}

function bitCount(mask: number): number {
  let n = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) n++
  return n
}
