/**
 * The event queue of virtual time: a binary heap of CPU numbers by clock, the lower number first on equal clocks.
 *
 * Invariants: a CPU is in the queue at most once; a CPU's clock does not change while it is in the queue.
 */

export class EventQueue {
  readonly #clocks: Float64Array
  readonly #heap: Int32Array
  #size = 0

  /** @param clocks - the clock of each CPU; owned by the caller. */
  constructor(clocks: Float64Array) {
    this.#clocks = clocks
    this.#heap = new Int32Array(clocks.length)
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
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as number
      if (!this.#isBefore(cpu, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = cpu
  }

  /** Takes the earliest CPU out. The queue must not be empty. */
  pop(): number {
    const first = this.#heap[0] as number
    const last = this.#heap[--this.#size] as number
    if (this.#size > 0) this.#sink(last)
    return first
  }

  /** `push(cpu)` and then `pop()`, in one step. */
  exchange(cpu: number): number {
    const first = this.#heap[0] as number
    if (this.#size === 0 || this.#isBefore(cpu, first)) return cpu
    this.#sink(cpu)
    return first
  }

  /** Puts a CPU at the root, and where it belongs from there. */
  #sink(cpu: number): void {
    const heap = this.#heap
    const size = this.#size
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(heap[child + 1] as number, heap[child] as number))
        child++
      const below = heap[child] as number
      if (!this.#isBefore(below, cpu)) break
      heap[at] = below
      at = child
    }
    heap[at] = cpu
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#clocks[a] as number
    const timeB = this.#clocks[b] as number
    return timeA < timeB || (timeA === timeB && a < b)
  }
}
