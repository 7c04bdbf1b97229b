/**
 * The one place where errors become text and an exit code.
 *
 * Form of a usage error, one line each, the same for flags, files and fields of a scenario:
 * `error: field: what is wrong (got value); allowed ...; the way out`. Errors of other packages are told by their name,
 * so that nothing is loaded to report a mistyped flag. What is left over is a bug of mmgather and says so.
 */
import process from 'node:process'
import { CommanderError } from '@commander-js/extra-typings'
import type { ProfileError, ScenarioError, SweepError } from '@mmgather/core'
import { EXIT_DONE, EXIT_INTERNAL, EXIT_USAGE } from './exit-code.ts'
import { shellCommand } from './shell.ts'
import { versionText } from './version.ts'

export interface UsageErrorDetails {
  /** The flag, argument or file that the error is about. */
  field: string
  /** What is wrong, without the value. */
  problem: string
  value?: string
  allowed?: string
  hint?: string
  /** Words of which one may have been meant; the suggestion replaces the hint. */
  near?: { written: string; known: readonly string[] }
}

/** The user asked for something that cannot be done as asked. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly details: UsageErrorDetails

  constructor(details: UsageErrorDetails) {
    super(`${details.field}: ${details.problem}`)
    this.details = details
  }
}

/** Prints the error on stderr; returns the exit code. */
export async function reportError(error: unknown, argv: readonly string[]): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT_DONE
  const lines = await usageLines(error, argv)
  const text = lines?.map((line) => `error: ${line}`) ?? internalError(error, argv)
  process.stderr.write(`${text.join('\n')}\n`)
  return lines === undefined ? EXIT_INTERNAL : EXIT_USAGE
}

/** What was wrong with the input, or undefined if the input is not to blame. */
async function usageLines(
  error: unknown,
  argv: readonly string[],
): Promise<readonly string[] | undefined> {
  if (error instanceof UsageError) return [await usageLine(error.details)]
  if (error instanceof CommanderError) return [commanderLine(error, argv)]
  if (!(error instanceof Error)) return undefined
  switch (error.name) {
    case 'ScenarioError':
    case 'ProfileError':
    case 'SweepError':
      return (error as ScenarioError | ProfileError | SweepError).message.split('\n')
    case 'LimitsError':
      return [error.message]
    case 'StrategyFileError':
      return error.message.split('\n')
    case 'CaptureError':
      return [captureLine(error.message)]
    case 'RangeError':
      return isNoMemory(error) ? [NO_MEMORY] : undefined
    default:
      return undefined
  }
}

/** Names the flag in place of the option of the library. */
function captureLine(message: string): string {
  const text = message.replaceAll('maxPages', '--max-pages').replaceAll('; allowed: ', '; allowed ')
  return /^(?:pid|cgroup) /.test(text) ? `--${text}` : text
}

const NO_MEMORY =
  'memory: the system does not have what this scenario needs; use fewer processes, pages or CPUs'

function isNoMemory({ message }: Error): boolean {
  return /could not allocate memory|buffer allocation failed/i.test(message)
}

async function usageLine(details: UsageErrorDetails): Promise<string> {
  const { field, problem, value, allowed, near } = details
  const hint = (near && (await didYouMean(near.written, near.known))) ?? details.hint
  const shown = value !== undefined && /^-?\d+$/.test(value) ? value : JSON.stringify(value)
  const got = value === undefined ? '' : ` (got ${shown})`
  const parts = [`${field}: ${problem}${got}`]
  if (allowed !== undefined) parts.push(`allowed ${allowed}`)
  if (hint !== undefined) parts.push(hint)
  return parts.join('; ')
}

async function didYouMean(written: string, known: readonly string[]): Promise<string | undefined> {
  const core = await import('@mmgather/core')
  return core.didYouMean(written, known)
}

/** `error: unknown option '--cpuz'\n(Did you mean --cpus?)` in our form. */
function commanderLine(error: CommanderError, argv: readonly string[]): string {
  const [name = ''] = argv
  // `mmgather help nothing` would print the general help as an error.
  if (error.code === 'commander.help')
    return `unknown command ${argv[1] ?? ''}; see mmgather --help`
  const text = error.message.replace(/^error: /, '').replaceAll("'", '')
  const [problem = '', suggestion] = text.split('\n')
  const parts = [problem.replace(/\.$/, '')]
  if (suggestion !== undefined) parts.push(suggestion.replace(/^\(D(.*)\)$/, 'd$1'))
  const isKnown = error.code !== 'commander.unknownCommand' && /^[a-z]+$/.test(name)
  parts.push(`see mmgather ${isKnown ? `${name} ` : ''}--help`)
  return parts.join('; ')
}

function internalError(error: unknown, argv: readonly string[]): string[] {
  const what = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return [
    `internal error: ${what}`,
    'This is a bug of mmgather. Please report it with all of the following:',
    `  reproduce: ${shellCommand(['mmgather', ...argv])}`,
    `  ${versionText()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...stack.split('\n').map((line) => `  ${line}`),
  ]
}
