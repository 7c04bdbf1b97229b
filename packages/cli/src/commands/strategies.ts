/**
 * `mmgather strategies`: what `--strategy` takes.
 */
import type { Command } from '@commander-js/extra-typings'
import { printLines } from '../io/stdout.ts'

export function addStrategiesCommand(program: Command): void {
  program
    .command('strategies')
    .summary('list the teardown strategies')
    .description('Lists the strategies that --strategy takes, one line each.')
    .action(async () => {
      const { STRATEGIES } = await import('@mmgather/core')
      const { columns } = await import('../report/columns.ts')
      const rows = STRATEGIES.map(({ strategy, summary }) => [strategy.id, summary])
      await printLines(columns(rows, ['left', 'left']))
    })
}
