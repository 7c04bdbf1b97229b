/**
 * `mmgather compare`: the flags of a comparison, and the help that explains them. What it does is in `compare-job.ts`.
 */
import { type Command, Option } from '@commander-js/extra-typings'
import { UsageError } from '../errors.ts'
import { fileName } from '../flags.ts'
import { compareJob } from './compare-job.ts'
import { engineOptions } from './engine-options.ts'
import { DEFAULT_SCENARIO, number, scenarioOptions } from './scenario-options.ts'

const HELP = `
SCENARIO and the flags are those of mmgather run. Changes are to the first
strategy. With several runs, figures are medians, and below them smallest and
largest; a ~ marks a change within the spread: the two ranges overlap. Without
--runs, there are 3 virtual runs, each with a seed of its own, or 5 live ones.

Examples:
  $ mmgather compare exit-order3 --strategies linux-6.5-laf,range-v1
  $ mmgather compare my.yaml --strategies linux-6.5,range-v1 --seeds 10 --all

Ctrl-C prints what was finished; a second one, a second later, stops at once.`

export function addCompareCommand(program: Command): void {
  const base = program
    .command('compare')
    .summary('compare strategies on a scenario')
    .description(
      'Tears a scenario down under each of several strategies and prints their times, counts and ' +
        'locks side by side, with the changes to the first.',
    )
    .argument('[SCENARIO]', 'preset or scenario file', DEFAULT_SCENARIO)
    .optionsGroup('Scenario:')
    .addOption(
      new Option('--strategies <IDS>', 'separated by commas; ids or files')
        .argParser(strategyList)
        .makeOptionMandatory(),
    )
  const command = engineOptions(scenarioOptions(base), 'virtual')
    .addOption(number('--seeds', 'the same as --runs', 'runs'))
    .optionsGroup('Output:')
    .option('--all', 'show the figures that are equal everywhere too')
    .option('--json', 'print the comparison as one JSON document')
    .addOption(
      new Option('--out <FILE>', 'write the JSON document to FILE').argParser(fileName('--out')),
    )
    .option('-q, --quiet', 'no table, no progress, no warnings')
    .addHelpText('after', HELP)
  command.action((scenario, options) => compareJob(scenario, options, command))
}

function strategyList(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim())
  const twice = ids.find((id, i) => ids.indexOf(id) < i)
  const fail = (problem: string): UsageError =>
    new UsageError({
      field: '--strategies',
      problem,
      value: text,
      allowed: 'different strategies, separated by commas',
      hint: 'see mmgather strategies',
    })
  if (ids.includes('')) throw fail('has an empty name')
  if (twice !== undefined) throw fail(`names ${twice} twice`)
  return ids
}
