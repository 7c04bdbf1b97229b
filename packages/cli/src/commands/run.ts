/**
 * `mmgather run`: the flags of a run, and the help that explains them. What the run does is in `run-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { fileName } from '../flags.ts'
import { engineOptions } from './engine-options.ts'
import { runJob } from './run-job.ts'
import { DEFAULT_SCENARIO, number, scenarioOptions, word } from './scenario-options.ts'

const HELP = `
SCENARIO is the name of a preset (see mmgather scenarios), a scenario file, or -
for stdin. Flags of the scenario replace single values of it. Without --runs,
there are 5 live runs after a warm-up run, or 1 virtual one; with --trace 1.

Examples:
  $ mmgather run
  $ mmgather run exit-order3 --strategy range-v1 --cpus 4 --processes 4
  $ mmgather run my.yaml --runs 20 --out report.json
  $ mmgather run --engine virtual --cpus 104 --processes 104 --pages 4096
  $ mmgather run --engine virtual --trace exit.pftrace
  $ mmgather run --pages 500000 --trace live.pftrace --sample-us 50

Ctrl-C prints what was finished; a second one, a second later, stops at once.`

export function addRunCommand(program: Command): void {
  const base = program
    .command('run')
    .summary('tear a scenario down and print what happened')
    .description(
      'Tears the processes of a scenario down, on threads that stand for CPUs or on virtual CPUs, ' +
        'and prints what happened: times, counts of atomics and locks, contention.',
    )
    .argument('[SCENARIO]', 'preset or scenario file', DEFAULT_SCENARIO)
    .optionsGroup('Scenario:')
    .option('--strategy <ID>', 'see mmgather strategies; or a file of your own')
  const command = engineOptions(scenarioOptions(base), 'live')
    .option('--functions', 'time by kernel function; slower')
    .addOption(
      new Option('--stacks <FILE>', 'call stacks, for flame graphs').argParser(
        fileName('--stacks'),
      ),
    )
    .optionsGroup('Trace:')
    .addOption(
      new Option('--trace <FILE>', 'virtual: every event; live: samples').argParser(
        fileName('--trace'),
      ),
    )
    .addOption(
      word('--trace-format', 'default perfetto; live: one of the first two', [
        'perfetto',
        'ftrace',
        'collapsed',
        'speedscope',
      ]),
    )
    .addOption(number('--trace-limit', 'largest trace, in MiB, default 256', 'traceLimit'))
    .addOption(number('--sample-us', 'live: µs between samples, default 100', 'sampleUs'))
    .optionsGroup('Output:')
    .option('--json', 'print the whole report as one JSON document')
    .addOption(
      new Option('--out <FILE>', 'write the JSON document to FILE').argParser(fileName('--out')),
    )
    .option('-q, --quiet', 'no table, no progress, no warnings')
    .addHelpText('after', HELP)
  command.action((scenario, options) => runJob(scenario, options, command))
}
