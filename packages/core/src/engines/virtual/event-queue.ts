/**
 * The event queue of virtual time: a binary heap of CPU numbers by clock, the lower number first on equal clocks.
 *
 * Invariants: a CPU is in the queue at most once; a CPU's clock does not change while it is in the queue.
 */

export class EventQueue {
  readonly #clocks: Float64Array
  readonly #heap: Int32Array
  /** Clocks by place in the heap, so that comparing children touches neighbours. */
  readonly #keys: Float64Array
  #size = 0

  /** @param clocks - the clock of each CPU; owned by the caller. */
  constructor(clocks: Float64Array) {
    this.#clocks = clocks
    this.#heap = new Int32Array(clocks.length)
    this.#keys = new Float64Array(clocks.length)
  }

  get size(): number {
    return this.#size
  }

  /** The CPU with the earliest clock. The queue must not be empty. */
  get first(): number {
    return this.#heap[0] as number
  }

  push(cpu: number): void {
    const heap = this.#heap
    const keys = this.#keys
    const time = this.#clocks[cpu] as number
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as number
      const timeAbove = keys[parent] as number
      if (timeAbove < time || (timeAbove === time && above < cpu)) break
      heap[at] = above
      keys[at] = timeAbove
      at = parent
    }
    heap[at] = cpu
    keys[at] = time
  }

  /** Takes the earliest CPU out. The queue must not be empty. */
  pop(): number {
    const first = this.#heap[0] as number
    const size = --this.#size
    if (size > 0) this.#sink(this.#heap[size] as number, this.#keys[size] as number)
    return first
  }

  /** `push(cpu)` and then `pop()`, in one step. */
  exchange(cpu: number): number {
    if (this.#size === 0) return cpu
    const first = this.#heap[0] as number
    const time = this.#clocks[cpu] as number
    const timeFirst = this.#keys[0] as number
    if (time < timeFirst || (time === timeFirst && cpu < first)) return cpu
    this.#sink(cpu, time)
    return first
  }

  /** Puts a CPU at the root, and where it belongs from there. */
  #sink(cpu: number, time: number): void {
    const heap = this.#heap
    const keys = this.#keys
    const size = this.#size
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      let timeBelow = keys[child] as number
      const right = child + 1
      if (right < size) {
        const timeRight = keys[right] as number
        if (
          timeRight < timeBelow ||
          (timeRight === timeBelow && (heap[right] as number) < (heap[child] as number))
        ) {
          child = right
          timeBelow = timeRight
        }
      }
      const below = heap[child] as number
      if (time < timeBelow || (time === timeBelow && cpu < below)) break
      heap[at] = below
      keys[at] = timeBelow
      at = child
    }
    heap[at] = cpu
    keys[at] = time
  }
}
