/**
 * What a point will take of the host: time on one core and memory, estimated from its scenario before it is run.
 *
 * Owns the figures of the estimate: a fit to a dozen points on a 2-core virtual machine, warm (docs/sweeps.md). While a
 * sweep runs, only the ratios between points matter: the time left is told by those that are done.
 */
import type { Limits, Scenario } from '@mmgather/core'

export interface Cost {
  /** Milliseconds of one core. */
  hostMs: number
  /** Of a thread that runs it. */
  bytes: number
}

const MS_PER_POINT = 0.7
const NS_PER_PAGE = 1100
const NS_PER_CPU = 150_000
const BYTES_PER_THREAD: number = 48 * 2 ** 20
/** The machine's buffer, with the state of its cache lines. */
const BYTES_PER_BYTE = 3.5
/** What verify keeps of a page that is mapped. */
const BYTES_PER_PAGE = 200

export function costOf({ machine }: Scenario, { mappedPages, totalWords, globals }: Limits): Cost {
  // programs map their pages later: there are frames for them, and how often they map them is not looked at
  const pages = Math.max(mappedPages, globals.NR_PFNS)
  return {
    hostMs: MS_PER_POINT + (pages * NS_PER_PAGE + machine.cpus * NS_PER_CPU) / 1e6,
    bytes: BYTES_PER_THREAD + totalWords * 4 * BYTES_PER_BYTE + pages * BYTES_PER_PAGE,
  }
}
