/**
 * What a benchmark of a hot path is: one operation of the kernel text, in variants that are compared with
 * each other. The first variant is the one that the others are given as a ratio to.
 */

export interface PreparedVariant {
  /** Operations in one call of `run`. */
  operations: number
  /** Puts the machine back to where `run` starts; not timed. */
  reset: () => void
  /** The operations; returns a number that depends on them, so that they cannot be left out. */
  run: () => number
}

export interface HotPathVariant {
  name: string
  prepare: () => PreparedVariant
}

export interface HotPath {
  name: string
  /** What one operation is. */
  operation: string
  variants: readonly HotPathVariant[]
}
