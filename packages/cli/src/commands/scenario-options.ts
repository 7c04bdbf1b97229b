/**
 * The options by which a command names the scenario that it runs, and replaces single values of it.
 */
import {
  type Command,
  type CommandUnknownOpts,
  Option,
  type OptionValues,
} from '@commander-js/extra-typings'
import type { ScenarioOverrides } from '@mmgather/core'
import { BOUNDS, oneOf, rangeText, wholeNumber } from '../flags.ts'

export const DEFAULT_SCENARIO = 'exit-order0'

/** What these options give. */
export type ScenarioFlags = Omit<ScenarioOverrides, 'strategy'>

/** Adds the groups Scenario and Machine. */
export function scenarioOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & ScenarioFlags> {
  addOptions(command)
  // commander adds to the command that it is given; its types know only of chains
  return command
}

function addOptions(command: CommandUnknownOpts): void {
  command
    .optionsGroup('Scenario:')
    .addOption(number('--processes', 'count of the process group', 'processes'))
    .addOption(number('--pages', 'pages of the anonymous VMA in each process', 'pages'))
    .addOption(number('--order', 'log2 of the pages in each folio', 'order'))
    .addOption(number('--share', 'so many processes map the same folios', 'share'))
    .addOption(word('--mapped', 'how anonymous memory is mapped', ['pte', 'pmd']))
    .addOption(word('--teardown', 'how processes end', ['exit', 'munmap']))
    .addOption(number('--seed', 'of everything that is shuffled', 'seed'))
    .optionsGroup('Machine:')
    .addOption(number('--cpus', 'CPUs; the live engine has 256 at most', 'cpus'))
    .addOption(number('--lruvecs', 'so many memcgs; 0: as the scenario has them', 'lruvecs'))
    .addOption(word('--lock', 'kind of spinlock', ['ttas', 'ticket', 'qspinlock']))
    .addOption(word('--page-tables', 'how they are freed', ['gathered', 'separate']))
    .addOption(number('--swap-cluster-max', 'entries per lock hold', 'swapClusterMax'))
}

export function number<const F extends `--${string}`>(
  flag: F,
  description: string,
  bounds: keyof typeof BOUNDS,
) {
  const text = `${description} (${rangeText(BOUNDS[bounds])})`
  return new Option(`${flag} <N>`, text).argParser(wholeNumber(flag, BOUNDS[bounds]))
}

export function word<const F extends `--${string}`, const T extends string>(
  flag: F,
  description: string,
  words: readonly T[],
) {
  const text = `${description}: ${words.join(', ')}`
  return new Option(`${flag} <WORD>`, text).argParser(oneOf(flag, words))
}
