/**
 * The state of an execution before each of its steps, as far as it can be gone back to: lengths of what grows, and what a
 * step replaces.
 *
 * Invariant: row i is of the state in which step i was begun, for every step that was begun and not taken back.
 */

import { clockChanges, undoClocks } from '../../sync/check-races.ts'
import { checkState, SUM_A as HASH_A, SUM_B as HASH_B } from '../../sync/check-state.ts'
import { changes, undoChanges } from '../../sync/check-undo.ts'
import type { Pending } from './perform.ts'
import type { Watcher } from './watcher.ts'

/** What a CPU is about to do, and the place of its result in the CPU's log. */
export interface Stopped extends Pending {
  place: number
}

/** Columns of a row. */
const CHANGES = 0
const SUM_A = 1
const SUM_B = 2
const CLOCKS = 3
const DONE = 4
const OP = 5
const A = 6
const B = 7
const C = 8
const PLACE = 9
const COLUMNS = 10

export class Savepoints {
  readonly #rows: Int32Array
  /** Watchers that keep something of an execution. */
  readonly #watchers: readonly Watcher[]
  readonly #statesAtStart: readonly unknown[]
  readonly #states: unknown[] = []

  constructor(stepsMax: number, watchers: readonly Watcher[]) {
    this.#rows = new Int32Array((stepsMax + 1) * COLUMNS)
    this.#watchers = watchers.filter((each) => each.state !== undefined)
    this.#statesAtStart = this.#watchers.map((each) => each.state)
  }

  /** Before step `i` of a CPU that is about to do this; `done`: CPUs at their ends, by bit. */
  save(i: number, { op, a, b, c, place }: Stopped, done: number): void {
    const row = i * COLUMNS
    const rows = this.#rows
    rows[row + CHANGES] = changes()
    rows[row + SUM_A] = checkState[HASH_A] as number
    rows[row + SUM_B] = checkState[HASH_B] as number
    rows[row + CLOCKS] = clockChanges()
    rows[row + DONE] = done
    rows[row + OP] = op
    rows[row + A] = a
    rows[row + B] = b
    rows[row + C] = c
    rows[row + PLACE] = place
    const nr = this.#watchers.length
    for (let k = 0; k < nr; k++) this.#states[i * nr + k] = (this.#watchers[k] as Watcher).state
  }

  /** What the CPU of step `i` was about to do. */
  restoreStopped(i: number, stopped: Stopped): void {
    const row = i * COLUMNS
    const rows = this.#rows
    stopped.op = rows[row + OP] as number
    stopped.a = rows[row + A] as number
    stopped.b = rows[row + B] as number
    stopped.c = rows[row + C] as number
    stopped.place = rows[row + PLACE] as number
  }

  /** Puts the machine, the clocks and the watchers back to where step `i` began; returns the CPUs at their ends, by bit. */
  restore(i: number): number {
    const row = i * COLUMNS
    const rows = this.#rows
    undoChanges(
      rows[row + CHANGES] as number,
      rows[row + SUM_A] as number,
      rows[row + SUM_B] as number,
    )
    undoClocks(rows[row + CLOCKS] as number)
    const nr = this.#watchers.length
    for (let k = 0; k < nr; k++) (this.#watchers[k] as Watcher).state = this.#states[i * nr + k]
    return rows[row + DONE] as number
  }

  /** Puts them back to where the execution began. */
  restoreStart(): void {
    undoChanges(0, 0, 0)
    undoClocks(0)
    this.#watchers.forEach((each, k) => (each.state = this.#statesAtStart[k]))
  }
}
