/**
 * `mmgather replay`: runs the execution of a token again and prints it, all at once or step by step.
 */
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import type { Command } from '@commander-js/extra-typings'
import type { CheckToken, Counterexample } from '@mmgather/core'
import { UsageError } from '../errors.ts'
import { EXIT_DEADLOCK, EXIT_DONE, EXIT_VIOLATED } from '../exit-code.ts'
import { jsonParts } from '../io/json-text.ts'
import { printLines, printParts } from '../io/stdout.ts'

const HELP = `
The exit code is that of the check: 3 if a rule breaks, 4 for a deadlock, 0 if
nothing breaks any more. With --step, Enter goes on and q ends.`

interface ReplayFlags {
  step?: true | undefined
  everyStep?: true | undefined
  strategy?: string | undefined
  json?: true | undefined
}

export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .summary('run the counterexample of a check again')
    .description('Runs the execution that a token of mmgather check stands for, and prints it.')
    .argument('<TOKEN>', 'as mmgather check prints it')
    .option('--step', 'step by step, in a terminal')
    .option('--every-step', 'a row for every step')
    .option('--strategy <FILE>', 'the strategy file that was checked, if it was one')
    .option('--json', 'print the execution as one JSON document')
    .addHelpText('after', HELP)
    .action((token, flags) => replay(token, flags))
}

async function replay(text: string, flags: ReplayFlags): Promise<void> {
  const token = await readToken(text)
  const told = await run(token, flags.strategy)
  if (flags.json === true) await printParts(jsonParts(told))
  else if (flags.step === true) await stepByStep(told)
  else await show(told, flags.everyStep === true)
  if (told.rule !== token.rule && flags.json !== true)
    await printLines([`the token was made for ${token.rule}`])
  process.exitCode =
    told.rule === '' ? EXIT_DONE : told.rule === 'deadlock' ? EXIT_DEADLOCK : EXIT_VIOLATED
}

async function readToken(text: string): Promise<CheckToken> {
  const { parseToken, TokenError } = await import('@mmgather/core')
  try {
    return parseToken(text)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    throw new UsageError({ field: 'TOKEN', problem: error.message })
  }
}

async function run(token: CheckToken, file: string | undefined): Promise<Counterexample> {
  const { replayCheck, ScheduleError, STRATEGIES } = await import('@mmgather/core')
  const strategy = file === undefined ? undefined : await loadRaw(file)
  if (strategy === undefined && !STRATEGIES.some((each) => each.strategy.id === token.strategy))
    throw new UsageError({
      field: 'TOKEN',
      problem: 'its strategy does not ship',
      value: token.strategy,
      hint: 'name its file with --strategy',
    })
  try {
    return replayCheck(token, strategy === undefined ? {} : { strategy })
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error
    throw new UsageError({
      field: 'TOKEN',
      problem: `${error.message}: it was made by another version, or for another strategy`,
    })
  }
}

async function loadRaw(file: string) {
  const { importRawStrategy, loadStrategyFile } = await import('@mmgather/workers')
  return importRawStrategy(await loadStrategyFile(file))
}

async function show(told: Counterexample, everyStep: boolean): Promise<void> {
  const { counterexampleTable } = await import('@mmgather/core')
  const { paintFor } = await import('../report/paint.ts')
  const paint = paintFor(process.stdout)
  await printLines([
    ...counterexampleTable(told, { all: everyStep }).split('\n'),
    '',
    endOf(told, paint),
  ])
}

function endOf(
  told: Counterexample,
  paint: (style: 'red' | 'green', text: string) => string,
): string {
  return told.rule === ''
    ? paint('green', 'no rule breaks')
    : paint('red', `${told.rule}: ${told.message}`)
}

async function stepByStep(told: Counterexample): Promise<void> {
  const { paintFor } = await import('../report/paint.ts')
  const lines = createInterface({ input: process.stdin })
  const answers = lines[Symbol.asyncIterator]()
  try {
    for (const [i, step] of told.steps.entries()) {
      const where = step.functions.slice(0, 4).join(' < ')
      await printLines([
        `${i}  CPU ${step.cpu}  ${step.what}`,
        `     ${where}`,
        ...step.notes.map((note) => `     ${note}`),
      ])
      const { value, done } = await answers.next()
      if (done === true || value === 'q') return
    }
    await printLines([endOf(told, paintFor(process.stdout))])
  } finally {
    lines.close()
  }
}
