/**
 * What an execution has done so far: its steps, and the words that each looked at or changed.
 *
 * A step is a synchronising operation and the plain text that follows it, up to the next operation of the same CPU. Its
 * first access is the operation's; plain stores to words that others read without a lock follow, and so do all words of
 * an operation that has several. Kept as columns, for there are millions of steps. Invariant: the accesses of step i are
 * entries [starts[i], starts[i + 1]).
 */

import type { Op } from '../../sync/check-ops.ts'
import type { Access } from './dependency.ts'
import type { Kind } from './operations.ts'

export class Trace {
  /** Steps so far. */
  length = 0
  /** With the one that was begun and is not over. */
  begun = 0
  /** By step. */
  readonly cpus: Uint8Array
  readonly ops: Uint8Array
  readonly results: Int32Array
  readonly starts: Int32Array
  /** Entries so far, and by entry: its step, and what it accesses. */
  entries = 0
  steps: Int32Array
  addresses: Int32Array
  kinds: Uint8Array
  operands: Int32Array
  before: Int32Array

  constructor(stepsMax: number) {
    this.cpus = new Uint8Array(stepsMax + 1)
    this.ops = new Uint8Array(stepsMax + 1)
    this.results = new Int32Array(stepsMax + 1)
    this.starts = new Int32Array(stepsMax + 2)
    const room = 2 * stepsMax + 64
    this.steps = new Int32Array(room)
    this.addresses = new Int32Array(room)
    this.kinds = new Uint8Array(room)
    this.operands = new Int32Array(room)
    this.before = new Int32Array(room)
  }

  /** Forgets all but the first `length` steps. */
  cut(length: number): void {
    this.length = length
    this.begun = length
    this.entries = length === 0 ? 0 : (this.starts[length] as number)
  }

  /** A CPU begins a step. */
  begin(cpu: number, op: Op): void {
    const i = this.length
    this.begun = i + 1
    this.cpus[i] = cpu
    this.ops[i] = op
    this.starts[i] = this.entries
  }

  /** A word of the step that was begun. */
  access(address: number, kind: Kind, operand: number, before: number): void {
    const e = this.entries++
    if (e === this.addresses.length) this.#grow()
    this.steps[e] = this.length
    this.addresses[e] = address
    this.kinds[e] = kind
    this.operands[e] = operand
    this.before[e] = before
  }

  /** The step is over. */
  end(result: number): void {
    this.results[this.length++] = result
    this.starts[this.length] = this.entries
  }

  /** The CPU of each step. */
  schedule(): number[] {
    return Array.from(this.cpus.subarray(0, this.begun))
  }

  /** The accesses of a step, to be kept. */
  accessesOf(step: number): Access[] {
    const found: Access[] = []
    for (let e = this.starts[step] as number; e < (this.starts[step + 1] as number); e++) {
      found.push({
        address: this.addresses[e] as number,
        kind: this.kinds[e] as number,
        operand: this.operands[e] as number,
        before: this.before[e] as number,
      })
    }
    return found
  }

  #grow(): void {
    const doubled = (from: Int32Array): Int32Array => {
      const to = new Int32Array(from.length * 2)
      to.set(from)
      return to
    }
    this.steps = doubled(this.steps)
    this.addresses = doubled(this.addresses)
    this.operands = doubled(this.operands)
    this.before = doubled(this.before)
    const kinds = new Uint8Array(this.kinds.length * 2)
    kinds.set(this.kinds)
    this.kinds = kinds
  }
}
