/**
 * The options that say which engine runs a scenario, and how.
 *
 * Owns which option belongs to which engine; one of the other is refused, since it would silently do nothing.
 */
import {
  type Command,
  type CommandUnknownOpts,
  Option,
  type OptionValues,
} from '@commander-js/extra-typings'
import { UsageError } from '../errors.ts'
import { oneOf } from '../flags.ts'
import { number, word } from './scenario-options.ts'

export type EngineName = 'live' | 'virtual'

/** What these options give. */
export interface EngineFlags {
  engine: EngineName
  runs?: number
  warmup?: number
  code?: 'wasm' | 'js'
  profile?: string
  jitter?: number
  timeMax?: number
  eventsMax?: number
  verify: boolean
}

/** What the options of the virtual engine give. */
export type VirtualFlags = Pick<EngineFlags, 'profile' | 'jitter' | 'timeMax' | 'eventsMax'>

/** Adds the group Virtual engine, for commands that know no other. */
export function virtualOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & VirtualFlags> {
  addVirtualOptions(command)
  // commander adds to the command that it is given; its types know only of chains
  return command
}

/** Adds the groups Run and Virtual engine. */
export function engineOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  engine: EngineName,
): Command<Args, Options & EngineFlags> {
  addOptions(command, engine)
  // commander adds to the command that it is given; its types know only of chains
  return command as Command<Args, Options & EngineFlags>
}

function addOptions(command: CommandUnknownOpts, engine: EngineName): void {
  const runs = number('--runs', 'measured runs; virtual: one seed each', 'runs')
  command
    .optionsGroup('Run:')
    .addOption(
      new Option('--engine <NAME>', 'live: real threads; virtual: virtual CPUs and time')
        .argParser(oneOf('--engine', ['live', 'virtual']))
        .default(engine),
    )
    .addOption(runs)
    .addOption(number('--warmup', 'live: runs before them, not measured', 'warmup'))
    .addOption(word('--code', 'live: form of the kernel text, default wasm', ['wasm', 'js']))
    .option('--no-verify', 'do not check the invariants after each run')
  addVirtualOptions(command)
}

/** Adds the group Virtual engine. */
function addVirtualOptions(command: CommandUnknownOpts): void {
  command
    .optionsGroup('Virtual engine:')
    .option('--profile <NAME>', 'machine profile or file (default: skylake-104)')
    .addOption(number('--jitter', 'CPUs start within so many ns, default 1000', 'jitter'))
    .addOption(number('--time-max', 'give up after so much virtual time, in ms', 'timeMax'))
    .addOption(number('--events-max', 'give up after so many events', 'eventsMax'))
}

/** Options of one engine, with the way out for those who wanted the other. */
const OWNERS: readonly (readonly [key: string, owner: EngineName, hint?: string])[] = [
  ['warmup', 'live', 'virtual time needs no warm-up'],
  ['code', 'live'],
  ['sampleUs', 'live', 'a trace in virtual time has every event'],
  ['seeds', 'virtual', 'live runs have --runs'],
  ['profile', 'virtual'],
  ['jitter', 'virtual'],
  ['timeMax', 'virtual'],
  ['eventsMax', 'virtual'],
  ['functions', 'virtual'],
  ['stacks', 'virtual'],
]

/** Throws UsageError for an option of the engine that was not chosen. */
export function checkEngineFlags(engine: EngineName, command: CommandUnknownOpts): void {
  for (const [key, owner, hint] of OWNERS) {
    if (owner === engine || command.getOptionValueSource(key) !== 'cli') continue
    const field = command.options.find((option) => option.attributeName() === key)?.long ?? key
    throw new UsageError({
      field,
      problem: `is an option of the ${owner} engine`,
      hint: `${hint === undefined ? '' : `${hint}; `}leave it out, or use --engine ${owner}`,
    })
  }
}
