/**
 * The threads of a sweep, started as soon as its flags are known: they load what they run while the command loads the model
 * and plans the points.
 *
 * Invariants: this loads nothing of the model; whoever started threads ends them, whether points were run in them or not.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { SweepPool } from '@mmgather/workers'
import { startSweepThreads, type SweepThreads } from '@mmgather/workers/sweep-threads'

export interface EarlyThreads {
  threads: SweepThreads
  count: number
}

/** What flags say of whether a sweep will need its threads. */
export interface EarlyFlags {
  out?: string | undefined
  jobs?: number | undefined
  dryRun?: true | undefined
  verifyJournal?: number | undefined
  strategy?: string | undefined
  axis?: readonly string[] | undefined
}

/**
 * Undefined: it needs none, or others (with strategy files threads run another module), or there is a journal, and perhaps
 * little that it does not have.
 */
export async function startEarly(flags: EarlyFlags): Promise<EarlyThreads | undefined> {
  const { out, dryRun, verifyJournal, jobs = availableParallelism() } = flags
  if (out === undefined || dryRun === true || verifyJournal !== undefined) return undefined
  if (existsSync(out) || mayNameFile(flags) || jobs > availableParallelism()) return undefined
  return { count: jobs, threads: await startSweepThreads({ strategyFiles: [] }, jobs) }
}

function mayNameFile({ strategy = '', axis = [] }: EarlyFlags): boolean {
  return [strategy, ...axis].some((text) => /[/\\]|\.[cm]?[jt]s/.test(text))
}

/** What is to be run in threads. */
export interface Needed {
  /** As many as memory allows. */
  threads: number
  points: number
  hasStrategyFiles: boolean
}

/**
 * A pool of those threads if they are what is needed, else of others, for which it makes room. With few points some of them
 * are left without one.
 */
export async function poolWith(
  { threads, points, hasStrategyFiles }: Needed,
  early: EarlyThreads | undefined,
  open: (threads: number | SweepThreads) => Promise<SweepPool>,
): Promise<SweepPool> {
  if (early === undefined) return open(threads)
  const isEnough = early.count === threads || (early.count > threads && threads === points)
  if (isEnough && !hasStrategyFiles) return open(early.threads)
  await early.threads.close()
  return open(threads)
}
