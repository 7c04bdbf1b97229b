/**
 * A user's strategy file, from its path to modules that the engines import.
 *
 * The text is held to the rules of the kernel text, derived as core's own was, and written to a private folder as
 * JavaScript. Types are not checked: an editor or tsc does that, against @mmgather/core/kernel, /sync and /machine.
 */

import {
  type CheckOptions,
  KERNEL_PARAMETERS,
  type KernelParameters,
  type RunVirtualOptions,
  type Strategy,
} from '@mmgather/core'
import type { DerivedUserFiles, UserForm } from '@mmgather/core/forms'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join, parse, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { checkStrategyRecord } from './check-record.ts'
import { coreUrl, shippedText } from './core-files.ts'
import { StrategyFileError } from './errors.ts'
import { privateFolder, removeFolder } from './private-folder.ts'

export type DerivedStrategy = NonNullable<RunVirtualOptions['strategy']>
export type RawStrategy = NonNullable<CheckOptions['strategy']>

/** A loaded strategy file: plain data, which threads can be given. */
export interface StrategyFile {
  /** The id of its strategy. */
  readonly id: string
  /** The file as it was named, with its `#name` if it had one. */
  readonly named: string
  /** The name under which the file exports the strategy. */
  readonly name: string
  /** The file and those that it imports, by absolute path, with their texts; the file itself first. */
  readonly texts: ReadonlyMap<string, string>
  /** SHA-256 of the texts of the file and of those that it imports, in hex. */
  readonly source: string
  /** What machines for it are made by. */
  readonly kernel: KernelParameters
  /** The module of each form, as a URL. */
  readonly modules: Readonly<Record<UserForm, string>>
  /** Where the modules lie. */
  readonly folder: string
}

const EXAMPLE = "export const mine = defineStrategy({ ...linux65Laf, id: 'mine' })"

/**
 * Loads `file.ts` or `file.ts#name`. The modules live until `disposeStrategyFile`, or the end of the process. Rejects
 * with StrategyFileError.
 */
export async function loadStrategyFile(named: string): Promise<StrategyFile> {
  const { path, name: wanted } = splitName(named)
  checkPath(path)
  const entry = resolve(path)
  const names = new ModuleNames()
  const derived = await derive(path, entry, names)
  const name = chooseRecord(path, derived.records, wanted)
  const folder = privateFolder(modulesOf(derived, names))
  try {
    const modules = urlsOf(folder)
    const record = (await importRecord(modules.live, name)) as Strategy
    const violations = checkStrategyRecord(record, name)
    if (violations.length > 0)
      throw new StrategyFileError(violations.map((line) => `${path}: ${line}`))
    const { id } = record
    const values = KERNEL_PARAMETERS.map((each) => [each, record[each]] as const)
    const kernel = { id, ...Object.fromEntries(values) } as KernelParameters
    const { texts } = derived
    return { id, named, name, texts, source: hashOf(texts), kernel, modules, folder }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}

/** Removes its modules. */
export function disposeStrategyFile({ folder }: StrategyFile): void {
  removeFolder(folder)
}

/** The strategy itself, for `runOneCpu` and threads. */
export async function importStrategy(file: StrategyFile): Promise<Strategy> {
  return (await importRecord(file.modules.live, file.name)) as Strategy
}

/** The strategy as `runVirtual` takes it; `profiled` for runs with `functions`. */
export async function importDerivedStrategy(
  file: StrategyFile,
  form: 'conditional' | 'profiled',
): Promise<DerivedStrategy> {
  return (await importRecord(file.modules[form], file.name)) as DerivedStrategy
}

/** The strategy as a check takes it. */
export async function importRawStrategy(file: StrategyFile): Promise<RawStrategy> {
  return (await importRecord(file.modules.raw, file.name)) as RawStrategy
}

async function importRecord(url: string, name: string): Promise<unknown> {
  const module = (await import(/* @vite-ignore */ url)) as Record<string, unknown>
  return module[name]
}

function splitName(named: string): { path: string; name: string | undefined } {
  const name = /#([\w$]*)$/.exec(named)?.[1]
  return { path: name === undefined ? named : named.slice(0, -name.length - 1), name }
}

function checkPath(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new StrategyFileError([`${path}: there is no such file`])
  if (!stat.isFile()) throw new StrategyFileError([`${path}: is no file`])
  if (!/\.m?ts$/.test(path))
    throw new StrategyFileError([
      `${path}: a strategy is a TypeScript file, whose name ends in .ts: its types are part of its rules`,
    ])
}

async function derive(path: string, entry: string, names: ModuleNames): Promise<DerivedUserFiles> {
  // the parser is native code: it is loaded when there is something to parse
  const { deriveUserFiles, DeriveError } = await import('@mmgather/core/forms')
  const shipped = await shippedText()
  try {
    return deriveUserFiles(entry, {
      read: readText,
      shipped,
      urlOf: coreUrl,
      specifierOf: (file) => `./${names.of(file)}`,
      nameOf: (file) => (file === entry ? path : shown(file)),
    })
  } catch (error) {
    if (error instanceof DeriveError) throw new StrategyFileError(error.violations)
    throw error
  }
}

/** The first file is the one that was named; where the files lie says nothing about what they do. */
function hashOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const text of texts.values()) hash.update(`${text}\0`)
  return hash.digest('hex')
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** A user's file in messages: below the current folder relative, else absolute. */
export function shown(file: string): string {
  const here = relative(process.cwd(), file)
  return here.startsWith('..') ? file : here
}

function chooseRecord(
  path: string,
  records: readonly string[],
  wanted: string | undefined,
): string {
  if (wanted !== undefined) {
    if (records.includes(wanted)) return wanted
    const has = records.length === 0 ? 'no strategy' : records.join(', ')
    throw new StrategyFileError([`${path}: exports no strategy named ${wanted}; it has ${has}`])
  }
  const [first, second] = records
  if (first === undefined)
    throw new StrategyFileError([`${path}: exports no strategy record; write ${EXAMPLE}`])
  if (second === undefined) return first
  throw new StrategyFileError([
    `${path}: exports ${records.length} strategies; name one: ${records.map((each) => `${path}#${each}`).join(', ')}`,
  ])
}

/** The files of all forms, by relative path. The first is named as in `urlsOf`. */
function modulesOf({ code, texts }: DerivedUserFiles, names: ModuleNames): Map<string, string> {
  const [entry] = texts.keys()
  const modules = new Map<string, string>()
  for (const [form, byFile] of Object.entries(code)) {
    for (const [file, text] of byFile) {
      modules.set(join(form, names.of(file)), text)
      if (file === entry) modules.set(join(form, ENTRY), `export * from './${names.of(file)}'\n`)
    }
  }
  return modules
}

const ENTRY = 'strategy.mjs'

/** All files of a form lie in one folder, whatever folders they come from: numbered, and with names to recognise. */
class ModuleNames {
  readonly #names = new Map<string, string>()

  of(file: string): string {
    const known = this.#names.get(file)
    if (known !== undefined) return known
    const bare = parse(file)
      .name.replaceAll(/[^\w.-]/g, '-')
      .slice(0, 40)
    const name = `${this.#names.size}-${bare}.mjs`
    this.#names.set(file, name)
    return name
  }
}

function urlsOf(folder: string): Record<UserForm, string> {
  const url = (form: UserForm): string => pathToFileURL(join(folder, form, ENTRY)).href
  return {
    live: url('live'),
    conditional: url('conditional'),
    profiled: url('profiled'),
    raw: url('raw'),
  }
}
