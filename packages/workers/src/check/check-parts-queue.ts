/**
 * The parts of a check that threads share: in which order they stand, who is given which, and what they have come to.
 *
 * A part stands before those that it gives away, which stand in the order in which they were given. Behind the first that ends
 * the check no part is needed. Invariant: the order, and so the parts that are needed, does not depend on the threads.
 */

import type { CheckTask, PartResult } from '@mmgather/core'

export interface CheckPart {
  readonly task: CheckTask
  /** Number among the parts of the one that gave it away, and so on up to the first ones. */
  readonly path: readonly number[]
  result?: PartResult
}

export class CheckPartsQueue {
  /** In order. */
  readonly #parts: CheckPart[]
  readonly #given = new Map<CheckPart, number>()
  readonly #running = new Set<CheckPart>()
  readonly #waiting: (() => void)[] = []
  /** The first part that ends the check. */
  #last: CheckPart | undefined
  #isClosed = false

  constructor(tasks: readonly CheckTask[]) {
    this.#parts = tasks.map((task, i) => ({ task, path: [i] }))
  }

  /** Parts known. */
  get known(): number {
    return this.#parts.length
  }

  /** How many of the parts known are explored, of one. */
  get doneFraction(): number {
    const done = this.#parts.filter(({ result }) => result !== undefined).length
    return this.#parts.length === 0 ? 1 : done / this.#parts.length
  }

  /** The first part that nobody has; waits if there is none but may be one; undefined: there will be none. */
  async next(): Promise<CheckPart | undefined> {
    while (!this.#isClosed) {
      const part = this.#parts.find((each) => this.#isFree(each))
      if (part !== undefined) {
        this.#running.add(part)
        return part
      }
      if (this.#running.size === 0) return undefined
      await new Promise<void>((changed) => this.#waiting.push(changed))
    }
    return undefined
  }

  #isFree(part: CheckPart): boolean {
    return part.result === undefined && !this.#running.has(part) && this.isNeeded(part)
  }

  /** From here on nobody is given a part; those that are explored count. */
  close(): void {
    this.#isClosed = true
    this.#wake()
  }

  isNeeded(part: CheckPart): boolean {
    return this.#last === undefined || isNotBehind(part.path, this.#last.path)
  }

  /** A part that is being explored gives parts of it away. */
  add(giver: CheckPart, tasks: readonly CheckTask[]): void {
    const given = this.#given.get(giver) ?? 0
    this.#given.set(giver, given + tasks.length)
    // behind the giver and all that descends from it
    let at = this.#parts.indexOf(giver) + 1
    while (at < this.#parts.length && isBelow(this.#parts[at]?.path ?? [], giver.path)) at++
    const parts = tasks.map((task, i) => ({ task, path: [...giver.path, given + i] }))
    this.#parts.splice(at, 0, ...parts)
    this.#wake()
  }

  /** @param endsCheck - parts behind it are not needed. */
  done(part: CheckPart, result: PartResult, endsCheck: boolean): void {
    part.result = result
    this.#running.delete(part)
    if (endsCheck && this.isNeeded(part)) this.#last = part
    this.#wake()
  }

  /** What the parts that are needed have come to, in order. */
  results(): PartResult[] {
    return this.#parts
      .filter((part) => this.isNeeded(part))
      .flatMap(({ result }) => (result === undefined ? [] : [result]))
  }

  #wake(): void {
    for (const changed of this.#waiting.splice(0)) changed()
  }
}

/** Is `path` that of a part that descends from the one at `giver`? */
function isBelow(path: readonly number[], giver: readonly number[]): boolean {
  return path.length > giver.length && giver.every((number, i) => path[i] === number)
}

function isNotBehind(path: readonly number[], last: readonly number[]): boolean {
  for (let i = 0; i < Math.min(path.length, last.length); i++) {
    const [a, b] = [path[i] as number, last[i] as number]
    if (a !== b) return a < b
  }
  return path.length <= last.length
}
