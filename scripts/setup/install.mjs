/**
 * Installs the dependencies of the lockfile, and the project's own Node among them, when the lockfile,
 * the workspace file or a package.json changed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

import { NODE, ROOT, SetupError, step } from './run.mjs'
import { hashOf, readStamp, writeStamp } from './stamp.mjs'

export const PNPM = 'pnpm@12.21.0'
const OWN_NODE_MAJOR = 'v24.'

export async function install() {
  const hash = hashOf(manifests())
  if (readStamp('install')?.hash === hash && existsSync(NODE)) return
  await step('installing dependencies', 'npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], {
    env: { PATH: pathWithoutOwnBin(), CI: 'true' },
    hint:
      'This step needs the npm registry: check the network and proxy settings, then run again.\n' +
      `If a package.json was edited, run \`npx ${PNPM} install\` first to update the lockfile.`,
  })
  const version = spawnSync(NODE, ['--version'], { encoding: 'utf8' }).stdout ?? ''
  if (!version.startsWith(OWN_NODE_MAJOR)) {
    throw new SetupError(
      `set-up: expected Node 24 at ${NODE}, found ${version.trim() || 'nothing that runs'}.\n` +
        'The install script of the npm package `node` fetches it: check that scripts may run and that\n' +
        'the npm registry can be reached, delete node_modules, then run again.',
    )
  }
  writeStamp('install', { hash })
}

function manifests() {
  const packages = readdirSync(join(ROOT, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}/package.json`)
    .sort()
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'bench/package.json']
  return [...files, ...packages].map((file) => join(ROOT, file))
}

/** npx must not run on the Node inside the node_modules that it is about to replace. */
function pathWithoutOwnBin() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(ROOT, 'node_modules')))
    .join(delimiter)
}
