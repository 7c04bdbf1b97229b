/**
 * The command that does a run again: every flag that the user gave, except those that only say where the report goes.
 */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'

const OUTPUT_FLAGS = new Set([
  'json',
  'out',
  'stacks',
  'trace',
  'traceFormat',
  'traceLimit',
  'sampleUs',
  'all',
  'quiet',
])
/** Those that say how a sweep is run; where its journal is belongs to the command. */
const SWEEP_FLAGS = new Set(['json', 'quiet', 'jobs', 'dryRun', 'explain', 'verifyJournal'])

/** Flags that are given once for each of their values. */
const REPEATED = new Set(['axis'])

/** From the key of an option to the flag that the user writes. */
export function flagNames(command: CommandUnknownOpts): (key: string) => string | undefined {
  return (key) =>
    command.options.find((option) => option.attributeName() === key)?.long ?? undefined
}

/** The words of the command line. */
export function reproduceWords(command: CommandUnknownOpts, scenario: string): string[] {
  const leftOut = command.name() === 'sweep' ? SWEEP_FLAGS : OUTPUT_FLAGS
  const flags = command.options.flatMap((option): string[] => {
    const key = option.attributeName()
    if (leftOut.has(key) || command.getOptionValueSource(key) !== 'cli') return []
    const value: unknown = command.getOptionValue(key)
    const flag = option.long ?? ''
    if (typeof value === 'boolean') return [flag]
    // a list is one value, but for a flag that is given once for each
    if (!REPEATED.has(key)) return [flag, String(value)]
    return [value].flat().flatMap((each) => [flag, String(each)])
  })
  return ['mmgather', command.name(), scenario, ...flags]
}
