/**
 * What `mmgather run` does: loads the scenario, opens the output, runs, and hands out the report.
 *
 * Invariants: everything that can be refused is refused before the run starts; once a run has figures they are printed,
 * whatever fails after it. If FILE cannot be written after all, stdout gets the JSON document in place of the table.
 */
import process from 'node:process'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { RunReport, Scenario, ScenarioOverrides } from '@mmgather/core'
import type { KernelCode } from '@mmgather/workers'
import { reportError } from '../errors.ts'
import { exitCodeOf } from '../exit-code.ts'
import { catchInterrupts } from '../io/interrupts.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile, type OutputFile } from '../io/output-file.ts'
import { startProgress } from '../io/progress.ts'
import { printLines, printParts } from '../io/stdout.ts'
import type { ReportText } from '../report/text.ts'
import { reproduceWords } from '../reproduce.ts'
import { shellCommand } from '../shell.ts'

export interface RunFlags extends ScenarioOverrides {
  engine: 'live'
  runs: number
  warmup: number
  verify: boolean
  code?: KernelCode | undefined
  json?: true | undefined
  out?: string | undefined
  quiet?: true | undefined
}

export async function runJob(
  name: string,
  flags: RunFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  const { engine, runs, warmup, verify, code, json, out: path, quiet, ...overrides } = flags
  const { loadScenario } = await import('../load-scenario.ts')
  const flagOf = (key: string): string | undefined =>
    command.options.find((option) => option.attributeName() === key)?.long ?? undefined
  const loaded = await loadScenario(name, overrides, flagOf)
  const out = path === undefined ? undefined : openOutputFile('--out', path, loaded.path)
  const reproduce = reproduceWords(command, name)
  try {
    const how: RunOptions = {
      runs,
      warmup,
      verify,
      ...(code && { code }),
      reproduce: shellCommand(reproduce),
    }
    const report = await ENGINES[engine](loaded.scenario, how, quiet !== true)
    process.exitCode = exitCodeOf(report.outcome)
    tellOutcome(report, flags)
    const isWritten = await writeOut(out, report)
    if (json === true || !isWritten) await printParts(jsonParts(report))
    else if (quiet !== true) await printTable({ report, warmup, isVerified: verify, reproduce })
    if (isWritten && path !== undefined && quiet !== true) tell(`report written to ${path}`)
  } catch (error) {
    out?.discard()
    throw error
  }
}

interface RunOptions {
  runs: number
  warmup: number
  verify: boolean
  code?: KernelCode
  reproduce: string
}

const ENGINES = { live: runOnThreads }

async function runOnThreads(
  scenario: Scenario,
  options: RunOptions,
  showsProgress: boolean,
): Promise<RunReport> {
  const progress = startProgress(showsProgress)
  const interrupts = catchInterrupts()
  interrupts.signal.addEventListener('abort', () => progress.stop())
  try {
    const { runLive } = await import('@mmgather/workers')
    return await runLive(scenario, {
      ...options,
      signal: interrupts.signal,
      onProgress: ({ phase, run, runs, fraction }) => {
        progress.update(fraction, phase === 'run' ? `run ${run} of ${runs}` : 'warm-up')
      },
    })
  } finally {
    progress.stop()
    interrupts.stop()
  }
}

const LOST_CPU =
  'Unless the thread was killed or the system is overloaded, this is a bug of mmgather: please report it.'

/** What stderr is told: how a run ended that was not simply completed, and the warnings that the table would show. */
function tellOutcome({ outcome, runs, warnings, reproduce }: RunReport, flags: RunFlags): void {
  if (flags.json === true && flags.quiet !== true) {
    for (const warning of warnings) tell(`warning: ${warning}`)
  }
  switch (outcome.kind) {
    case 'completed':
      return
    case 'interrupted':
      return tell(`interrupted: ${outcome.runsCompleted} of ${runs} runs finished`)
    case 'violated': {
      const [first] = outcome.violations
      tell(`error: violated: ${first?.rule}: ${first?.message}`)
      return tell(`reproduce: ${reproduce}`)
    }
    case 'deadlock':
      tell(`error: deadlock: ${outcome.waits[0]}`)
      return tell(`reproduce: ${reproduce}`)
    case 'bounds':
      tell(`error: given up: ${outcome.message}`)
      return tell(`reproduce: ${reproduce}`)
    case 'failed':
      tell(`internal error: ${outcome.message}`)
      return tell(`${LOST_CPU}\nreproduce: ${reproduce}`)
  }
}

/** False: the report is not in the file that it was to go to. */
async function writeOut(out: OutputFile | undefined, report: RunReport): Promise<boolean> {
  if (out === undefined) return true
  try {
    out.write(jsonParts(report))
    return true
  } catch (error) {
    const code = await reportError(error, [])
    process.exitCode = process.exitCode || code
    tell('the JSON report is printed on stdout instead')
    return false
  }
}

async function printTable(text: ReportText): Promise<void> {
  const { reportLines } = await import('../report/text.ts')
  const { paintFor } = await import('../report/paint.ts')
  await printLines(reportLines(text, paintFor(process.stdout)))
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
