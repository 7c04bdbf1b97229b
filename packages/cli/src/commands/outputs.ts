/**
 * What commands that run scenarios share around the run: progress and Ctrl-C during it, its outcome on stderr, and the
 * document that goes to a file after it.
 */
import process from 'node:process'
import type { RunReport } from '@mmgather/core'
import { reportError } from '../errors.ts'
import { catchInterrupts } from '../io/interrupts.ts'
import { jsonParts } from '../io/json-text.ts'
import type { OutputFile } from '../io/output-file.ts'
import { startProgress } from '../io/progress.ts'

export interface Watch {
  signal: AbortSignal
  onProgress: (fraction: number, what: string) => void
}

/** Does work that Ctrl-C can stop and that shows how far it is. */
export async function watched<T>(isQuiet: boolean, work: (watch: Watch) => Promise<T>): Promise<T> {
  const progress = startProgress(!isQuiet)
  const interrupts = catchInterrupts()
  interrupts.signal.addEventListener('abort', () => progress.stop())
  try {
    return await work({
      signal: interrupts.signal,
      onProgress: (fraction, what) => progress.update(fraction, what),
    })
  } finally {
    progress.stop()
    interrupts.stop()
  }
}

const LOST_CPU =
  'Unless the thread was killed or the system is overloaded, this is a bug of mmgather: please report it.'

const LOST_IN_FILE =
  'Look for the cause in the strategy file first: --engine virtual tells a deadlock from an endless loop.'

/** Tells stderr how a run ended that was not simply completed. @param what names it, if there are several. */
export function tellOutcome(report: RunReport, what = ''): void {
  const { outcome, runs, reproduce } = report
  switch (outcome.kind) {
    case 'completed':
      return
    case 'interrupted':
      return tell(`${what}interrupted: ${outcome.runsCompleted} of ${runs} runs finished`)
    case 'violated': {
      const [first] = outcome.violations
      tell(`error: ${what}violated: ${first?.rule}: ${first?.message}`)
      return tell(`reproduce: ${reproduce}`)
    }
    case 'deadlock':
      tell(`error: ${what}deadlock: ${outcome.waits[0]}`)
      return tell(`reproduce: ${reproduce}`)
    case 'bounds':
      tell(`error: ${what}given up: ${outcome.message}`)
      return tell(`reproduce: ${reproduce}`)
    case 'failed':
      if (report.strategyFile !== undefined) {
        tell(`error: ${what}failed: ${outcome.message}`)
        return tell(`${LOST_IN_FILE}\nreproduce: ${reproduce}`)
      }
      tell(`internal error: ${what}${outcome.message}`)
      return tell(`${LOST_CPU}\nreproduce: ${reproduce}`)
  }
}

/** False: the document is not in the file that it was to go to, and stdout has to take it. */
export async function writeDocument(
  out: OutputFile | undefined,
  document: unknown,
): Promise<boolean> {
  if (out === undefined) return true
  if (await writeParts(out, jsonParts(document))) return true
  tell('the JSON report is printed on stdout instead')
  return false
}

/** False: it failed, which stderr and the exit code say. */
export async function writeParts(out: OutputFile, parts: Iterable<string>): Promise<boolean> {
  return attempted(() => out.write(parts))
}

/** Does what a file may refuse. False: it did, which stderr and the exit code say. */
export async function attempted(work: () => void): Promise<boolean> {
  try {
    work()
    return true
  } catch (error) {
    const code = await reportError(error, [])
    process.exitCode = process.exitCode || code
    return false
  }
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
