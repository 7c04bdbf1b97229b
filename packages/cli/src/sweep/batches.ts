/**
 * Deals out the points of a sweep in the order that they are given in, small ones several at a time: to hand a point to a
 * thread and take its result back costs both sides about as much as a small point does.
 *
 * What points take is their estimated cost, by what those before them took. Invariants: each point is dealt once, unless it is
 * given back; as long as nothing is known, one at a time; towards the end fewer and fewer, so that threads end together.
 */

/** What is dealt at a time takes about so long: many times what handing it over does, and little to lose by a kill. */
const BATCH_MS = 10
/** Of what is left, each thread is given at most one part of so many at a time. */
const PARTS = 4
/** Points at a time at most: there are some that are estimated to cost nothing. */
const POINTS_MAX = 64
/** How much the last measurement counts for against all before it. */
const WEIGHT = 0.25

export class Batches {
  /** The next one is the last. */
  readonly #rest: number[]
  readonly #costOf: (point: number) => number
  readonly #threads: number
  #restCost: number
  #msPerCost: number | undefined

  /** @param costOf - in a unit of its own. */
  constructor(points: readonly number[], costOf: (point: number) => number, threads: number) {
    this.#rest = points.toReversed()
    this.#costOf = costOf
    this.#threads = threads
    this.#restCost = this.#sum(points)
  }

  /** None: all are dealt. */
  next(): number[] {
    const allowed = this.#allowedCost()
    const batch: number[] = []
    let cost = 0
    for (let next = this.#rest.at(-1); next !== undefined; next = this.#rest.at(-1)) {
      cost += this.#costOf(next)
      if (batch.length > 0 && (cost > allowed || batch.length === POINTS_MAX)) break
      batch.push(next)
      this.#rest.pop()
    }
    this.#restCost -= this.#sum(batch)
    return batch
  }

  /**
   * The first ones of a batch are finished; the others are dealt again.
   * @param ms - what these took; undefined: it is not known.
   * @returns their cost.
   */
  took(batch: readonly number[], finished: number, ms?: number): number {
    const cost = this.#sum(batch.slice(0, finished))
    const back = batch.slice(finished)
    this.#rest.push(...back.toReversed())
    this.#restCost += this.#sum(back)
    if (ms !== undefined && cost > 0) {
      const last = this.#msPerCost ?? ms / cost
      this.#msPerCost = last + (ms / cost - last) * WEIGHT
    }
    return cost
  }

  /** Of the points of a batch, together. */
  #allowedCost(): number {
    if (this.#msPerCost === undefined) return 0
    return Math.min(BATCH_MS / this.#msPerCost, this.#restCost / (this.#threads * PARTS))
  }

  #sum(points: readonly number[]): number {
    return points.reduce((sum, point) => sum + this.#costOf(point), 0)
  }
}
