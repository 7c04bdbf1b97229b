/**
 * `mmgather check`: the flags of a check, and the help that explains them. What it does is in `check-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { BOUNDS, fileName, oneOf, rangeText, wholeNumber } from '../flags.ts'
import { checkJob } from './check-job.ts'

/** The names of core's CHECK_SCHEDULERS: help must not load core (a test holds the two together). */
export const SCHEDULERS = [
  'dpor',
  'depth-first',
  'preemptions',
  'random',
  'pct',
  'round-robin',
] as const

const HELP = `
WORLD is a world of the catalogue (mmgather check --list), a preset, a scenario
file, or - for stdin. A world is checked under every strategy that ships unless
--strategy names one; a scenario under its own.

Examples:
  $ mmgather check --all
  $ mmgather check shared-order3 --strategy range-v1
  $ mmgather check my.yaml --strategy mine.ts --jobs 2
  $ mmgather check --generate 50 --seed 1 --time 10
  $ mmgather check my.yaml --scheduler pct --depth 3 --samples 100000

Exit code 3: a rule is broken that docs/findings.md does not list, 4: deadlock,
5: a bound on steps, executions or time was reached.`

/** A flag that takes a number. */
function count<const F extends string>(
  flag: F,
  bounds: readonly [number, number],
  text: string,
): Option<`${F} <N>`, undefined, undefined, number> {
  const option = new Option(`${flag} <N>` as const, `${text}, ${rangeText(bounds)}`)
  return option.argParser(wholeNumber(flag, bounds))
}

export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .summary('explore every interleaving of a few CPUs')
    .description(
      'Explores the interleavings of 2 to 8 CPUs on a small scenario, and says that no rule can break, within ' +
        'stated bounds, or how one breaks, with a token for mmgather replay.',
    )
    .argument('[WORLD]', 'world of the catalogue, preset or scenario file')
    .option('--all', 'every world of the catalogue, under every strategy')
    .addOption(count('--generate', BOUNDS.seeds, 'worlds made from --seed (1) and those after it'))
    .option('--list', 'list the worlds of the catalogue')
    .option('--rules', 'list the rules that a check adds to those of verify')
    .option('--strategy <ID>', 'see mmgather strategies; or a file of your own')
    .optionsGroup('Exploration:')
    .addOption(
      new Option('--scheduler <NAME>', `one of ${SCHEDULERS.join(', ')}`)
        .argParser(oneOf('--scheduler', SCHEDULERS))
        .default('dpor' as const),
    )
    .addOption(count('--preemptions', BOUNDS.preemptions, 'of one execution, for preemptions'))
    .addOption(count('--executions', BOUNDS.executions, 'at most'))
    .addOption(count('--steps', BOUNDS.steps, 'of one execution at most'))
    .addOption(count('--time', BOUNDS.time, 'seconds at most'))
    .addOption(count('--samples', BOUNDS.samples, 'schedules of random and pct'))
    .addOption(count('--depth', BOUNDS.depth, 'of the bugs that pct aims at'))
    .addOption(count('--seed', BOUNDS.seed, 'of random and pct, and of --generate'))
    .option(
      '--plain-values',
      'atomics observe the value that they return: more executions, the same outcomes',
    )
    .option('--no-races', 'no happens-before race detection')
    .addOption(count('--jobs', BOUNDS.checkJobs, 'threads'))
    .option('--all-rules', 'go on behind a broken rule: every rule that breaks')
    .optionsGroup('Output:')
    .option('--every-step', 'a row for every step of a counterexample')
    .option('--json', 'print the reports as one JSON document')
    .addOption(
      new Option('--out <FILE>', 'write the JSON document to FILE').argParser(fileName('--out')),
    )
    .option('-q, --quiet', 'no table, no progress')
    .addHelpText('after', HELP)
  command.action((world, options) => checkJob(world, options))
}
