/**
 * What `mmgather check` does: finds the worlds and strategies, checks one after the other, and prints what each has come to.
 *
 * A rule that is known to break in a world under a strategy (a finding) is printed, and is no failure.
 */
import process from 'node:process'
import type { CheckReport, CheckScheduler, CheckWorld, Scenario } from '@mmgather/core'
import type { CheckThreads, StrategyFile } from '@mmgather/workers'
import { UsageError } from '../errors.ts'
import { EXIT_BOUNDS, EXIT_DEADLOCK, EXIT_INTERRUPTED, EXIT_VIOLATED } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile } from '../io/output-file.ts'
import { printLines, printParts } from '../io/stdout.ts'
import { tell, watched, writeDocument } from './outputs.ts'

export interface CheckFlags {
  all?: true | undefined
  generate?: number | undefined
  list?: true | undefined
  rules?: true | undefined
  strategy?: string | undefined
  scheduler: CheckScheduler
  preemptions?: number | undefined
  executions?: number | undefined
  steps?: number | undefined
  time?: number | undefined
  samples?: number | undefined
  depth?: number | undefined
  seed?: number | undefined
  plainValues?: true | undefined
  allRules?: true | undefined
  races: boolean
  jobs?: number | undefined
  everyStep?: true | undefined
  json?: true | undefined
  out?: string | undefined
  quiet?: true | undefined
}

/** One thing to check. */
interface Case {
  readonly scenario: Scenario
  readonly world?: CheckWorld | undefined
  readonly strategyFile?: StrategyFile | undefined
}

interface Checked extends Case {
  readonly report: CheckReport
  readonly ms: number
  /** The rule that is known to break here; '': none. */
  readonly finding: string
}

export async function checkJob(name: string | undefined, flags: CheckFlags): Promise<void> {
  if (flags.list === true) return listWorlds()
  if (flags.rules === true) return listRules()
  const cases = await casesOf(name, flags)
  const out = flags.out === undefined ? undefined : openOutputFile('--out', flags.out, [])
  const checked: Checked[] = []
  const isShown = flags.json !== true && flags.quiet !== true
  const { openCheckThreads } = await import('@mmgather/workers')
  const threads = openCheckThreads(flags.jobs)
  try {
    await watched(flags.quiet === true, async ({ signal, onProgress }) => {
      for (const [i, each] of cases.entries()) {
        onProgress(i / cases.length, each.scenario.name)
        const report = await checkOne(threads, each, flags, signal)
        const done = { ...each, ...report, finding: await findingIn(each) }
        checked.push(done)
        if (isShown) await show(done, flags, cases.length > 1)
        if (signal.aborted) break
      }
    })
  } catch (error) {
    out?.discard()
    throw error
  } finally {
    await threads.close()
  }
  const reports = checked.map(({ report }) => report)
  const document = cases.length === 1 && reports.length === 1 ? reports[0] : reports
  const isWritten = await writeDocument(out, document)
  if (flags.json === true || !isWritten) await printParts(jsonParts(document))
  const interrupted = checked.length < cases.length
  process.exitCode = interrupted ? EXIT_INTERRUPTED : Math.max(0, ...checked.map(exitCodeOfCheck))
}

async function casesOf(name: string | undefined, flags: CheckFlags): Promise<Case[]> {
  const { CHECK_WORLDS, checkWorldScenario, findCheckWorld, generateCheckWorld, STRATEGIES } =
    await import('@mmgather/core')
  const found = name === undefined ? undefined : findCheckWorld(name)
  if (flags.all === true && name !== undefined)
    throw new UsageError({
      field: '--all',
      problem: 'checks the whole catalogue: name no world with it',
      value: name,
    })
  if (flags.generate !== undefined && (name !== undefined || flags.all === true))
    throw new UsageError({
      field: '--generate',
      problem: 'makes the worlds that are checked: use it without WORLD and --all',
      value: String(flags.generate),
    })
  if (name === undefined && flags.all !== true && flags.generate === undefined)
    throw new UsageError({
      field: 'WORLD',
      problem: 'is missing',
      hint: 'name one (see mmgather check --list), or use --all or --generate',
    })
  const { loadScenario } = await import('../load-scenario.ts')
  if (name !== undefined && found === undefined) {
    const { scenario, strategyFile } = await loadScenario(
      name,
      { strategy: flags.strategy },
      () => '--strategy',
    )
    return [{ scenario, strategyFile }]
  }
  const { generate, seed = 1 } = flags
  const made = Array.from({ length: generate ?? 0 }, (_, i) => generateCheckWorld(seed + i))
  const catalogue = generate === undefined ? CHECK_WORLDS : made
  const worlds = found === undefined ? catalogue : [found]
  if (flags.strategy === undefined) {
    const ids = STRATEGIES.map(({ strategy }) => strategy.id)
    return worlds.flatMap((world) =>
      ids.map((id) => ({ world, scenario: checkWorldScenario(world, id) })),
    )
  }
  const { findStrategyFlag } = await import('../load-scenario.ts')
  const strategyFile = await findStrategyFlag(flags.strategy)
  const id = strategyFile === undefined ? flags.strategy : undefined
  return worlds.map((world) => {
    const scenario = checkWorldScenario(world, id ?? 'linux-6.5')
    return strategyFile === undefined
      ? { world, scenario }
      : { scenario: { ...scenario, strategy: strategyFile.id }, strategyFile }
  })
}

async function checkOne(
  threads: CheckThreads,
  { scenario, world, strategyFile }: Case,
  flags: CheckFlags,
  signal: AbortSignal,
): Promise<{ report: CheckReport; ms: number }> {
  const start = performance.now()
  const report = await threads.check(scenario, {
    signal,
    scheduler: flags.scheduler,
    races: flags.races,
    ...(world && { world: world.name }),
    ...(strategyFile && { strategyFile }),
    ...(flags.allRules === true && { allRules: true }),
    ...(flags.plainValues === true && { values: 'plain' as const }),
    ...(flags.preemptions !== undefined && { preemptionsMax: flags.preemptions }),
    ...(flags.executions !== undefined && { executionsMax: flags.executions }),
    ...(flags.steps !== undefined && { stepsMax: flags.steps }),
    ...(flags.time !== undefined && { timeMaxMs: flags.time * 1000 }),
    ...(flags.samples !== undefined && { samples: flags.samples }),
    ...(flags.depth !== undefined && { depth: flags.depth }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
  })
  return { report, ms: performance.now() - start }
}

async function findingIn({ world, scenario }: Case): Promise<string> {
  if (world === undefined) return ''
  const { findingOf } = await import('@mmgather/core')
  return findingOf(world, scenario.strategy)
}

function exitCodeOfCheck({ report, finding }: Checked): number {
  const { verdict } = report
  if (verdict.kind === 'bounded')
    return verdict.by === 'interrupted' ? EXIT_INTERRUPTED : boundsCode(verdict.by)
  if (verdict.kind !== 'broken') return 0
  const unknown = (verdict.rules ?? [verdict.rule]).filter((rule) => rule !== finding)
  if (unknown.length === 0) return 0
  return unknown.every((rule) => rule === 'deadlock') ? EXIT_DEADLOCK : EXIT_VIOLATED
}

/** A bound that was asked for, and of which all was explored, is no failure. */
function boundsCode(by: string): number {
  return /^at most \d+ preemptions$/.test(by) ? 0 : EXIT_BOUNDS
}

async function show(checked: Checked, flags: CheckFlags, isOneOfMany: boolean): Promise<void> {
  const { checkLines } = await import('../report/check.ts')
  const { paintFor } = await import('../report/paint.ts')
  const { report, ms, finding } = checked
  const options = {
    ms,
    finding,
    everyStep: flags.everyStep === true,
    isOneOfMany,
  }
  await printLines(checkLines(report, options, paintFor(process.stdout)))
  if (report.verdict.kind === 'bounded' && report.verdict.by === 'interrupted') tell('interrupted')
}

async function listWorlds(): Promise<void> {
  const { CHECK_WORLDS } = await import('@mmgather/core')
  const { columns } = await import('../report/columns.ts')
  await printLines(
    columns(
      CHECK_WORLDS.map(({ name, summary }) => [name, summary]),
      ['left', 'left'],
    ),
  )
}

async function listRules(): Promise<void> {
  const { CHECK_RULES } = await import('@mmgather/core')
  const { columns } = await import('../report/columns.ts')
  const rows = CHECK_RULES.map(({ rule, summary, source }) => [rule, source, summary])
  await printLines(columns(rows, ['left', 'left', 'left']))
}
