/**
 * `mmgather sweep`: the flags of a sweep, and the help that explains them. What it does is in `sweep-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { fileName } from '../flags.ts'
import { virtualOptions } from './engine-options.ts'
import { DEFAULT_SCENARIO, number, scenarioOptions } from './scenario-options.ts'

const HELP = `
SCENARIO is a preset, a scenario file, or a sweep file. KEY is a flag of the
scenario or the machine without its dashes, or strategy, profile, jitter. VALUES
are separated by commas; 1,2,4..64 goes on as 1,2,4 do, 0..90+10 and 1..64*2 say
how. Axes make a grid; linked keys change together: cpus+processes=1..64*2, or
with a value for each, strategy+order=linux-6.5-laf:0,range-v1:3.

FILE gets a line for each finished point. The same command, run again, does what
is missing; with more values or seeds it does those as well.

Examples:
  $ mmgather sweep exit-order0 --axis cpus+processes=1..64*2 -o cpus.jsonl
  $ mmgather sweep my.yaml --axis cpus=1,2,4..256 \\
      --axis swapClusterMax=1,8,32,128 --seeds 3 -o scm.jsonl --dry-run
  $ mmgather report scm.jsonl

Ctrl-C keeps the points that were finished.`

export function addSweepCommand(program: Command): void {
  const base = program
    .command('sweep')
    .summary('run a scenario for every combination of values')
    .description(
      'Runs a scenario in virtual time for every combination of the values of its axes, on all ' +
        'cores, and keeps the figures of each point in a journal.',
    )
    .argument('[SCENARIO]', 'preset, scenario file or sweep file', DEFAULT_SCENARIO)
    .optionsGroup('Sweep:')
    .option('--axis <KEY=VALUES>', 'vary KEY; once for each axis', gathered)
    .addOption(number('--seeds', 'points of each combination, a seed each', 'seeds'))
    .addOption(
      new Option('-o, --out <FILE>', 'the journal, JSON lines').argParser(fileName('--out')),
    )
    .addOption(number('--jobs', 'points at a time, default: cores', 'jobs'))
    .option('--dry-run', 'list the points with their estimated time and memory')
    .option('--explain', 'say for each point why it is reused or run')
    .addOption(number('--verify-journal', 're-run N points of FILE, compare the bytes', 'points'))
    .optionsGroup('Scenario:')
    .option('--strategy <ID>', 'see mmgather strategies; or a file of your own')
  const command = virtualOptions(scenarioOptions(base))
    .option('--no-verify', 'do not check the invariants after each run')
    .optionsGroup('Output:')
    .option('--json', 'print the summary, or the list of points, as JSON')
    .option('-q, --quiet', 'no summary, no progress')
    .addHelpText('after', HELP)
  command.action(async (scenario, options) => {
    // these load the threads and the model, for which the help must not wait
    const { startEarly } = await import('../sweep/early-pool.ts')
    const early = await startEarly(options)
    try {
      const { sweepJob } = await import('./sweep-job.ts')
      await sweepJob(scenario, options, command, early)
    } finally {
      await early?.threads.close()
    }
  })
}

function gathered(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text]
}
