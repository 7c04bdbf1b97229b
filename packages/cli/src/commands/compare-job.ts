/**
 * What `mmgather compare` does: runs the scenario under each strategy and hands out the comparison.
 *
 * Invariants: everything that can be refused is refused before the first run; what was finished is printed, whatever
 * happens after. Virtual runs may take place at the same time, which changes nothing in their reports.
 */
import { availableParallelism } from 'node:os'
import process from 'node:process'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Comparison, RunReport } from '@mmgather/core'
import { chooseEngine, type Engine } from '../engine.ts'
import { UsageError } from '../errors.ts'
import { EXIT_DONE, EXIT_INTERRUPTED, exitCodeOf } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile } from '../io/output-file.ts'
import { printLines, printParts } from '../io/stdout.ts'
import type { LoadedScenario } from '../load-scenario.ts'
import { flagNames, reproduceWords } from '../reproduce.ts'
import { shellCommand } from '../shell.ts'
import type { EngineFlags } from './engine-options.ts'
import { tell, tellOutcome, type Watch, watched, writeDocument } from './outputs.ts'
import { overridesOf } from './overrides.ts'
import type { ScenarioFlags } from './scenario-options.ts'

/** Runs without --runs. */
const RUNS = { live: 5, virtual: 3 } as const
/** Machines that are larger together run one after the other. */
const WORDS_MAX = 2 ** 28

export interface CompareFlags extends ScenarioFlags, EngineFlags {
  strategies: string[]
  seeds?: number
  all?: true | undefined
  json?: true | undefined
  out?: string | undefined
  quiet?: true | undefined
}

export async function compareJob(
  name: string,
  flags: CompareFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  const { strategies, out: path, json, quiet, all } = flags
  const engine = await chooseEngine(withSeeds(flags), command, RUNS)
  const { loadScenarios } = await import('../load-scenario.ts')
  const loaded = await loadScenarios(name, overridesOf(flags), strategies, flagNames(command))
  const reproduce = reproduceWords(command, name)
  const inputs = [
    { path: loaded.path, is: 'the scenario file' },
    { path: engine.profilePath, is: 'the profile' },
  ]
  const out = path === undefined ? undefined : openOutputFile('--out', path, inputs)
  try {
    const reports = await watched(quiet === true, (watch) =>
      runAll(loaded.scenarios, engine, watch, shellCommand(reproduce)),
    )
    process.exitCode = exitCodeOfAll(reports)
    const { compareReports } = await import('@mmgather/core')
    const comparison = compareReports(reports, shellCommand(reproduce))
    tellEndings(reports, comparison, flags)
    const isWritten = await writeDocument(out, comparison)
    if (json === true || !isWritten) await printParts(jsonParts(comparison))
    else if (quiet !== true) await printTable(comparison, all === true, reproduce)
    if (isWritten && path !== undefined && quiet !== true) tell(`comparison written to ${path}`)
  } catch (error) {
    out?.discard()
    throw error
  }
}

/** --seeds and --runs are the same. */
function withSeeds(flags: CompareFlags): EngineFlags {
  const { seeds } = flags
  if (seeds === undefined) return flags
  if (flags.runs === undefined) return { ...flags, runs: seeds }
  throw new UsageError({
    field: '--seeds',
    problem: 'is the same as --runs, and both are given',
    hint: 'leave one of them out',
  })
}

/** The reports, in the order of the scenarios, whichever is finished first. */
async function runAll(
  scenarios: readonly LoadedScenario[],
  engine: Engine,
  watch: Watch,
  reproduce: string,
): Promise<RunReport[]> {
  const reports: RunReport[] = []
  const fractions = scenarios.map(() => 0)
  const failure = new AbortController()
  const signal = AbortSignal.any([watch.signal, failure.signal])
  const runOne = async (i: number): Promise<void> => {
    const { scenario, strategyFile } = scenarios[i] as LoadedScenario
    reports[i] = await engine.run(scenario, {
      reproduce,
      signal,
      strategyFile,
      samples: true,
      onProgress: (fraction, what) => {
        fractions[i] = fraction
        const done = fractions.reduce((sum, each) => sum + each, 0) / fractions.length
        watch.onProgress(done, `${scenario.strategy}, ${what}`)
      },
    })
    fractions[i] = 1
  }
  let next = 0
  const runRest = async (): Promise<void> => {
    while (next < scenarios.length) await runOne(next++)
  }
  const lanes = Array.from({ length: await lanesFor(scenarios, engine) }, runRest)
  try {
    await Promise.all(lanes)
  } catch (error) {
    failure.abort()
    await Promise.allSettled(lanes)
    throw error
  }
  return reports
}

/** Runs that take place at the same time: live ones would wait for each other's cores. */
async function lanesFor(scenarios: readonly LoadedScenario[], engine: Engine): Promise<number> {
  if (engine.name === 'live') return 1
  const { scenarioLimits } = await import('@mmgather/core')
  const words = scenarios.map(
    ({ scenario, strategyFile }) => scenarioLimits(scenario, strategyFile?.kernel).totalWords,
  )
  const largest = Math.max(...words)
  const fit = Math.max(1, Math.floor(WORDS_MAX / largest))
  return Math.min(scenarios.length, availableParallelism(), fit)
}

/** Interrupted if any run was, else that of the first that was not completed. */
function exitCodeOfAll(reports: readonly RunReport[]): number {
  const codes = reports.map(({ outcome }) => exitCodeOf(outcome))
  if (codes.includes(EXIT_INTERRUPTED)) return EXIT_INTERRUPTED
  return codes.find((code) => code !== EXIT_DONE) ?? EXIT_DONE
}

function tellEndings(
  reports: readonly RunReport[],
  { warnings }: Comparison,
  { json, quiet }: CompareFlags,
): void {
  if (json === true && quiet !== true) for (const warning of warnings) tell(`warning: ${warning}`)
  for (const report of reports) tellOutcome(report, `${report.strategy}: `)
}

async function printTable(
  comparison: Comparison,
  showsAll: boolean,
  reproduce: readonly string[],
): Promise<void> {
  const { comparisonLines } = await import('../report/comparison.ts')
  const { paintFor } = await import('../report/paint.ts')
  await printLines(comparisonLines({ comparison, showsAll, reproduce }, paintFor(process.stdout)))
}
