/**
 * The file that a user names and all that it imports, relative to it: read, parsed, and found.
 *
 * Invariant: a text with a syntax error, or an import that leads nowhere, is a violation with its place, told together
 * with all others.
 */

import type { Program } from 'oxc-parser'

import { parseText } from '../parse.ts'
import { resolveSpecifier } from '../paths.ts'
import { Report } from '../rules/report.ts'

/** Where the names of core come from, by the specifier that a user writes. */
export const SUBPATHS: Readonly<Record<string, string>> = {
  '@mmgather/core/kernel': 'packages/core/src/api/kernel.ts',
  '@mmgather/core/sync': 'packages/core/src/api/sync.ts',
  '@mmgather/core/machine': 'packages/core/src/api/machine.ts',
}

/** Where an import written in a user's file leads. */
export function resolveUserImport(file: string, specifier: string): string {
  return SUBPATHS[specifier] ?? resolveSpecifier(file, specifier)
}

export interface UserTexts {
  readonly texts: ReadonlyMap<string, string>
  readonly violations: readonly string[]
}

/** Reads `entry` (an absolute path) and its relative imports. */
export function readUserTexts(
  entry: string,
  read: (file: string) => string | undefined,
): UserTexts {
  const texts = new Map<string, string>()
  const violations: string[] = []
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const text = read(file)
    if (text === undefined || texts.has(file)) continue
    texts.set(file, text)
    const report = new Report(file, text)
    const { program, errors } = parseText(file, text)
    for (const { message, labels } of errors)
      report.refuse({ start: labels[0]?.start ?? 0 }, `does not parse: ${message}`)
    for (const { value, start } of sourcesOf(program)) {
      if (!value.startsWith('.')) continue
      const target = resolveSpecifier(file, value)
      if (read(target) === undefined)
        report.refuse({ start }, `there is no file ${value}${hintFor(target, read)}`)
      else queue.push(target)
    }
    violations.push(...report.lines())
  }
  return { texts, violations }
}

/** Node's imports end in the name of the file itself. */
function hintFor(target: string, read: (file: string) => string | undefined): string {
  const bare = target.replace(/\.[cm]?js$/, '')
  return read(`${bare}.ts`) === undefined ? '' : '; write it with .ts at its end'
}

function sourcesOf(program: Program): { value: string; start: number }[] {
  return program.body.flatMap((statement) => {
    const isModuleItem =
      statement.type === 'ImportDeclaration' ||
      statement.type === 'ExportNamedDeclaration' ||
      statement.type === 'ExportAllDeclaration'
    return isModuleItem && statement.source !== null ? [statement.source] : []
  })
}
