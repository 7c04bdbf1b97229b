/**
 * What `mmgather run` does: loads the scenario, opens the output, runs, and hands out the report.
 *
 * Invariants: everything that can be refused is refused before the run starts; once a run has figures they are printed,
 * whatever fails after it. If FILE cannot be written after all, stdout gets the JSON document in place of the table.
 */
import process from 'node:process'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { ScenarioOverrides, TraceFormat } from '@mmgather/core'
import { chooseEngine, type Engine, type EngineRun } from '../engine.ts'
import { exitCodeOf } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile, type OutputFile } from '../io/output-file.ts'
import { printLines, printParts } from '../io/stdout.ts'
import type { ReportText } from '../report/text.ts'
import { flagNames, reproduceWords } from '../reproduce.ts'
import { shellCommand } from '../shell.ts'
import type { EngineFlags, EngineName } from './engine-options.ts'
import { tell, tellOutcome, watched, writeDocument, writeParts } from './outputs.ts'
import { overridesOf } from './overrides.ts'
import {
  checkTraceFlags,
  type EndedTrace,
  endTrace,
  sampledFileOf,
  traceFileOf,
} from './trace-output.ts'

/** Runs without --runs. */
const RUNS = { live: 5, virtual: 1 } as const
const RUNS_TRACED = { live: 1, virtual: 1 } as const

export interface RunFlags extends ScenarioOverrides, EngineFlags {
  functions?: true | undefined
  stacks?: string | undefined
  trace?: string | undefined
  traceFormat?: TraceFormat | undefined
  traceLimit?: number | undefined
  sampleUs?: number | undefined
  json?: true | undefined
  out?: string | undefined
  quiet?: true | undefined
}

export async function runJob(
  name: string,
  flags: RunFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  const engine = await chooseEngine(flags, command, flags.trace === undefined ? RUNS : RUNS_TRACED)
  checkTraceFlags(flags, engine.name, engine.runs)
  const { loadScenario } = await import('../load-scenario.ts')
  const { scenario, path, strategyFile } = await loadScenario(
    name,
    overridesOf(flags),
    flagNames(command),
  )
  const reproduce = reproduceWords(command, name)
  const files = openFiles(flags, path, engine)
  let traced: EndedTrace
  try {
    const report = await watched(flags.quiet === true, (watch) =>
      engine.run(scenario, {
        ...watch,
        reproduce: shellCommand(reproduce),
        strategyFile,
        functions: flags.functions === true || flags.stacks !== undefined,
        ...(files.trace && targetOf(engine.name, flags, files.trace)),
        onTraced: (trace) => (traced = trace),
      }),
    )
    process.exitCode = exitCodeOf(report.outcome)
    if (flags.json === true && flags.quiet !== true)
      for (const warning of report.warnings) tell(`warning: ${warning}`)
    tellOutcome(report)
    const { warmup, verify: isVerified } = engine
    const text = { report, warmup, isVerified, functions: flags.functions === true, reproduce }
    await handOut(text, flags, files)
    if (files.trace !== undefined) await endTrace(files.trace, traced, flags)
  } catch (error) {
    for (const file of Object.values(files)) file.discard()
    throw error
  }
}

function targetOf(
  engine: EngineName,
  flags: RunFlags,
  file: OutputFile,
): Pick<EngineRun, 'traceFile' | 'sampledFile'> {
  return engine === 'live'
    ? { sampledFile: sampledFileOf(flags, file) }
    : { traceFile: traceFileOf(flags, file) }
}

interface Files {
  out?: OutputFile
  stacks?: OutputFile
  trace?: OutputFile
}

function openFiles(
  { out, stacks, trace }: RunFlags,
  scenario: string | undefined,
  engine: Engine,
): Files {
  const inputs = [
    { path: scenario, is: 'the scenario file' },
    { path: engine.profilePath, is: 'the profile' },
  ]
  const files: Files = {}
  try {
    if (out !== undefined) files.out = openOutputFile('--out', out, inputs)
    const taken = [...inputs, { path: out, is: 'the file of --out' }]
    if (stacks !== undefined) files.stacks = openOutputFile('--stacks', stacks, taken)
    taken.push({ path: stacks, is: 'the file of --stacks' })
    if (trace !== undefined) files.trace = openOutputFile('--trace', trace, taken)
    return files
  } catch (error) {
    for (const file of Object.values(files)) file.discard()
    throw error
  }
}

async function handOut(
  text: ReportText,
  { out, stacks, json, quiet }: RunFlags,
  files: Files,
): Promise<void> {
  const { report } = text
  const isWritten = await writeDocument(files.out, report)
  if (json === true || !isWritten) await printParts(jsonParts(report))
  else if (quiet !== true) await printTable(text)
  if (isWritten && out !== undefined && quiet !== true) tell(`report written to ${out}`)
  if (files.stacks === undefined) return
  const lines = (report.virtual?.stacks ?? []).map((line) => `${line}\n`)
  if ((await writeParts(files.stacks, lines)) && quiet !== true) tell(`stacks written to ${stacks}`)
}

async function printTable(text: ReportText): Promise<void> {
  const { reportLines } = await import('../report/text.ts')
  const { paintFor } = await import('../report/paint.ts')
  await printLines(reportLines(text, paintFor(process.stdout)))
}
