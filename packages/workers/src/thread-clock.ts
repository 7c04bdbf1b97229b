/**
 * How a thread spends its time, as Linux accounts it: tells one that hangs from one that waits or gets no core.
 */

import { readFileSync } from 'node:fs'

/** Since the thread began. */
export interface ThreadClock {
  /** Milliseconds on a core. */
  ranMs: number
  /** Milliseconds ready to run, but without a core. */
  queuedMs: number
  /** How often it was given a core. */
  slices: number
}

/** What a thread did between two readings of its clock. */
export type ThreadHabit =
  /** Ran, for milliseconds at a time. */
  | 'runs'
  /** Ran for moments only: it sleeps, and wakes to look at something. */
  | 'naps'
  /** Was ready, and had no core, or little of one. */
  | 'queues'
  /** Nothing. */
  | 'sleeps'

/** A thread that is on a core for so long at a time does not nap. */
const SLICE_MS = 0.5
const RAN_PART = 0.1
const QUEUED_PART = 0.5
/** Wakings a second from which on a thread naps. */
const NAPS_PER_SECOND = 10

/**
 * From /proc/self/task/ID/schedstat; undefined where there is none (other systems, kernels without it, unknown threads).
 * @param thread - id in the operating system, 0 if unknown.
 */
export function readThreadClock(thread: number): ThreadClock | undefined {
  if (thread === 0) return undefined
  try {
    const text = readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8')
    const [ran = Number.NaN, queued = Number.NaN, slices = Number.NaN] = text.split(' ').map(Number)
    if (Number.isNaN(ran + queued + slices)) return undefined
    return { ranMs: ran / 1e6, queuedMs: queued / 1e6, slices }
  } catch {
    return undefined
  }
}

/**
 * What a thread mostly did in the `passedMs` between two readings.
 * @param ranMsMin - one that had a core for less has had little of it: on a busy system it takes seconds to load what it runs.
 */
export function threadHabit(
  before: ThreadClock,
  after: ThreadClock,
  passedMs: number,
  ranMsMin: number,
): ThreadHabit {
  const ran = after.ranMs - before.ranMs
  const slices = after.slices - before.slices
  if (ran > passedMs * RAN_PART && ran > slices * SLICE_MS)
    return ran < ranMsMin ? 'queues' : 'runs'
  if (after.queuedMs - before.queuedMs > passedMs * QUEUED_PART) return 'queues'
  return slices * 1000 > passedMs * NAPS_PER_SECOND ? 'naps' : 'sleeps'
}
