/**
 * Checks what would be published: the packed tarballs themselves, and the packages installed from them
 * into an empty folder.
 */
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PNPM } from '../setup/install.mjs'
import { ROOT } from '../setup/run.mjs'
import { command } from './command.ts'

const PACKAGES = ['core', 'workers', 'report', 'cli'] as const
/** Packages that are imported; the command line is only run. */
const LIBRARIES = new Set<string>(['core', 'workers', 'report'])
const DIRECTORY = join(ROOT, '.cache/packed')

/** Packs every package; returns the tarballs by package. */
async function pack(): Promise<Map<string, string>> {
  rmSync(DIRECTORY, { recursive: true, force: true })
  mkdirSync(DIRECTORY, { recursive: true })
  const tarballs = new Map<string, string>()
  for (const name of PACKAGES) {
    const tarball = join(DIRECTORY, `${name}.tgz`)
    const cwd = join(ROOT, 'packages', name)
    await command('npx', ['--yes', PNPM, 'pack', '--out', tarball], { cwd })
    tarballs.set(name, tarball)
  }
  return tarballs
}

export async function checkTarballs(): Promise<void> {
  for (const [name, tarball] of await pack()) {
    await command('publint', [tarball, '--strict'])
    if (LIBRARIES.has(name)) await command('attw', [tarball, '--profile', 'esm-only'])
  }
}

/** Installs the tarballs into an empty folder and uses them there, once. */
export async function checkInstalled(): Promise<void> {
  const tarballs = [...(await pack()).values()]
  const cwd = mkdtempSync(join(tmpdir(), 'mmgather-packed-'))
  try {
    writeFileSync(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n')
    await command('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd })
    await checkVersion(cwd)
    await checkRun(cwd)
    checkWrittenDown(cwd)
    await checkStrategyFile(cwd)
    await checkImports(cwd)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

function binary(cwd: string): string {
  return join(cwd, 'node_modules/.bin/mmgather')
}

async function checkVersion(cwd: string): Promise<void> {
  const said = (await command(binary(cwd), ['--version'], { cwd })).trim()
  const manifest = readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  if (said !== version) throw new Error(`mmgather --version says ${said}, not ${version}`)
}

async function checkRun(cwd: string): Promise<void> {
  const args = ['run', '--cpus', '2', '--processes', '2', '--pages', '512', '--json']
  const stdout = await command(binary(cwd), args, { cwd, seconds: 60 })
  const report = JSON.parse(stdout) as { schema?: unknown; counters?: { ptesCleared?: unknown } }
  const cleared = report.counters?.ptesCleared
  if (typeof report.schema !== 'string' || typeof cleared !== 'number' || cleared <= 0) {
    throw new Error(`mmgather ${args.join(' ')} printed no report with cleared PTEs:\n${stdout}`)
  }
}

/** Without what the build writes down for strategy files they work, too, but are loaded slowly. */
function checkWrittenDown(cwd: string): void {
  for (const file of ['shipped.json', 'kernel-parts.json', 'kernel-parts.bin']) {
    if (!existsSync(join(cwd, 'node_modules/@mmgather/core/dist/forms', file)))
      throw new Error(`the package of core has no dist/forms/${file}`)
  }
}

/** A strategy file beside the installed packages meets their own modules, in both engines. */
async function checkStrategyFile(cwd: string): Promise<void> {
  const file = join(cwd, 'mine.ts')
  const program = [
    "import { linux65Laf, type Strategy } from '@mmgather/core/kernel'",
    "export const mine: Strategy = { ...linux65Laf, id: 'mine' }",
  ]
  writeFileSync(file, program.join('\n'))
  for (const engine of ['live', 'virtual']) {
    const args = ['run', '--pages', '512', '--strategy', './mine.ts', '--engine', engine, '--json']
    const stdout = await command(binary(cwd), args, { cwd, seconds: 60 })
    const report = JSON.parse(stdout) as { strategy?: unknown }
    if (report.strategy !== 'mine')
      throw new Error(`mmgather ${args.join(' ')} printed no report of the strategy:\n${stdout}`)
  }
}

async function checkImports(cwd: string): Promise<void> {
  const file = join(cwd, 'use.js')
  const program = [
    "import { createMachine, parseScenario } from '@mmgather/core'",
    "import { runLive } from '@mmgather/workers'",
    "import { reportHtml } from '@mmgather/report'",
    "for (const part of reportHtml([])) if (part === '') throw part",
    "for (const each of [createMachine, parseScenario, runLive]) if (typeof each !== 'function') throw each",
  ]
  writeFileSync(file, program.join('\n'))
  await command('node', [file], { cwd })
}
