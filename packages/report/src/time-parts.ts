/**
 * What the time of a CPU is made of, in the page and in pictures: running, waiting by class of lock, and the rest.
 */
import type { LockClassKey } from '@mmgather/core'
import { LOCK_COLOURS } from './colours.ts'
import type { RunData } from './report-data.ts'

export type TimeStack = RunData['cpuTime'][number]

export interface TimePart {
  name: string
  /** Index of its colour in `series`. */
  colour: number
  /** Id of a sweep's metric that is its share. */
  metric: string
  of: (stack: TimeStack) => number
}

export const TIME_PARTS: readonly TimePart[] = [
  { name: 'running', colour: 0, metric: 'runningShare', of: ({ runningNs }) => runningNs },
  { name: 'cache lines', colour: 7, metric: 'transferShare', of: ({ transferNs }) => transferNs },
  { name: 'TLB flushes', colour: 9, metric: 'ipiShare', of: ({ ipiNs }) => ipiNs },
  { name: 'other work', colour: 8, metric: 'workShare', of: ({ workNs }) => workNs },
  { name: 'user time', colour: 8, metric: 'userShare', of: ({ delayNs }) => delayNs },
  ...Object.entries(LOCK_COLOURS).map(([key, colour]) => ({
    name: `waiting: ${key}`,
    colour,
    metric: `${key}.wait`,
    of: ({ waitNs }: TimeStack) => waitNs[key as LockClassKey],
  })),
]
