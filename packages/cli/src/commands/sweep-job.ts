/**
 * What `mmgather sweep` does: plans the points, opens the journal, runs what is missing, and sums up.
 *
 * Invariants: everything that can be refused is refused before the journal is touched; a point is in the journal as soon as
 * it is finished, whatever happens after.
 */
import { existsSync } from 'node:fs'
import process from 'node:process'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  type AxisValues,
  headerLine,
  type JournalHeader,
  type ScenarioOverrides,
  type SweepOptions,
} from '@mmgather/core'
import { UsageError } from '../errors.ts'
import { EXIT_INTERRUPTED, EXIT_VIOLATED } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { printLines, printParts } from '../io/stdout.ts'
import { reproduceWords } from '../reproduce.ts'
import { shellCommand } from '../shell.ts'
import type { EarlyThreads } from '../sweep/early-pool.ts'
import { checkSameSweep, headerOf, needsHeader } from '../sweep/header.ts'
import { type JournalContent, JournalFile, readJournalContent } from '../sweep/journal-file.ts'
import { type LoadedSweep, loadSweep } from '../sweep/load-sweep.ts'
import { type Plan, planSweep } from '../sweep/plan.ts'
import { runPoints, threadsFor } from '../sweep/run-points.ts'
import { missingOf, statesOf } from '../sweep/states.ts'
import { exitCodeOfErrors, summaryOf } from '../sweep/summary.ts'
import { verifyPoints } from '../sweep/verify-points.ts'
import type { VirtualFlags } from './engine-options.ts'
import { tell, type Watch, watched } from './outputs.ts'
import { overridesOf } from './overrides.ts'

const NS_PER_MS = 1_000_000

export interface SweepFlags extends ScenarioOverrides, VirtualFlags {
  axis?: string[] | undefined
  seeds?: number | undefined
  out?: string | undefined
  jobs?: number | undefined
  dryRun?: true | undefined
  explain?: true | undefined
  verifyJournal?: number | undefined
  verify: boolean
  json?: true | undefined
  quiet?: true | undefined
}

/** A sweep that can be run. */
interface Job {
  flags: SweepFlags
  sweep: LoadedSweep
  plan: Plan
  header: JournalHeader
  reproduce: readonly string[]
}

export async function sweepJob(
  name: string,
  flags: SweepFlags,
  command: CommandUnknownOpts,
  early?: EarlyThreads,
): Promise<void> {
  const { out, dryRun } = flags
  if (out === undefined && dryRun !== true) throw noJournal()
  const sweep = await loadSweep(name, inputOf(flags))
  const reproduce = reproduceWords(command, name)
  const header = headerOf(sweep, shellCommand(reproduce))
  const planned = (): Job => ({ flags, sweep, plan: planSweep(sweep), reproduce, header })
  if (dryRun === true) return listPoints(planned(), contentIfThere(out, header))
  if (flags.verifyJournal !== undefined && !existsSync(out as string))
    throw noJournalToVerify(out as string)
  await runJob(planned(), out as string, early)
}

async function runJob(job: Job, out: string, early: EarlyThreads | undefined): Promise<void> {
  const { flags, sweep, header } = job
  const journal = await JournalFile.open(out, sweep.inputs)
  try {
    checkSameSweep(out, journal.content.header, header)
    if (flags.verifyJournal !== undefined) await verifyJournal(job, journal, flags.verifyJournal)
    else await runMissing(job, journal, early)
  } finally {
    journal.close()
  }
}

function noJournal(): UsageError {
  return new UsageError({
    field: '--out',
    problem: 'is missing: the figures of the points need a file',
    allowed: 'the path of a journal, or of a file that can be made',
    hint: 'or list the points with --dry-run',
  })
}

function noJournalToVerify(out: string): UsageError {
  return new UsageError({
    field: '--verify-journal',
    problem: 'there is no such journal',
    value: out,
    hint: 'run the sweep first, without the flag',
  })
}

function inputOf(flags: SweepFlags) {
  const { seed, ...overrides } = overridesOf(flags)
  const { axis: axes = [], seeds, profile, jitter, timeMax, eventsMax, verify } = flags
  const given = Object.entries({ ...overrides, profile, jitter })
  const options: SweepOptions = {
    verify,
    ...(timeMax !== undefined && { timeMaxNs: timeMax * NS_PER_MS }),
    ...(eventsMax !== undefined && { eventsMax }),
  }
  const set = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as AxisValues
  return { axes, seeds, seed, options, set }
}

function contentIfThere(
  out: string | undefined,
  header: JournalHeader,
): JournalContent | undefined {
  if (out === undefined || !existsSync(out)) return undefined
  const content = readJournalContent(out)
  checkSameSweep(out, content.header, header)
  return content
}

/** The list of --dry-run and --explain. */
async function listPoints(
  { flags, sweep, plan }: Job,
  content: JournalContent | undefined,
): Promise<void> {
  const states = statesOf(plan, content)
  const threads = threadsFor(plan, missingOf(states), flags.jobs)
  const { planLines, planDocument } = await import('../report/sweep/plan.ts')
  const list = { sweep, plan, states, threads, explains: flags.explain === true }
  if (flags.json === true) return printParts(jsonParts(planDocument(list)))
  await printParts(planLines(list))
}

async function runMissing(
  job: Job,
  journal: JournalFile,
  early: EarlyThreads | undefined,
): Promise<void> {
  const { flags, plan, header } = job
  const states = statesOf(plan, journal.content)
  if (flags.explain === true && flags.json !== true) await listPoints(job, journal.content)
  const { tornBytes } = journal.content
  if (tornBytes > 0)
    tell(`${flags.out}: the last line is not whole: its ${tornBytes} bytes are cut off`)
  journal.cut()
  if (needsHeader(journal.content.header, header)) journal.append(headerLine(header))
  const threads = threadsFor(plan, missingOf(states), flags.jobs)
  const outcome = await watched(flags.quiet === true, (watch) =>
    runPoints({ plan, states, threads, journal, early }, watch),
  )
  if (outcome.failure !== undefined) {
    tell(`${outcome.run} points were finished before that, and are kept`)
    throw outcome.failure
  }
  const summary = summaryOf(
    job.sweep,
    states,
    outcome,
    flags.out ?? '',
    shellCommand(job.reproduce),
  )
  process.exitCode = outcome.isInterrupted ? EXIT_INTERRUPTED : exitCodeOfErrors(summary.failures)
  if (outcome.isInterrupted)
    tell(
      `interrupted: ${summary.points - summary.missing} of ${summary.points} points are in ${flags.out}; the same command does the rest`,
    )
  if (flags.json === true) return printParts(jsonParts(summary))
  if (flags.quiet === true) return
  const { summaryLines } = await import('../report/sweep/summary.ts')
  await printLines(summaryLines(summary, job.sweep, job.reproduce))
}

async function verifyJournal(
  { flags, plan }: Job,
  journal: JournalFile,
  wanted: number,
): Promise<void> {
  const states = statesOf(plan, journal.content)
  const reused = states.flatMap((state, i) => (state.reused === undefined ? [] : [i]))
  const threads = threadsFor(plan, reused.slice(0, wanted), flags.jobs)
  const check = (watch: Watch) => verifyPoints({ plan, states, threads, journal }, wanted, watch)
  const { checked, different, isInterrupted } = await watched(flags.quiet === true, check)
  for (const { point, key } of different)
    tell(
      `error: ${JSON.stringify(point)} gave other bytes than the line of ${key.slice(0, 12)} has`,
    )
  process.exitCode = isInterrupted ? EXIT_INTERRUPTED : different.length > 0 ? EXIT_VIOLATED : 0
  if (flags.json === true) await printParts(jsonParts({ checked, different, isInterrupted }))
  else if (flags.quiet !== true)
    await printLines([
      `${checked - different.length} of ${checked} points gave the same bytes again`,
    ])
}
