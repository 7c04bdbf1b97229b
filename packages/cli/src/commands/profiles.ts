/**
 * `mmgather profiles`: the machines of the virtual engine, and the figures of each with their sources.
 */
import type { Command } from '@commander-js/extra-typings'
import type { MachineProfile, ProfileTopology } from '@mmgather/core'
import { reportError } from '../errors.ts'
import { jsonParts } from '../io/json-text.ts'
import { printLines, printParts } from '../io/stdout.ts'

const HELP = `
NAME is a shipped profile, host (what mmgather calibrate measured), or a file.

Examples:
  $ mmgather profiles
  $ mmgather profiles altra-80
  $ mmgather profiles altra-80 --json > my-machine.json`

export function addProfilesCommand(program: Command): void {
  program
    .command('profiles')
    .summary('list the machine profiles, or print one with its sources')
    .description(
      'Lists the machine profiles, one line each: name, CPUs, threads x cores x clusters x ' +
        'sockets, machine. With a name: prints what each operation costs there, and where the ' +
        'figure comes from.',
    )
    .argument('[NAME]', 'a profile')
    .option('--json', 'print profiles as JSON: a list, or the one as its file')
    .addHelpText('after', HELP)
    .action((name, { json }) =>
      name === undefined ? list(json === true) : printOne(name, json === true),
    )
}

async function list(isJson: boolean): Promise<void> {
  const { cpusOf, profiles } = await import('@mmgather/core')
  const all = [...(await hostIfGood()), ...profiles]
  if (isJson) return printParts(jsonParts(all))
  const { columns } = await import('../report/columns.ts')
  const rows = all.map((profile) => [
    profile.name,
    String(cpusOf(profile)),
    shapeText(profile.topology),
    profile.title,
  ])
  await printLines(columns(rows, ['left', 'right', 'left', 'left']))
}

/** A host's profile that cannot be read is told about, and does not hide the others. */
async function hostIfGood(): Promise<MachineProfile[]> {
  const { loadHostProfile } = await import('../load-profile.ts')
  try {
    const host = await loadHostProfile()
    return host === undefined ? [] : [host.profile]
  } catch (error) {
    process.exitCode = await reportError(error, ['profiles'])
    return []
  }
}

async function printOne(name: string, isJson: boolean): Promise<void> {
  const { loadProfile } = await import('../load-profile.ts')
  const { profile } = await loadProfile(name, 'NAME')
  if (isJson) return printParts(jsonParts(profile))
  const { profileLines } = await import('../report/profile.ts')
  await printLines(profileLines(profile))
}

function shapeText(topology: ProfileTopology): string {
  const { threadsPerCore, coresPerCluster, clustersPerSocket, sockets } = topology
  return [threadsPerCore, coresPerCluster, clustersPerSocket, sockets].join(' x ')
}
