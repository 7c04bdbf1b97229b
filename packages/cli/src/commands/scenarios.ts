/**
 * `mmgather scenarios`: the presets, and each as the text of a scenario file.
 */
import type { Command } from '@commander-js/extra-typings'
import { UsageError } from '../errors.ts'
import { printLines, printParts } from '../io/stdout.ts'

export function addScenariosCommand(program: Command): void {
  program
    .command('scenarios')
    .summary('list the presets, or print one as a scenario file')
    .description(
      'Lists the presets, one line each. With a name: prints that preset as a scenario file.',
    )
    .argument('[NAME]', 'a preset')
    .addHelpText(
      'after',
      `
Example:
  $ mmgather scenarios exit-order3 > my.yaml
  $ mmgather run my.yaml`,
    )
    .action((name) => (name === undefined ? list() : printOne(name)))
}

async function list(): Promise<void> {
  const { presets } = await import('@mmgather/core')
  const { columns } = await import('../report/columns.ts')
  const rows = presets.map(({ name, summary }) => [name, summary])
  await printLines(columns(rows, ['left', 'left']))
}

async function printOne(name: string): Promise<void> {
  const { presets, scenarioToText } = await import('@mmgather/core')
  const preset = presets.find((one) => one.name === name)
  if (preset === undefined) {
    throw new UsageError({
      field: 'NAME',
      problem: 'there is no such preset',
      value: name,
      hint: 'see mmgather scenarios',
      near: { written: name, known: presets.map((one) => one.name) },
    })
  }
  await printParts([`# ${preset.summary}\n`, scenarioToText(preset.scenario)])
}
