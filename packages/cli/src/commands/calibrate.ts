/**
 * `mmgather calibrate`: what operations cost on this machine, as the profile `host`.
 *
 * Invariants: the file is opened before anything is measured; an interrupted measurement leaves no thread and no file
 * behind, and exits with 130.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { type Command, Option } from '@commander-js/extra-typings'
import type { Calibration } from '@mmgather/workers'
import { UsageError } from '../errors.ts'
import { EXIT_INTERRUPTED } from '../exit-code.ts'
import { fileName } from '../flags.ts'
import { catchInterrupts } from '../io/interrupts.ts'
import { jsonParts } from '../io/json-text.ts'
import { openOutputFile, type OutputFile } from '../io/output-file.ts'
import { startProgress } from '../io/progress.ts'
import { printLines, printParts } from '../io/stdout.ts'
import { systemErrorWords } from '../io/system-error.ts'

interface Flags {
  out?: string
  quick?: true
  quiet?: true
}

const HELP = `
Measured: the clock, plain and locked accesses, memory, lines between CPUs, a
lock hand-over. The rest is that of the nearest shipped profile, and says so.
Let nothing else run meanwhile.

Without -o the profile goes to $XDG_CONFIG_HOME/mmgather/host.json, or else
~/.config/mmgather/host.json, where --profile host finds it.

Examples:
  $ mmgather calibrate
  $ mmgather calibrate -o build-server.json`

export function addCalibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .summary('measure this machine and write its profile')
    .description(
      'Measures what operations cost on this machine and writes them as a machine profile, in ' +
        'about ten seconds.',
    )
    .addOption(
      new Option('-o, --out <FILE>', 'the profile; - for stdout, in place of the table').argParser(
        fileName('--out'),
      ),
    )
    .option('--quick', 'rougher, in a second')
    .option('-q, --quiet', 'no table, no progress')
    .addHelpText('after', HELP)
    .action((flags) => calibrateJob(flags))
}

async function calibrateJob(flags: Flags): Promise<void> {
  const interrupts = catchInterrupts()
  try {
    await calibrateUntil(interrupts.signal, flags)
  } finally {
    interrupts.stop()
  }
}

async function calibrateUntil(signal: AbortSignal, flags: Flags): Promise<void> {
  const isStdout = flags.out === '-'
  const path = flags.out ?? (await defaultPath())
  const out = isStdout ? undefined : openOutputFile('--out', path)
  try {
    const calibration = await measure(signal, flags)
    if (calibration !== undefined) return await handOut(calibration, flags, path, out)
    out?.discard()
    process.exitCode = EXIT_INTERRUPTED
    process.stderr.write('interrupted: no profile is written\n')
  } catch (error) {
    out?.discard()
    throw error
  }
}

async function handOut(
  calibration: Calibration,
  { quiet }: Flags,
  path: string,
  out: OutputFile | undefined,
): Promise<void> {
  const { hostProfile, nearestProfile } = await import('@mmgather/workers')
  const nearest = nearestProfile(calibration, process)
  const profile = hostProfile(calibration, nearest)
  if (out === undefined) {
    await printParts(jsonParts(profile))
    if (quiet === true) return
    for (const note of calibration.notes) process.stderr.write(`note: ${note}\n`)
    return
  }
  out.write(jsonParts(profile))
  if (quiet === true) return
  const { calibrationLines } = await import('../report/calibration.ts')
  await printLines(calibrationLines(calibration, profile, nearest.name))
  process.stderr.write(`profile written to ${path}\n`)
}

/** Undefined: interrupted. */
async function measure(
  signal: AbortSignal,
  { quick, quiet }: Flags,
): Promise<Calibration | undefined> {
  const { calibrate } = await import('@mmgather/workers')
  const progress = startProgress(quiet !== true)
  try {
    return await calibrate({
      quick: quick === true,
      signal,
      onProgress: (fraction, what) => progress.update(fraction, what),
    })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    progress.stop()
  }
}

/** The host's profile; its folder is made if need be. */
async function defaultPath(): Promise<string> {
  const { hostProfilePath } = await import('../load-profile.ts')
  const path = hostProfilePath()
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (error) {
    const words = systemErrorWords(error)
    if (words === undefined) throw error
    throw new UsageError({ field: dirname(path), problem: words, hint: 'name a file with --out' })
  }
  return path
}
