/**
 * Module level of kernel text: imports, types, integer constants, functions and strategy records.
 */
import type {
  Directive,
  Function as FunctionNode,
  ImportDeclaration,
  Program,
  Statement,
  VariableDeclaration,
} from 'oxc-parser'

import { parseText } from '../parse.ts'
import { resolveSpecifier } from '../paths.ts'
import { checkBody } from './body.ts'
import { foldConstant } from './integers.ts'
import type { Constants } from './integers.ts'
import { isStrategyRecord, namesOf } from './names.ts'
import type { Kind, Resolve } from './names.ts'
import { checkRecord } from './records.ts'
import { Report } from './report.ts'
import type { Refuse } from './report.ts'
import { checkParameter, checkReturnType } from './types.ts'

const MODULE_LEVEL =
  'module level holds only imports, types, integer constants, functions and strategy records'
/** Files in the folders of the kernel text that no CPU runs, with what they are for instead. */
export const HOST_FILES: Readonly<Record<string, string>> = {
  'packages/core/src/mm/strategies/index.ts': 'the list of strategies, for hosts to choose from',
  'packages/core/src/api/define-strategy.ts': 'for files of users',
  'packages/core/src/api/kernel.ts': 'the names that files of users import',
  'packages/core/src/api/machine.ts': 'the names that files of users import',
  'packages/core/src/api/sync.ts': 'the names that files of users import',
}
const LAYERS = 'lib|machine|sync|mm|kernel'

export type Known = {
  /** What a module imported by this one exports; undefined when it cannot be found. */
  resolve: Resolve
  /** The integer members of the Strategy interface; undefined when it cannot be found. */
  strategyIntegers: ReadonlySet<string> | undefined
  /** Why a module may not be imported; default: the layers of kernel text. */
  refuseImport?: (specifier: string) => string | undefined
}

type Scope = Known & {
  file: string
  names: ReadonlyMap<string, Kind>
  constants: Constants
  refuse: Refuse
}

export function parse(file: string, text: string): { program: Program; error: string | undefined } {
  const { program, errors } = parseText(file, text)
  return { program, error: errors[0]?.message }
}

/** All violations of one kernel text, as `file:line:column: reason`. */
export function checkText(file: string, text: string, known: Known): string[] {
  const { program, error } = parse(file, text)
  if (error !== undefined) return [`${file}:1:1: does not parse: ${error}`]
  const report = new Report(file, text)
  const names = namesOf(program, known.resolve)
  const scope = { ...known, file, names, constants: new Map(), refuse: report.refuse }
  for (const statement of program.body) checkStatement(statement, scope)
  return report.lines()
}

function checkStatement(statement: Statement | Directive, scope: Scope): void {
  if (statement.type === 'ImportDeclaration') return checkImport(statement, scope)
  if (statement.type === 'ExportDefaultDeclaration') {
    return scope.refuse(statement, 'no default exports')
  }
  if (statement.type !== 'ExportNamedDeclaration') return checkDeclaration(statement, scope)
  if (statement.declaration) return checkDeclaration(statement.declaration, scope)
  if (statement.exportKind !== 'type') scope.refuse(statement, 'export where it is declared')
}

function checkImport(statement: ImportDeclaration, scope: Scope): void {
  const { file, refuse, refuseImport = (source) => refuseByLayer(file, source) } = scope
  const reason = refuseImport(statement.source.value)
  if (reason !== undefined) refuse(statement.source, reason)
  if (statement.specifiers.length === 0) refuse(statement, 'no imports for their side effect')
  for (const each of statement.specifiers) {
    if (each.type === 'ImportDefaultSpecifier') refuse(each, 'no default imports')
    if (each.type === 'ImportNamespaceSpecifier') refuse(each, 'no namespace imports')
  }
}

function refuseByLayer(file: string, source: string): string | undefined {
  const path = resolveSpecifier(file, source)
  if (path in HOST_FILES) return `no kernel text: ${HOST_FILES[path]}`
  if (source.startsWith('.') && new RegExp(`^packages/core/src/(?:${LAYERS})/`).test(path))
    return undefined
  return `kernel text imports only from ${LAYERS.replaceAll('|', ', ')}`
}

function checkDeclaration(node: Statement | Directive, scope: Scope): void {
  switch (node.type) {
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
      return
    case 'FunctionDeclaration':
      return checkFunction(node, scope)
    case 'TSDeclareFunction':
      return scope.refuse(node, 'no overloads and no declared functions')
    case 'VariableDeclaration':
      return checkConstants(node, scope)
    case 'ClassDeclaration':
      return scope.refuse(node, 'no classes')
    case 'TSEnumDeclaration':
      return scope.refuse(node, 'no enums')
    default:
      return scope.refuse(node, MODULE_LEVEL)
  }
}

function checkConstants(node: VariableDeclaration, scope: Scope): void {
  const { refuse, constants, names } = scope
  if (node.kind !== 'const' || node.declare) return refuse(node, MODULE_LEVEL)
  for (const declarator of node.declarations) {
    const { id, init } = declarator
    if (id.type !== 'Identifier') refuse(id, 'no destructuring')
    else if (isStrategyRecord(declarator)) checkRecord(declarator, scope)
    else if (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression') {
      refuse(init, 'no closures: functions are declarations of module level')
    } else if (init) constants.set(id.name, foldConstant(init, constants, names, refuse))
  }
}

function checkFunction(fn: FunctionNode, scope: Scope): void {
  const { refuse } = scope
  if (fn.async) refuse(fn, 'no async functions')
  if (fn.generator) refuse(fn, 'no generators')
  if (fn.typeParameters) refuse(fn.typeParameters, 'no type parameters')
  checkReturnType(fn, refuse)
  const parameters = new Set<string>()
  for (const each of fn.params) {
    if (each.type === 'TSParameterProperty') continue
    const name = checkParameter(each, refuse)
    if (name !== undefined) parameters.add(name)
  }
  for (const name of parameters) {
    if (scope.names.has(name)) refuse(fn, `parameter ${name} hides a name of module level`)
  }
  if (fn.body) checkBody(fn.body, parameters, scope)
}
