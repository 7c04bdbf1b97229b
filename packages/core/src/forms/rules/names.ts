/**
 * What the names of one module stand for: the module-level declarations and imports of a text.
 */
import type {
  Expression,
  ImportDeclaration,
  ObjectExpression,
  Program,
  VariableDeclarator,
} from 'oxc-parser'

/** A value of kernel text: a function, an integer, a strategy record, or unknown (import not resolved). */
export type Kind = 'function' | 'integer' | 'record' | 'unknown'

/** The kinds of the values that a module exports, by name; undefined when it is not known. */
export type Exports = ReadonlyMap<string, Kind>
export type Resolve = (specifier: string) => Exports | undefined

export function namesOf(program: Program, resolve: Resolve): Map<string, Kind> {
  const names = new Map<string, Kind>()
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') addImports(names, statement, resolve)
    const isExport = statement.type === 'ExportNamedDeclaration'
    const declaration = isExport ? statement.declaration : statement
    if (declaration?.type === 'FunctionDeclaration' && declaration.id) {
      names.set(declaration.id.name, 'function')
    }
    if (declaration?.type === 'VariableDeclaration') {
      for (const each of declaration.declarations) {
        if (each.id.type === 'Identifier') names.set(each.id.name, kindOf(each))
      }
    }
  }
  return names
}

function addImports(names: Map<string, Kind>, from: ImportDeclaration, resolve: Resolve): void {
  if (from.importKind === 'type') return
  const exports = resolve(from.source.value)
  for (const each of from.specifiers) {
    if (each.type !== 'ImportSpecifier' || each.importKind === 'type') continue
    const imported = each.imported.type === 'Identifier' ? each.imported.name : ''
    names.set(each.local.name, exports?.get(imported) ?? 'unknown')
  }
}

/** Is this declared as a strategy record: `const x: Strategy = ...`, or `const x = defineStrategy(...)`? */
export function isStrategyRecord({ id, init }: VariableDeclarator): boolean {
  if (definedStrategy(init) !== undefined) return true
  const type = id.typeAnnotation?.typeAnnotation
  return (
    type?.type === 'TSTypeReference' &&
    type.typeName.type === 'Identifier' &&
    type.typeName.name === 'Strategy'
  )
}

/** The literal of a strategy record, if it is written in place: the initializer, or what defineStrategy is given. */
export function recordLiteral({ init }: VariableDeclarator): ObjectExpression | undefined {
  const record = definedStrategy(init) ?? init
  return record?.type === 'ObjectExpression' ? record : undefined
}

/** The one argument of defineStrategy. */
function definedStrategy(init: Expression | null): Expression | undefined {
  if (init?.type !== 'CallExpression') return undefined
  const { callee, arguments: given } = init
  if (callee.type !== 'Identifier' || callee.name !== 'defineStrategy') return undefined
  const [record] = given
  return given.length === 1 && record?.type !== 'SpreadElement' ? record : init
}

function kindOf(declarator: VariableDeclarator): Kind {
  if (isStrategyRecord(declarator)) return 'record'
  return isFunction(declarator.init) ? 'function' : 'integer'
}

function isFunction(init: Expression | null): boolean {
  return init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression'
}

/** The names of the members of `interface Strategy` that are integers, if the text declares it. */
export function strategyIntegers(program: Program): Set<string> | undefined {
  for (const statement of program.body) {
    const isExport = statement.type === 'ExportNamedDeclaration'
    const declaration = isExport ? statement.declaration : statement
    if (declaration?.type !== 'TSInterfaceDeclaration' || declaration.id.name !== 'Strategy')
      continue
    const integers = new Set<string>()
    for (const member of declaration.body.body) {
      if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier') continue
      const type = member.typeAnnotation?.typeAnnotation.type
      if (type === 'TSNumberKeyword' || type === 'TSTypeReference') integers.add(member.key.name)
    }
    integers.delete('plain')
    return integers
  }
  return undefined
}
