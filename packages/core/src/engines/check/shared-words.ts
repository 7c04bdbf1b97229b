/**
 * Which operations can matter to another CPU: those on words that several CPUs touch, as far as executions have shown.
 *
 * A search that changes CPUs only before such operations loses nothing: a change before any other is the same as one
 * before the next of them. What is known grows; a search that was made with less is to be made again (`takeNews`).
 */

import type { Execution } from './execution.ts'
import { READ } from '../../sync/check-kinds.ts'
import { FLUSH_TLB_MM_RANGE, USER_ACCESS } from '../../sync/check-ops.ts'
import { addressOf } from '../../sync/check-perform.ts'

export class SharedWords {
  /** By word: the CPUs that have accessed it; those that have changed it. */
  readonly #users: Uint8Array
  readonly #writers: Uint8Array
  /** By word of an operation: a step that began there touched a shared word. */
  readonly #isShared: Uint8Array
  #hasNews = false

  constructor(words: number) {
    this.#users = new Uint8Array(words)
    this.#writers = new Uint8Array(words)
    this.#isShared = new Uint8Array(words)
  }

  /** Learns from the execution that has just ended. */
  learn({ trace }: Execution): void {
    for (let e = 0; e < trace.entries; e++) {
      const address = trace.addresses[e] as number
      const bit = 1 << (trace.cpus[trace.steps[e] as number] as number)
      this.#users[address] = (this.#users[address] as number) | bit
      if (trace.kinds[e] !== READ) this.#writers[address] = (this.#writers[address] as number) | bit
    }
    for (let i = 0; i < trace.length; i++) {
      const start = trace.starts[i] as number
      const first = trace.addresses[start] as number
      if (start === trace.starts[i + 1] || this.#isShared[first] === 1) continue
      for (let e = start; e < (trace.starts[i + 1] as number); e++) {
        if (!this.#hasSeveral(trace.addresses[e] as number)) continue
        this.#isShared[first] = 1
        this.#hasNews = true
      }
    }
  }

  #hasSeveral(address: number): boolean {
    const users = this.#users[address] as number
    return (users & (users - 1)) !== 0 && this.#writers[address] !== 0
  }

  /** Has more been learnt since this was asked last? */
  takeNews(): boolean {
    const was = this.#hasNews
    this.#hasNews = false
    return was
  }

  /** Can the operation that a CPU has announced matter to another? */
  readonly isShared: (execution: Execution, cpu: number) => boolean = (
    execution: Execution,
    cpu: number,
  ): boolean => {
    const { op, a, b } = execution.pendingOf(cpu)
    if (op === FLUSH_TLB_MM_RANGE || op === USER_ACCESS) return true
    return this.#isShared[addressOf(op, a, b)] === 1
  }

  /** Do several CPUs touch what step `i` of an execution touched? */
  ofStep({ trace }: Execution, i: number): boolean {
    for (let e = trace.starts[i] as number; e < (trace.starts[i + 1] as number); e++)
      if (this.#hasSeveral(trace.addresses[e] as number)) return true
    return false
  }
}
