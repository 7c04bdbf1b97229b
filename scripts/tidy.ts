/**
 * House rules that no linter has: a doc comment opens every source file, the layers of core import
 * downwards only, source files stay short, and no tracked file names a path of somebody's machine.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

import { parseSync } from 'oxc-parser'

/** The layers of packages/core/src, lowest first: a folder imports itself and what stands before it. */
const LAYERS = [
  'lib',
  'scenario',
  'machine',
  'sync',
  'mm',
  'kernel',
  'api',
  'generated',
  'engines',
  'metrics',
  'trace',
  'run',
  'sweep',
  'fidelity',
]
/** Reads the text of the layers instead of building on them: needs only lib. */
const FORMS = 'forms'

const MAX_LINES = 400
/** Files that may be longer, each with its reason. */
const LONG_FILES: Record<string, string> = {}

const CORE = 'packages/core/src/'
const SOURCE = /^packages\/[^/]+\/src\/.*\.ts$/
/** Paths that exist on one machine only. */
const MACHINE_PATH = /(?<![\w.~/-])\/(?:work|root|home)\/[\w.-]+/
const NOT_TEXT = /\.(?:png|jpg|gif|ico|wasm|gz|tgz)$/
/** Paths in these are examples or data of other machines, not ours. */
const MACHINE_PATHS_ALLOWED = [/\/fixtures\//, /^pnpm-lock\.yaml$/]

/** All violations of one file, as `file:line: reason`. */
export function tidyFile(file: string, text: string): string[] {
  const found = machinePaths(file, text)
  if (!SOURCE.test(file)) return found
  if (!/^(?:#!.*\n)?\/\*\*/.test(text))
    found.push(`${file}:1: a source file opens with a doc comment`)
  found.push(...tooLong(file, text))
  if (file.startsWith(CORE)) found.push(...upwardImports(file, text))
  return found
}

function machinePaths(file: string, text: string): string[] {
  if (MACHINE_PATHS_ALLOWED.some((allowed) => allowed.test(file))) return []
  return text.split('\n').flatMap((line, index) => {
    const path = MACHINE_PATH.exec(line)?.[0]
    return path === undefined ? [] : [`${file}:${index + 1}: path of one machine: ${path}`]
  })
}

function tooLong(file: string, text: string): string[] {
  const lines = text.split('\n').length - 1
  if (lines <= MAX_LINES || file in LONG_FILES) return []
  return [`${file}:${MAX_LINES + 1}: ${lines} lines, at most ${MAX_LINES} are allowed`]
}

function upwardImports(file: string, text: string): string[] {
  const from = layerOf(file)
  if (from === 'index.ts') return []
  if (from !== FORMS && !LAYERS.includes(from)) {
    return [`${file}:1: ${from} is no layer; the layers are ${LAYERS.join(', ')} and ${FORMS}`]
  }
  return relativeImports(file, text).flatMap(({ specifier, line }) => {
    const target = posix.join(posix.dirname(file), specifier)
    if (!target.startsWith(CORE))
      return [`${file}:${line}: import leaves the package: ${specifier}`]
    const to = layerOf(target)
    if (mayImport(from, to)) return []
    return [`${file}:${line}: layer ${from} may not import ${to}: ${specifier}`]
  })
}

function layerOf(file: string): string {
  return file.slice(CORE.length).split('/')[0] ?? ''
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from === FORMS) return to === 'lib'
  return LAYERS.includes(to) && LAYERS.indexOf(to) < LAYERS.indexOf(from)
}

function relativeImports(file: string, text: string): { specifier: string; line: number }[] {
  const { module } = parseSync(file, text)
  const requests = [
    ...module.staticImports.map((each) => each.moduleRequest),
    ...module.staticExports.flatMap((each) => each.entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      value: text.slice(start + 1, end - 1),
      start,
    })),
  ]
  return requests
    .filter((request) => request?.value.startsWith('.') === true)
    .map((request) => ({
      specifier: request!.value,
      line: text.slice(0, request!.start).split('\n').length,
    }))
}

function main(): number {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !NOT_TEXT.test(file))
  const found: string[] = []
  let sources = 0
  for (const file of files) {
    const text = readIfThere(root + file)
    if (text === undefined) continue
    if (SOURCE.test(file)) sources++
    found.push(...tidyFile(file, text))
  }
  if (sources === 0) found.push('tidy saw no source file at all')
  for (const line of found) console.error(line)
  console.log(`tidy: ${files.length} files, ${sources} sources, ${found.length} violations`)
  return found.length === 0 ? 0 : 1
}

/** A file that is deleted but still in the index has no text. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

if (import.meta.main) process.exitCode = main()
