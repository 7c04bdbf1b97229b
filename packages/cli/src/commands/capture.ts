/**
 * `mmgather capture`: running processes as a scenario file. The file goes to FILE or stdout, what was read, inferred
 * and left out to stderr as well.
 */
import process from 'node:process'
import { type Command, Option } from '@commander-js/extra-typings'
import type { Capture, CaptureStats } from '../capture/capture.ts'
import type { CaptureOptions } from '../capture/options.ts'
import { UsageError } from '../errors.ts'
import { BOUNDS, fileName, wholeNumber } from '../flags.ts'
import { openOutputFile } from '../io/output-file.ts'
import { printParts } from '../io/stdout.ts'
import { countText } from '../report/units.ts'

interface Flags {
  pid?: number[]
  cgroup?: string
  anonymize?: true
  maxPages?: number
  out: string
}

const HELP = `
Examples:
  $ sudo mmgather capture --pid 4711 -o web.yaml
  $ sudo mmgather capture --cgroup system.slice/cron.service --anonymize -o -
  $ mmgather run web.yaml

Without root folios are inferred instead of read; the file says what and how.`

export function addCaptureCommand(program: Command): void {
  const pid = wholeNumber('--pid', BOUNDS.pid)
  program
    .command('capture')
    .summary('write the memory of running processes as a scenario file')
    .description(
      'Writes the memory layout of running processes as a scenario file: VMAs, present pages, folios, ' +
        'swap entries, sharing. Only reads /proc; contents of memory are never read.',
    )
    .addOption(
      new Option('--pid <N...>', 'a process, or several').argParser(
        (text: string, others: number[] | undefined): number[] => [...(others ?? []), pid(text)],
      ),
    )
    .option('--cgroup <PATH>', 'all processes of a cgroup and its children')
    .option('--anonymize', 'leave out names and paths, and randomised addresses')
    .addOption(
      new Option(
        '--max-pages <N>',
        'refuse more present pages than this (default: 4194304)',
      ).argParser(wholeNumber('--max-pages', BOUNDS.maxPages)),
    )
    .addOption(
      new Option('-o, --out <FILE>', 'the scenario file; - for stdout')
        .argParser(fileName('--out'))
        .makeOptionMandatory(),
    )
    .addHelpText('after', HELP)
    .action((flags) => capture(flags))
}

async function capture(flags: Flags): Promise<void> {
  const { pid = [], cgroup, anonymize = false, maxPages, out: path } = flags
  if (pid.length === 0 && cgroup === undefined) {
    throw new UsageError({
      field: 'capture',
      problem: 'nothing to capture',
      allowed: '--pid N, several of them, or --cgroup PATH',
    })
  }
  const options: CaptureOptions = { pids: pid, anonymize }
  if (cgroup !== undefined) options.cgroup = cgroup
  if (maxPages !== undefined) options.maxPages = maxPages
  const out = path === '-' ? undefined : openOutputFile('--out', path)
  const captured = await orDiscard(out, async () => {
    const { captureProcesses } = await import('../capture/capture.ts')
    return captureProcesses(options)
  })
  const { captureYamlLines } = await import('../capture/scenario-yaml.ts')
  if (out === undefined) await printParts(captureYamlLines(captured))
  else out.write(captureYamlLines(captured))
  tell(captured, path)
}

async function orDiscard<T>(
  out: { discard(): void } | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    out?.discard()
    throw error
  }
}

function tell({ notes, stats }: Capture, path: string): void {
  const lines = [...notes.map((note) => `note: ${note}`), summary(stats)]
  if (path !== '-') lines.push(`run it: mmgather run ${path.includes('/') ? path : `./${path}`}`)
  process.stderr.write(`${lines.join('\n')}\n`)
}

function summary(stats: CaptureStats): string {
  const parts = [
    [stats.processes, 'processes'],
    [stats.vmas, 'VMAs'],
    [stats.presentPages, 'present pages'],
    [stats.folioCount, `folios (${stats.folios})`],
    [stats.swapEntries, 'swap entries'],
  ] as const
  return `captured ${parts.map(([n, what]) => `${countText(n)} ${what}`).join(', ')}`
}
