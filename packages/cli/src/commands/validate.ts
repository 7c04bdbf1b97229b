/**
 * `mmgather validate`: runs the fidelity suite and prints what mmgather counts beside what it must count.
 */
import { setImmediate } from 'node:timers/promises'
import process from 'node:process'
import { type Command, Option } from '@commander-js/extra-typings'
import type { FidelityReport, FidelityRow, FidelitySelection } from '@mmgather/core'
import { UsageError } from '../errors.ts'
import { EXIT_DONE, EXIT_INTERRUPTED, EXIT_VIOLATED } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { printLines, printParts } from '../io/stdout.ts'
import { tell, type Watch, watched } from './outputs.ts'

const HELP = `
Two parts: worked examples of the rules (G.2 and so on), each counter of each
strategy; and counts of real Linux 6.1 and 6.12, each function of each workload.
Where the repeats of a real count did not agree, it is their median, and a
difference is no failure. docs/fidelity.md says what stands for what.

Examples:
  $ mmgather validate
  $ mmgather validate --kernel 6.12 --workload W5/munmap
  $ mmgather validate --kernel range-v1 --all

Exit code 3: a count differs that must be equal.`

interface ValidateFlags extends FidelitySelection {
  all?: true | undefined
  json?: true | undefined
}

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .summary('compare the counts with real kernels')
    .description(
      'Runs the fidelity suite and prints, for each kernel, workload and function, how often it ' +
        'ran on the real kernel, how often here, and the difference.',
    )
    .option('--kernel <NAME>', 'only this: 6.1, 6.12 or a strategy')
    .option('--workload <NAME>', 'only this workload or worked example')
    .addOption(new Option('--all', 'each counter of the worked examples too'))
    .option('--json', 'print all rows as one JSON document')
    .addHelpText('after', HELP)
    .action((flags) => validateJob(flags))
}

async function validateJob(flags: ValidateFlags): Promise<void> {
  await checkNames(flags)
  const { rows, isComplete } = await watched(false, (watch) => runJobs(flags, watch))
  const { fidelityReport } = await import('@mmgather/core')
  const report = fidelityReport(rows)
  process.exitCode = exitCode(report, isComplete)
  if (!isComplete) tell('interrupted: the rows are those of the runs that were finished')
  if (flags.json === true) return printParts(jsonParts(report))
  const { fidelityLines } = await import('../report/fidelity.ts')
  const { paintFor } = await import('../report/paint.ts')
  await printLines(fidelityLines(report, flags.all === true, paintFor(process.stdout)))
}

function exitCode({ differences }: FidelityReport, isComplete: boolean): number {
  if (!isComplete) return EXIT_INTERRUPTED
  return differences > 0 ? EXIT_VIOLATED : EXIT_DONE
}

async function runJobs(
  selection: FidelitySelection,
  { signal, onProgress }: Watch,
): Promise<{ rows: FidelityRow[]; isComplete: boolean }> {
  const { fidelityJobs } = await import('@mmgather/core')
  const jobs = fidelityJobs(selection)
  const rows: FidelityRow[] = []
  for (const [i, job] of jobs.entries()) {
    onProgress(i / jobs.length, `${job.kernel} ${job.workload}`)
    // signals and the progress bar get their turn
    await setImmediate()
    if (signal.aborted) return { rows, isComplete: false }
    rows.push(...job.run())
  }
  return { rows, isComplete: true }
}

async function checkNames({ kernel, workload }: FidelitySelection): Promise<void> {
  const { fidelityJobs, fidelityKernels, fidelityWorkloads } = await import('@mmgather/core')
  checkName('--kernel', kernel, fidelityKernels())
  checkName('--workload', workload, fidelityWorkloads())
  if (fidelityJobs({ kernel, workload }).length > 0) return
  const of = fidelityJobs({ kernel }).map((job) => job.workload)
  throw new UsageError({
    field: '--workload',
    problem: `there is no such workload of kernel ${kernel}`,
    value: workload ?? '',
    allowed: [...new Set(of)].join(', '),
  })
}

function checkName(field: string, name: string | undefined, known: readonly string[]): void {
  if (name === undefined || known.includes(name)) return
  throw new UsageError({
    field,
    problem: 'is not one of the values',
    value: name,
    allowed: `one of ${known.join(', ')}`,
    near: { written: name, known },
  })
}
