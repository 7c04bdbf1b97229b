/**
 * From arguments to exit code: builds the commands, runs the one that is asked for, reports what goes wrong.
 *
 * Without arguments it prints its help on stdout and that is a success: it is what somebody types who wants to know
 * what there is.
 */
import process from 'node:process'
import { Command } from '@commander-js/extra-typings'
import { addCalibrateCommand } from './commands/calibrate.ts'
import { addCaptureCommand } from './commands/capture.ts'
import { addCheckCommand } from './commands/check.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addProfilesCommand } from './commands/profiles.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addReportCommand } from './commands/report.ts'
import { addRunCommand } from './commands/run.ts'
import { addScenariosCommand } from './commands/scenarios.ts'
import { addSchemaCommand } from './commands/schema.ts'
import { addStrategiesCommand } from './commands/strategies.ts'
import { addSweepCommand } from './commands/sweep.ts'
import { addValidateCommand } from './commands/validate.ts'
import { reportError } from './errors.ts'
import { guardStdout } from './io/stdout.ts'
import { version } from './version.ts'

const WIDTH = 80

const EXAMPLES = `
Examples:
  $ mmgather run                                  two processes exit at once
  $ mmgather run exit-order3 --strategy range-v1  the range series at work
  $ mmgather run --engine virtual --cpus 104      on 104 CPUs, in virtual time
  $ mmgather compare --strategies linux-6.5,range-v1  two kernels side by side
  $ mmgather check shared-order3                  every interleaving of two CPUs
  $ mmgather scenarios kernel-build > my.yaml     a scenario file to edit
  $ mmgather run my.yaml --runs 10 --json         all figures, for a program
  $ sudo mmgather capture --pid 4711 -o web.yaml  a real process as a scenario

Questions with their commands and answers: docs/guide in the repository.

Exit codes: 0 done, 2 wrong usage or input, 3 an invariant was violated or a
count differs (validate), 4 deadlock, 5 bounds reached, 70 internal error,
130 interrupted.`

/** Sets the exit code of the process. @param argv without the program's own name. */
export async function main(argv: readonly string[]): Promise<void> {
  guardStdout()
  process.on('uncaughtException', (error) => void endWith(error, argv))
  const program = createProgram()
  if (argv.length === 0) {
    program.outputHelp()
    return
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.exitCode = await reportError(error, argv)
  }
}

/** For errors that no caller is waiting for: nothing can be trusted any more. */
async function endWith(error: unknown, argv: readonly string[]): Promise<void> {
  process.removeAllListeners('uncaughtException')
  process.exit(await reportError(error, argv))
}

function createProgram(): Command {
  const program = new Command('mmgather')
    .description('Tears down the memory of simulated Linux processes and prints what it cost.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      // Errors are reported by errors.ts alone.
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(process.stdout.columns || WIDTH, WIDTH),
    })
    .addHelpText('after', EXAMPLES)
  addRunCommand(program)
  addCompareCommand(program)
  addCheckCommand(program)
  addReplayCommand(program)
  addSweepCommand(program)
  addReportCommand(program)
  addCaptureCommand(program)
  addScenariosCommand(program)
  addStrategiesCommand(program)
  addSchemaCommand(program)
  addValidateCommand(program)
  addProfilesCommand(program)
  addCalibrateCommand(program)
  return program
}
