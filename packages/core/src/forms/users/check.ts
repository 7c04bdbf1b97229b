/**
 * The rules of the kernel text for files of users: those of core's own text, with other imports, and what a mistyped
 * name in an import or in a strategy record would silently do.
 */

import type { ImportDeclaration, ObjectExpression, Program } from 'oxc-parser'

import { didYouMean } from '../../lib/did-you-mean.ts'
import { checkText, parse } from '../rules/check.ts'
import { type Exports, isStrategyRecord, namesOf, recordLiteral } from '../rules/names.ts'
import { type Refuse, Report } from '../rules/report.ts'
import { walk } from '../walk.ts'
import { nameOf, type Offered, offeredBy } from './exports.ts'
import { resolveUserImport, SUBPATHS } from './files.ts'
import type { ShippedText } from './shipped.ts'

/** All violations of all texts, as `file:line:column: reason`. */
export function checkUserTexts(texts: ReadonlyMap<string, string>, shipped: ShippedText): string[] {
  const members = new Set(shipped.members)
  const integers = new Set(shipped.integers)
  const offers = new Map<string, Map<string, Offered>>()
  for (const [file, names] of Object.entries(shipped.names)) {
    const kinds = Object.entries(names).map(([name, { kind }]) => [name, kind] as const)
    offers.set(file, new Map(kinds))
  }
  for (const file of texts.keys())
    offers.set(
      file,
      offeredBy(file, (each) => texts.get(each)),
    )
  return [...texts].flatMap(([file, text]) => {
    const resolve = (specifier: string) => offers.get(resolveUserImport(file, specifier))
    const report = new Report(file, text)
    const { program } = parse(file, text)
    checkNames(program, report.refuse)
    for (const statement of program.body) {
      if (statement.type === 'ImportDeclaration')
        checkImported(statement, resolve(statement.source.value), report.refuse)
    }
    for (const record of recordsOf(program)) checkMembers(record, members, report.refuse)
    const rules = checkText(file, text, {
      resolve: (specifier) => valuesOf(resolve(specifier)),
      strategyIntegers: integers,
      refuseImport,
    })
    return [...report.lines(), ...rules].sort(byPlace)
  })
}

/** `file:line:column: reason` of one file, in the order of its text. */
function byPlace(a: string, b: string): number {
  const [lineA = 0, columnA = 0] = placeOf(a)
  const [lineB = 0, columnB = 0] = placeOf(b)
  return lineA - lineB || columnA - columnB
}

function placeOf(violation: string): number[] {
  return /:(\d+):(\d+): /.exec(violation)?.slice(1).map(Number) ?? []
}

function refuseImport(specifier: string): string | undefined {
  if (specifier in SUBPATHS || specifier.startsWith('.')) return undefined
  return `a strategy file imports relative files and ${Object.keys(SUBPATHS).join(', ')}`
}

function valuesOf(offered: ReadonlyMap<string, Offered> | undefined): Exports | undefined {
  if (offered === undefined) return undefined
  return new Map([...offered].flatMap(([name, kind]) => (kind === 'type' ? [] : [[name, kind]])))
}

/** Names that begin with $ are those that the derived forms bring in. */
function checkNames(program: Program, refuse: Refuse): void {
  walk(program, (node) => {
    if (node.type === 'Identifier' && node.name.startsWith('$'))
      refuse(node, 'names that begin with $ are for the derived forms')
  })
}

/** Every imported name is one that the module has, and types are imported as such. */
function checkImported(
  statement: ImportDeclaration,
  offered: ReadonlyMap<string, Offered> | undefined,
  refuse: Refuse,
): void {
  if (offered === undefined) return
  for (const each of statement.specifiers) {
    if (each.type !== 'ImportSpecifier') continue
    const name = nameOf(each.imported)
    const kind = offered.get(name)
    const isType = statement.importKind === 'type' || each.importKind === 'type'
    if (kind === undefined)
      refuse(each, `${statement.source.value} has no export ${name}${near(name, offered.keys())}`)
    else if (kind === 'type' && !isType)
      refuse(each, `${name} is a type: import { type ${name} }, or import type { ${name} }`)
  }
}

function near(name: string, known: Iterable<string>): string {
  const suggestion = didYouMean(name, known)
  return suggestion === undefined ? '' : `; ${suggestion}`
}

function* recordsOf(program: Program): Generator<ObjectExpression> {
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type !== 'VariableDeclaration') continue
    for (const each of node.declarations) {
      const record = isStrategyRecord(each) ? recordLiteral(each) : undefined
      if (record !== undefined) yield record
    }
  }
}

/** A member that the interface does not have would never be called. */
function checkMembers(
  record: ObjectExpression,
  members: ReadonlySet<string>,
  refuse: Refuse,
): void {
  const check = (part: ObjectExpression, prefix: string): void => {
    for (const each of part.properties) {
      if (each.type === 'SpreadElement' || each.key.type !== 'Identifier') continue
      const name = prefix + each.key.name
      if (!members.has(name)) refuse(each, `a strategy has no member ${name}${near(name, members)}`)
      if (name === 'plain' && each.value.type === 'ObjectExpression') check(each.value, 'plain.')
    }
  }
  check(record, '')
}

/** The strategy records that a text exports, by name. */
export function exportedRecords(file: string, text: string): string[] {
  const { program } = parse(file, text)
  const kinds = namesOf(program, () => undefined)
  const offered = offeredBy(file, () => text)
  return [...offered.keys()].filter((name) => kinds.get(name) === 'record')
}
