/**
 * `mmgather schema`: the scenario format as JSON Schema.
 */
import type { Command } from '@commander-js/extra-typings'
import { printParts } from '../io/stdout.ts'

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .summary('print the JSON Schema of scenario files')
    .description(
      'Prints the JSON Schema of scenario files, for editors that complete and check them.',
    )
    .addHelpText(
      'after',
      `
Example:
  $ mmgather schema > scenario.schema.json
  and as the first line of a scenario file:
  # yaml-language-server: $schema=scenario.schema.json`,
    )
    .action(async () => {
      const { scenarioJsonSchema } = await import('@mmgather/core')
      await printParts([JSON.stringify(scenarioJsonSchema(), undefined, 2), '\n'])
    })
}
