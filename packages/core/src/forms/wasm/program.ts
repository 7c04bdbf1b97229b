/**
 * The compilation of one strategy's kernel: which functions are needed, which of them become part of their callers, and
 * what comes from outside.
 *
 * Functions are compiled on demand from the roots on, once each, for there is one strategy and its parameter is gone.
 * Inlined are functions below a size, measured with what is inlined into them; loops that run for a whole teardown are
 * far above it, and must be: V8 replaces no code of a function that is running. Invariant: the order of functions and
 * imports depends on the text alone.
 */

import type { Function as FunctionNode } from 'oxc-parser'

import type { Modules, Place } from '../modules.ts'
import { walk } from '../walk.ts'
import { type Code, constant, type Result, type ValueType } from './code.ts'
import { Constants, type Member } from './constants.ts'
import { Context, resultType, type Type, valueType } from './context.ts'
import { type ArrayPlace, ELEMENT_KINDS } from './elements.ts'
import { Refusals } from './errors.ts'
import { compileExpression } from './expressions.ts'
import type { Intrinsic, Intrinsics } from './intrinsics.ts'
import type { StoredPiece } from './pieces.ts'
import type { Parts } from './parts.ts'
import { keyOf, parametersOf, placeOf, resultOf, typeOf } from './signatures.ts'
import { type OwnSize, Sizes } from './sizes.ts'
import { compileBody, compileEffect } from './statements.ts'

export interface ProgramOptions {
  readonly modules: Modules
  /** The strategy record. */
  readonly strategy: Place
  /** Modules whose variables are fixed for a run: they are imported. */
  readonly globals: ReadonlySet<string>
  /** Of these variables, those that are members of the strategy: their paths, by name. Default: none. */
  readonly memberOf?: Readonly<Record<string, string>>
  /** Module whose arrays are the machine's words. Default: none. */
  readonly words?: string
  /** Modules whose functions are called where they are, in JavaScript. */
  isHost(file: string): boolean
  /** Functions that are instructions, and the modules that declare them. */
  readonly intrinsics: Intrinsics
  readonly intrinsicFiles: ReadonlySet<string>
  /** The size up to which a function becomes part of its callers. */
  readonly inlineLimit: number
  /** Of a function for which it is another. */
  limitOf?(place: Place): number | undefined
  /** Functions of the same text that were compiled when mmgather was built, with the same options. */
  readonly parts?: Parts
  /** The name of a file in messages and in the table of positions. Default: the file. */
  nameOf?(file: string): string
}

export interface CompiledFunction {
  readonly key: string
  readonly name: string
  readonly parameters: number
  readonly result: Result
  /** Types of the locals, those of the parameters first. */
  readonly locals: readonly ValueType[]
  readonly body: readonly Code[]
  /** Its bytes, where they were made when mmgather was built; `body` is empty then. */
  readonly piece?: StoredPiece
  /** Of functions that were compiled here. */
  readonly made?: Made
}

export interface Import {
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly result: Result
}

/** A variable of module level that the text changes. */
export interface Variable {
  readonly key: string
  readonly type: 'int' | 'long' | 'bool'
  readonly initial: number
}

/** What a function's code depends on besides the text, and what the module must have for it: noted while it is compiled. */
export interface Made {
  /** Members of the strategy that were asked for, by path, and what they are. */
  readonly members: Map<string, string>
  /** Functions that were called: did they become part of this one? */
  readonly inlined: Map<string, boolean>
  readonly functions: Set<string>
  readonly hosts: Set<string>
  readonly globals: Set<string>
}

export class Program {
  // here, so that the files of calls, expressions and statements need not import each other in a circle
  readonly compileExpression: typeof compileExpression = compileExpression
  readonly compileBody: typeof compileBody = compileBody
  readonly compileEffect: typeof compileEffect = compileEffect
  readonly modules: Modules
  readonly constants: Constants
  readonly refusals: Refusals
  readonly functions: CompiledFunction[] = []
  readonly globals: Set<string> = new Set()
  readonly hosts: Map<string, Import> = new Map()
  /** Names of the arrays whose offsets are imported. */
  readonly arrays: Set<string> = new Set()
  readonly variables: Map<string, Variable> = new Map()
  readonly #options: ProgramOptions
  /** Members of the strategy by path. */
  readonly #members: ReadonlyMap<string, Member>
  readonly #requested = new Map<string, Place>()
  readonly #sizes: Sizes
  /** Of the function that is being compiled. */
  #made: Made = newMade()
  readonly #assigned = new Map<FunctionNode, Set<string>>()

  constructor(options: ProgramOptions) {
    const { parts } = options
    this.#options = options
    this.modules = options.modules
    this.constants = new Constants(options.modules, (place) => parts?.constantOf(place))
    this.refusals = new Refusals(options.modules, (file) => this.nameOf(file))
    this.#members = this.constants.record(options.strategy)
    this.#sizes = new Sizes({
      modules: options.modules,
      limitOf: (key) => this.#limitOf(key),
      member: (path) => this.#members.get(path),
      isHost: ({ file }) => this.isHost(file),
      isInstruction: (place) => this.intrinsic(place) !== undefined,
      ...(parts && { known: (key) => parts.sizeOf(key) }),
    })
  }

  /** Compiles the roots and all that they call. Throws WasmCompileError. */
  compile(roots: readonly Place[]): void {
    this.#sizes.measure(roots.map(keyOf))
    for (const root of roots) this.request(root)
    // grows while it is walked
    for (const [key, place] of this.#requested) {
      const compiled = this.#known(key) ?? this.#compileFunction(key, place)
      if (compiled !== undefined) this.functions.push(compiled)
    }
    this.refusals.check()
  }

  /** The key of a function that is to be compiled on its own. */
  request(place: Place): string {
    const key = keyOf(place)
    this.#made.functions.add(key)
    this.#require(key)
    return key
  }

  #require(key: string): void {
    if (!this.#requested.has(key)) this.#requested.set(key, placeOf(key))
  }

  /** What a member of the strategy is; undefined: the strategy has none of this path. */
  member(path: string): Member | undefined {
    const member = this.#members.get(path)
    this.#made.members.set(path, memberText(member))
    return member
  }

  nameOf(file: string): string {
    return this.#options.nameOf?.(file) ?? file
  }

  isGlobal({ file }: Place): boolean {
    return this.#options.globals.has(file)
  }

  /** Code that reads a value which is fixed for a run, by the strategy already or not. */
  global(name: string): Code {
    const path = this.#options.memberOf?.[name]
    const member = path === undefined ? undefined : this.member(path)
    if (member?.kind === 'integer') return constant(member.value)
    this.globals.add(name)
    this.#made.globals.add(name)
    return { op: 'global', name }
  }

  /** A variable of module level that is no array. */
  variable(place: Place): Variable | undefined {
    const key = keyOf(place)
    const known = this.variables.get(key)
    if (known !== undefined) return known
    const module = this.modules.byFile.get(place.file)
    if (!module?.mutable.has(place.name) || this.isGlobal(place)) return undefined
    const declared = module.variables.get(place.name)
    if (declared?.init?.type !== 'Literal' && declared?.init?.type !== 'UnaryExpression')
      return undefined
    const initial = this.constants.fold(place.file, declared.init)
    const { id } = declared
    const written = id.type === 'Identifier' ? id.typeAnnotation?.typeAnnotation : undefined
    const type = written === undefined ? 'int' : typeOf(written)
    if (initial === undefined || type === 'void' || type === 'any') return undefined
    const variable: Variable = { key, type, initial }
    this.variables.set(key, variable)
    return variable
  }

  /** A variable of module level that is a typed array. */
  array({ file, name }: Place): ArrayPlace | undefined {
    const id = this.modules.byFile.get(file)?.variables.get(name)?.id
    const type = id?.type === 'Identifier' ? id.typeAnnotation?.typeAnnotation : undefined
    if (type?.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return undefined
    const kind = ELEMENT_KINDS[type.typeName.name]
    if (kind === undefined) return undefined
    if (file === this.#options.words) return { memory: 0, base: { op: 'const', value: 0 }, kind }
    this.arrays.add(name)
    return { memory: 1, base: { op: 'global', name: `array ${name}` }, kind }
  }

  intrinsic({ file, name }: Place): Intrinsic | undefined {
    const { intrinsics, intrinsicFiles } = this.#options
    if (!intrinsicFiles.has(file) || !Object.hasOwn(intrinsics, name)) return undefined
    return intrinsics[name]
  }

  isHost(file: string): boolean {
    return this.#options.isHost(file)
  }

  /** The key of a function outside, noted as an import. */
  host(place: Place): string {
    const key = `host ${place.name}`
    this.#made.hosts.add(key)
    if (this.hosts.has(key)) return key
    const fn = this.#function(place)
    if (fn !== undefined) {
      const parameters = parametersOf(fn).map(({ type }) => valueType(type))
      this.hosts.set(key, { name: place.name, parameters, result: resultType(resultOf(fn)) })
    }
    return key
  }

  /** Does a function become part of its callers? */
  inlines(place: Place): boolean {
    const key = keyOf(place)
    const isSmall = this.#isSmall(key)
    this.#made.inlined.set(key, isSmall)
    return isSmall
  }

  /** What is counted of a function for `inlines`, whichever strategy there is. */
  ownSizeOf(place: Place): OwnSize {
    return this.#sizes.ownOf(keyOf(place))
  }

  #isSmall(key: string): boolean {
    return this.#sizes.of(key) <= this.#limitOf(key)
  }

  #limitOf(key: string): number {
    return this.#options.limitOf?.(placeOf(key)) ?? this.#options.inlineLimit
  }

  /** Locals and parameters that a function assigns to. */
  assignedIn(fn: FunctionNode): ReadonlySet<string> {
    const known = this.#assigned.get(fn)
    if (known !== undefined) return known
    const names = new Set<string>()
    walk(fn, (node) => {
      if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier')
        names.add(node.left.name)
      if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier')
        names.add(node.argument.name)
    })
    this.#assigned.set(fn, names)
    return names
  }

  #function({ file, name }: Place): FunctionNode | undefined {
    return this.modules.byFile.get(file)?.functions.get(name)
  }

  /** A function that was compiled when mmgather was built, if it would come out the same now. */
  #known(key: string): CompiledFunction | undefined {
    const part = this.#options.parts?.find(key, {
      member: (path) => memberText(this.#members.get(path)),
      inlines: (callee) => this.#isSmall(callee),
    })
    if (part === undefined) return undefined
    for (const callee of part.functions) this.#require(callee)
    for (const name of part.globals) this.globals.add(name)
    for (const [host, signature] of part.hosts) {
      if (!this.hosts.has(host)) this.hosts.set(host, signature)
    }
    return part.compiled
  }

  #compileFunction(key: string, place: Place): CompiledFunction | undefined {
    const module = this.modules.byFile.get(place.file)
    const fn = this.#function(place)
    if (module === undefined || !fn?.body) return undefined
    const parameters = parametersOf(fn)
    const locals: ValueType[] = parameters.map((parameter) => valueType(parameter.type))
    const type: Type = resultOf(fn)
    const context = new Context({
      program: this,
      module,
      fn,
      name: place.name,
      exit: { type, label: undefined },
      within: new Set([key]),
      inlined: undefined,
      newLocal: (local) => locals.push(local) - 1,
    })
    parameters.forEach((parameter, local) => {
      context.bind(parameter.name, { code: { op: 'get', local }, type: parameter.type, local })
    })
    const made = newMade()
    this.#made = made
    const body = compileBody(fn.body, context)
    const result = resultType(type)
    return { key, name: place.name, parameters: parameters.length, result, locals, body, made }
  }
}

function newMade(): Made {
  return {
    members: new Map(),
    inlined: new Map(),
    functions: new Set(),
    hosts: new Set(),
    globals: new Set(),
  }
}

/** What a member is, to compare: an integer, or the key of a function. */
function memberText(member: Member | undefined): string {
  if (member === undefined) return ''
  return member.kind === 'integer' ? String(member.value) : keyOf(member.place)
}
