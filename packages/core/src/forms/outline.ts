/**
 * Outlines of modules: what a text declares, imports and exports, and where each declaration stands in it.
 *
 * A module with an outline is parsed declaration by declaration, each when it is asked for, so that whoever needs few of many
 * texts parses little. Invariant: it says what the same text says that was parsed whole.
 */

import type {
  Function as FunctionNode,
  ObjectExpression,
  Program,
  VariableDeclarator,
} from 'oxc-parser'

import { declarationsOf, parseModule, type Place, type TextModule } from './modules.ts'
import { parsePart } from './parse.ts'

/** First and last place, by the name that is declared there. */
type Ranges = Readonly<Record<string, readonly [start: number, end: number]>>

/** By file, the names that come from it: `name`, or `name as other` where this module has another name for it. */
type Names = Readonly<Record<string, readonly string[]>>

/** An outline is plain data. */
export interface Outline {
  readonly functions: Ranges
  readonly variables: Ranges
  readonly records: Ranges
  readonly mutable: readonly string[]
  readonly imports: Names
  readonly exports: Names
  readonly stars: readonly string[]
}

export function outlineOf(module: TextModule): Outline {
  const { program, functions, variables, records, mutable, imports, exports, stars } = module
  const ranges = new Map<string, readonly [number, number]>()
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type === 'FunctionDeclaration' && node.id)
      ranges.set(node.id.name, [node.start, node.end])
    if (node?.type !== 'VariableDeclaration') continue
    for (const { id } of node.declarations)
      if (id.type === 'Identifier') ranges.set(id.name, [node.start, node.end])
  }
  const rangesOf = (names: Iterable<string>): Ranges =>
    Object.fromEntries([...names].map((name) => [name, ranges.get(name) ?? [0, 0]]))
  return {
    functions: rangesOf(functions.keys()),
    variables: rangesOf(variables.keys()),
    records: rangesOf(records.keys()),
    mutable: [...mutable],
    imports: namesOf(imports),
    exports: namesOf(exports),
    stars,
  }
}

function namesOf(places: ReadonlyMap<string, Place>): Names {
  const names: Record<string, string[]> = {}
  for (const [here, { file, name }] of places) {
    const list = names[file] ?? []
    names[file] = list
    list.push(here === name ? name : `${name} as ${here}`)
  }
  return names
}

function placesOf(names: Names): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const [file, list] of Object.entries(names)) {
    for (const each of list) {
      const [name = '', here = name] = each.split(' as ')
      places.set(here, { file, name })
    }
  }
  return places
}

/** The module of an outline. @param read - gives the text that the outline is of. */
export function outlinedModule(file: string, outline: Outline, read: () => string): TextModule {
  return new OutlinedModule(file, outline, read)
}

class OutlinedModule implements TextModule {
  readonly file: string
  readonly functions: ReadonlyMap<string, FunctionNode>
  readonly variables: ReadonlyMap<string, VariableDeclarator>
  readonly records: ReadonlyMap<string, ObjectExpression>
  readonly mutable: ReadonlySet<string>
  readonly stars: readonly string[]
  readonly #outline: Outline
  readonly #read: () => string
  #imports: ReadonlyMap<string, Place> | undefined
  #exports: ReadonlyMap<string, Place> | undefined
  #text: string | undefined

  constructor(file: string, outline: Outline, read: () => string) {
    this.file = file
    this.#outline = outline
    this.#read = read
    const declared = ([start, end]: readonly [number, number]) =>
      declarationsOf(file, parsePart(file, this.text, start, end))
    this.functions = new Declarations(outline.functions, (name, range) =>
      declared(range).functions.get(name),
    )
    this.variables = new Declarations(outline.variables, (name, range) =>
      declared(range).variables.get(name),
    )
    this.records = new Declarations(outline.records, (name, range) =>
      declared(range).records.get(name),
    )
    this.mutable = new Set(outline.mutable)
    this.stars = outline.stars
  }

  get imports(): ReadonlyMap<string, Place> {
    this.#imports ??= placesOf(this.#outline.imports)
    return this.#imports
  }

  get exports(): ReadonlyMap<string, Place> {
    this.#exports ??= placesOf(this.#outline.exports)
    return this.#exports
  }

  get text(): string {
    this.#text ??= this.#read()
    return this.#text
  }

  get program(): Program {
    return parseModule(this.file, this.text).program
  }

  get sources(): TextModule['sources'] {
    return parseModule(this.file, this.text).sources
  }
}

/** Declarations by name, each parsed when it is asked for first. */
class Declarations<Node> implements ReadonlyMap<string, Node> {
  readonly #ranges: Ranges
  readonly #parse: (name: string, range: readonly [number, number]) => Node | undefined
  readonly #parsed = new Map<string, Node | undefined>()

  constructor(
    ranges: Ranges,
    parse: (name: string, range: readonly [number, number]) => Node | undefined,
  ) {
    this.#ranges = ranges
    this.#parse = parse
  }

  get size(): number {
    return Object.keys(this.#ranges).length
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#ranges, name)
  }

  get(name: string): Node | undefined {
    const range = this.has(name) ? this.#ranges[name] : undefined
    if (range !== undefined && !this.#parsed.has(name))
      this.#parsed.set(name, this.#parse(name, range))
    return this.#parsed.get(name)
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#ranges).values()
  }

  values(): MapIterator<Node> {
    return this.#whole().values()
  }

  entries(): MapIterator<[string, Node]> {
    return this.#whole().entries()
  }

  [Symbol.iterator](): MapIterator<[string, Node]> {
    return this.entries()
  }

  forEach(visit: (node: Node, name: string, map: ReadonlyMap<string, Node>) => void): void {
    for (const [name, node] of this.#whole()) visit(node, name, this)
  }

  #whole(): Map<string, Node> {
    const whole = new Map<string, Node>()
    for (const name of this.keys()) {
      const node = this.get(name)
      if (node !== undefined) whole.set(name, node)
    }
    return whole
  }
}
