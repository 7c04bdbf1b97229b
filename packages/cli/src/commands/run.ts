/**
 * `mmgather run`: the flags of a run, and the help that explains them. What the run does is in `run-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { BOUNDS, fileName, oneOf, rangeText, wholeNumber } from '../flags.ts'
import { runJob } from './run-job.ts'

const DEFAULT_SCENARIO = 'exit-order0'

const HELP = `
SCENARIO is the name of a preset (see mmgather scenarios), a scenario file, or -
for stdin. Flags of the scenario replace single values of it.

Examples:
  $ mmgather run
  $ mmgather run exit-order3 --strategy range-v1 --cpus 4 --processes 4
  $ mmgather run my.yaml --runs 20 --out report.json

Ctrl-C prints what was finished; a second one, a second later, stops at once.`

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .summary('tear a scenario down and print what happened')
    .description(
      'Tears the processes of a scenario down, on threads that stand for CPUs, and prints what ' +
        'happened: times, counts of atomics and locks, contention.',
    )
    .argument('[SCENARIO]', 'preset or scenario file', DEFAULT_SCENARIO)
    .optionsGroup('Scenario:')
    .option('--strategy <ID>', 'which kernel algorithm, see mmgather strategies')
    .addOption(number('--processes', 'count of the process group', 'processes'))
    .addOption(number('--pages', 'pages of the anonymous VMA in each process', 'pages'))
    .addOption(number('--order', 'log2 of the pages in each folio', 'order'))
    .addOption(number('--share', 'so many processes map the same folios', 'share'))
    .addOption(word('--mapped', 'how anonymous memory is mapped', ['pte', 'pmd']))
    .addOption(word('--teardown', 'how processes end', ['exit', 'munmap']))
    .addOption(number('--seed', 'of everything that is shuffled', 'seed'))
    .optionsGroup('Machine:')
    .addOption(number('--cpus', 'CPUs, a thread each; live has 256 at most', 'cpus'))
    .addOption(number('--lruvecs', 'so many memcgs; 0: as the scenario has them', 'lruvecs'))
    .addOption(word('--lock', 'kind of spinlock', ['ttas', 'ticket', 'qspinlock']))
    .addOption(word('--page-tables', 'how they are freed', ['gathered', 'separate']))
    .addOption(number('--swap-cluster-max', 'entries per lock hold', 'swapClusterMax'))
    .optionsGroup('Run:')
    .addOption(
      new Option('--engine <NAME>', 'live: real threads')
        .argParser(oneOf('--engine', ['live'], ['virtual']))
        .default('live' as const),
    )
    .addOption(word('--code', 'form of the kernel text that runs, default wasm', ['wasm', 'js']))
    .addOption(number('--runs', 'measured runs', 'runs').default(5))
    .addOption(number('--warmup', 'runs before them that are not measured', 'warmup').default(1))
    .option('--no-verify', 'do not check the invariants after each run')
    .optionsGroup('Output:')
    .option('--json', 'print the whole report as one JSON document')
    .addOption(
      new Option('--out <FILE>', 'write the JSON document to FILE').argParser(fileName('--out')),
    )
    .option('-q, --quiet', 'no table, no progress, no warnings')
    .addHelpText('after', HELP)
  command.action((scenario, options) => runJob(scenario, options, command))
}

function number<const F extends `--${string}`>(
  flag: F,
  description: string,
  bounds: keyof typeof BOUNDS,
) {
  const text = `${description} (${rangeText(BOUNDS[bounds])})`
  return new Option(`${flag} <N>`, text).argParser(wholeNumber(flag, BOUNDS[bounds]))
}

function word<const F extends `--${string}`, const T extends string>(
  flag: F,
  description: string,
  words: readonly T[],
) {
  const text = `${description}: ${words.join(', ')}`
  return new Option(`${flag} <WORD>`, text).argParser(oneOf(flag, words))
}
