/**
 * When samples of a live run are due, and what became of that: how many were taken, how many were missed.
 *
 * Samples are due at the start and every period after it, whatever the last one took. One that comes late serves the last
 * moment that it was due at; the moments before it are missed, not made up for. Times are nanoseconds of any clock, which
 * the caller reads.
 */

export class SamplePacer {
  /** Samples taken. */
  samples = 0
  /** Moments at which a sample was due and none was taken. */
  missed = 0
  /** The longest time between two samples. */
  gapNsMax = 0
  periodNs: number
  #nextNs: number
  #firstNs = 0
  #lastNs = 0

  constructor(periodNs: number, startNs: number) {
    this.periodNs = periodNs
    this.#nextNs = startNs
  }

  /** When the next sample is due. */
  get nextNs(): number {
    return this.#nextNs
  }

  /** The mean time between two samples; 0: there are no two. */
  get achievedNs(): number {
    return this.samples < 2 ? 0 : (this.#lastNs - this.#firstNs) / (this.samples - 1)
  }

  /** A sample is taken at `ns`, which may be before it is due: the last one is. */
  take(ns: number): void {
    if (this.samples === 0) this.#firstNs = ns
    else this.gapNsMax = Math.max(this.gapNsMax, ns - this.#lastNs)
    this.samples++
    this.#lastNs = ns
    if (ns < this.#nextNs) return
    const late = Math.floor((ns - this.#nextNs) / this.periodNs)
    this.missed += late
    this.#nextNs += (late + 1) * this.periodNs
  }

  /** From now on samples are due less often. */
  slowDown(periodNs: number): void {
    this.#nextNs += periodNs - this.periodNs
    this.periodNs = periodNs
  }
}
