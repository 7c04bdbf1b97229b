/**
 * What the colours of charts are for, the same in the page and in pictures.
 */
import type { LockClassKey } from '@mmgather/core'

export interface Colours {
  text: string
  muted: string
  line: string
  surface: string
  /** For categories, in a fixed order. */
  series: string[]
  /** From little to much. */
  ramp: string[]
}

/** Lock classes keep their colours everywhere: index of `series`. */
export const LOCK_COLOURS: Readonly<Record<LockClassKey, number>> = {
  lruvec: 1,
  zone: 6,
  ptl: 4,
  pcp: 2,
  splitQueue: 3,
  swapCluster: 5,
}
