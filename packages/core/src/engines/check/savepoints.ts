/**
 * Going back to an earlier step of an execution: `savepoints` of sync/check-step.ts tells what the state was before each of
 * its steps, as lengths of what grows and what a step replaces; what JavaScript keeps of an execution is kept here, where it has changed.
 *
 * Invariant: so many states as `checkState` says are kept, and what it says in the row of a step was the state then.
 */

import { undoShadow } from '../../sync/check-shadow.ts'
import { HAVE_STATES_CHANGED, checkState, NR_STATES } from '../../sync/check-state.ts'
import {
  PENDING_COLUMNS,
  PENDING_PLACE,
  pending,
  SAVED_CHANGES,
  SAVED_SHADOW,
  SAVED_COLUMNS,
  SAVED_DONE,
  SAVED_STATES,
  SAVED_SUM_A,
  SAVED_SUM_B,
  savepoints,
} from '../../sync/check-step.ts'
import { undoChanges } from '../../sync/check-undo.ts'
import type { Watcher } from './watcher.ts'

export class Savepoints {
  /** Watchers that keep something of an execution. */
  readonly #watchers: readonly Watcher[]
  /** Their states, one after the other; the first are those at the start. */
  readonly #states: unknown[]

  constructor(watchers: readonly Watcher[]) {
    this.#watchers = watchers.filter((each) => each.state !== undefined)
    this.#states = this.#watchers.map((each) => each.state)
  }

  /** Keeps the states of all watchers; returns how many times that was done since the start. */
  keepStates(): number {
    const kept = (checkState[NR_STATES] as number) + 1
    const nr = this.#watchers.length
    for (let k = 0; k < nr; k++) this.#states[kept * nr + k] = (this.#watchers[k] as Watcher).state
    return kept
  }

  #restoreStates(kept: number): void {
    const nr = this.#watchers.length
    for (let k = 0; k < nr; k++) (this.#watchers[k] as Watcher).state = this.#states[kept * nr + k]
    checkState[NR_STATES] = kept
    checkState[HAVE_STATES_CHANGED] = 0
  }

  /** What the CPU of step `i` was about to do. */
  restorePending(i: number, cpu: number): void {
    const from = i * SAVED_COLUMNS
    const to = cpu * PENDING_COLUMNS
    for (let column = 0; column <= PENDING_PLACE; column++)
      pending[to + column] = savepoints[from + column] as number
  }

  /** Puts the machine, the shadow words and the watchers back to where step `i` began; returns the CPUs at their ends, by bit. */
  restore(i: number): number {
    const row = i * SAVED_COLUMNS
    undoChanges(
      savepoints[row + SAVED_CHANGES] as number,
      savepoints[row + SAVED_SUM_A] as number,
      savepoints[row + SAVED_SUM_B] as number,
    )
    undoShadow(savepoints[row + SAVED_SHADOW] as number)
    this.#restoreStates(savepoints[row + SAVED_STATES] as number)
    return savepoints[row + SAVED_DONE] as number
  }

  /** Puts them back to where the execution began. */
  restoreStart(): void {
    undoChanges(0, 0, 0)
    undoShadow(0)
    this.#restoreStates(0)
  }
}
