/**
 * What a point will take of the host: time on one core and memory, estimated from its scenario before it is run.
 *
 * Owns the figures of the estimate: a fit to virtual runs on a 2-core virtual machine (docs/sweeps.md has the table). While
 * a sweep runs, only the ratios between points matter: the time left is told by those that are done.
 */
import type { Limits, Scenario } from '@mmgather/core'

export interface Cost {
  hostMs: number
  bytes: number
}

const MS_PER_POINT = 1
const NS_PER_PAGE = 1100
const NS_PER_CPU = 150_000
/** Of the machine's buffer, with the state of its cache lines. */
const BYTES_PER_BYTE = 3.5
/** A thread with its code. */
const BYTES_PER_THREAD: number = 48 * 2 ** 20

export function costOf({ machine }: Scenario, { mappedPages, totalWords }: Limits): Cost {
  return {
    hostMs: MS_PER_POINT + (mappedPages * NS_PER_PAGE + machine.cpus * NS_PER_CPU) / 1e6,
    bytes: BYTES_PER_THREAD + totalWords * 4 * BYTES_PER_BYTE,
  }
}
