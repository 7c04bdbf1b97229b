/**
 * Kernel text as modules: what each text declares, imports and exports, and which declaration a name stands for.
 *
 * Owns name resolution over many modules, through renames and re-exports; every form is made of
 * this one reading. Invariant: a name resolves to the module that declares it, or to nothing.
 */

import type {
  Directive,
  Function as FunctionNode,
  ObjectExpression,
  Program,
  Statement,
  StringLiteral,
  VariableDeclaration,
  VariableDeclarator,
} from 'oxc-parser'

import { parseText } from './parse.ts'
import { resolveSpecifier } from './paths.ts'
import { isStrategyRecord, recordLiteral } from './rules/names.ts'

/** Where a declaration stands: the file and the name that it has there. */
export interface Place {
  readonly file: string
  readonly name: string
}

/** A parsed text. Names of types are left out everywhere but in `sources`. */
export interface TextModule {
  readonly file: string
  readonly text: string
  readonly program: Program
  readonly functions: ReadonlyMap<string, FunctionNode>
  /** Module-level `const` and `let` that are no records. */
  readonly variables: ReadonlyMap<string, VariableDeclarator>
  /** Of them, those that are declared by `let`. */
  readonly mutable: ReadonlySet<string>
  /** Strategy records: the literals themselves. */
  readonly records: ReadonlyMap<string, ObjectExpression>
  /** Imported values by their local name; `name` is the one that the other module exports. */
  readonly imports: ReadonlyMap<string, Place>
  /** Exported names: declared here (`file` is this one) or passed on from another module. */
  readonly exports: ReadonlyMap<string, Place>
  /** Files of `export * from`. */
  readonly stars: readonly string[]
  /** The string literals of every import and export that names another module, and the file it resolves to. */
  readonly sources: readonly { readonly literal: StringLiteral; readonly file: string }[]
}

/** A text that does not parse. */
export class ParseError extends Error {
  constructor(file: string, text: string, message: string, at: number) {
    const before = text.slice(0, at)
    const line = before.split('\n').length
    super(`${file}:${line}:${at - before.lastIndexOf('\n')}: does not parse: ${message}`)
    this.name = 'ParseError'
  }
}

/**
 * Parses one text. `resolve` gives the file that a specifier leads to; default: relative to this file. Throws ParseError.
 */
export function parseModule(
  file: string,
  text: string,
  resolve: (file: string, specifier: string) => string = resolveSpecifier,
): TextModule {
  const { program, errors } = parseText(file, text)
  const [error] = errors
  if (error !== undefined)
    throw new ParseError(file, text, error.message, error.labels[0]?.start ?? 0)
  return { file, text, program, ...declarationsOf(file, program, resolve) }
}

/** What a program declares, imports and exports. */
export function declarationsOf(
  file: string,
  { body }: Program,
  resolve: (file: string, specifier: string) => string = resolveSpecifier,
): Omit<TextModule, 'file' | 'text' | 'program'> {
  const reader = new ModuleReader(file, resolve)
  for (const statement of body) reader.read(statement)
  const { functions, variables, mutable, records, imports, exports, stars, sources } = reader
  return { functions, variables, mutable, records, imports, exports, stars, sources }
}

/** Fills the tables of one module. */
class ModuleReader {
  readonly functions = new Map<string, FunctionNode>()
  readonly variables = new Map<string, VariableDeclarator>()
  readonly mutable = new Set<string>()
  readonly records = new Map<string, ObjectExpression>()
  readonly imports = new Map<string, Place>()
  readonly exports = new Map<string, Place>()
  readonly stars: string[] = []
  readonly sources: { literal: StringLiteral; file: string }[] = []
  readonly #file: string
  readonly #resolve: (file: string, specifier: string) => string

  constructor(file: string, resolve: (file: string, specifier: string) => string) {
    this.#file = file
    this.#resolve = resolve
  }

  read(statement: Statement | Directive): void {
    switch (statement.type) {
      case 'ImportDeclaration': {
        const from = this.#source(statement.source)
        if (statement.importKind === 'type') return
        for (const each of statement.specifiers) {
          if (each.type !== 'ImportSpecifier' || each.importKind === 'type') continue
          this.imports.set(each.local.name, { file: from, name: nameOf(each.imported) })
        }
        return
      }
      case 'ExportNamedDeclaration': {
        const from = statement.source === null ? undefined : this.#source(statement.source)
        if (statement.exportKind === 'type') return
        if (statement.declaration) this.#declare(statement.declaration, true)
        for (const each of statement.specifiers) {
          if (each.exportKind === 'type') continue
          const place = { file: from ?? this.#file, name: nameOf(each.local) }
          this.exports.set(nameOf(each.exported), place)
        }
        return
      }
      case 'ExportAllDeclaration':
        this.stars.push(this.#source(statement.source))
        return
      default:
        this.#declare(statement, false)
    }
  }

  #declare(node: Statement | Directive, isExported: boolean): void {
    if (node.type === 'FunctionDeclaration' && node.id) {
      this.functions.set(node.id.name, node)
      if (isExported) this.#export(node.id.name)
    } else if (node.type === 'VariableDeclaration') this.#declareVariables(node, isExported)
  }

  #declareVariables(node: VariableDeclaration, isExported: boolean): void {
    for (const each of node.declarations) {
      if (each.id.type !== 'Identifier') continue
      const { name } = each.id
      const record = isStrategyRecord(each) ? recordLiteral(each) : undefined
      if (record !== undefined) this.records.set(name, record)
      else this.variables.set(name, each)
      if (node.kind === 'let') this.mutable.add(name)
      if (isExported) this.#export(name)
    }
  }

  #export(name: string): void {
    this.exports.set(name, { file: this.#file, name })
  }

  #source(literal: StringLiteral): string {
    const file = this.#resolve(this.#file, literal.value)
    this.sources.push({ literal, file })
    return file
  }
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value)
}

/** Modules by file, and the names over all of them. */
export class Modules {
  readonly byFile: ReadonlyMap<string, TextModule>
  readonly #exported = new Map<string, Place | undefined>()
  readonly #elsewhere: (file: string, name: string) => Place

  /** @param elsewhere - what a module that is not among these exports under a name. Default: its own, unread. */
  constructor(
    modules: Iterable<TextModule>,
    elsewhere: (file: string, name: string) => Place = (file, name) => ({ file, name }),
  ) {
    this.byFile = new Map([...modules].map((each) => [each.file, each]))
    this.#elsewhere = elsewhere
  }

  /**
   * The declaration that `name`, used at module level or in a function of `file`, stands for. A name from a module that
   * is not among these resolves to what `elsewhere` says. Undefined: no such name.
   */
  resolve(file: string, name: string, seen: Set<string> = new Set()): Place | undefined {
    const module = this.byFile.get(file)
    if (module === undefined) return { file, name }
    if (declares(module, name)) return { file, name }
    const imported = module.imports.get(name)
    if (imported === undefined) return undefined
    if (seen.size > 0) return this.exported(imported.file, imported.name, seen)
    const key = `${imported.file}#${imported.name}`
    if (!this.#exported.has(key))
      this.#exported.set(key, this.exported(imported.file, imported.name, seen))
    return this.#exported.get(key)
  }

  /** The declaration that a module exports under a name. */
  exported(file: string, name: string, seen: Set<string> = new Set()): Place | undefined {
    const module = this.byFile.get(file)
    if (module === undefined) return this.#elsewhere(file, name)
    if (seen.has(`${file}#${name}`)) return undefined
    seen.add(`${file}#${name}`)
    const place = module.exports.get(name)
    if (place !== undefined)
      return place.file === file
        ? this.resolve(file, place.name, seen)
        : this.exported(place.file, place.name, seen)
    for (const star of module.stars) {
      const found = this.byFile.has(star) ? this.exported(star, name, seen) : undefined
      if (found !== undefined) return found
    }
    // a module that is not read may have any name
    const unread = module.stars.find((star) => !this.byFile.has(star))
    return unread === undefined ? undefined : this.#elsewhere(unread, name)
  }
}

function declares(module: TextModule, name: string): boolean {
  return module.functions.has(name) || module.variables.has(name) || module.records.has(name)
}
