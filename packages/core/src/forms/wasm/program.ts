/**
 * The compilation of one strategy's kernel: which functions are needed, which of them become part of their callers, and
 * what comes from outside.
 *
 * Functions are compiled on demand from the roots on, once each, for there is one strategy and its parameter is gone.
 * Inlined are functions below a size, measured with what is inlined into them; loops that run for a whole teardown are
 * far above it, and must be: V8 replaces no code of a function that is running. Invariant: the order of functions and
 * imports depends on the text alone.
 */

import type { CallExpression, Function as FunctionNode } from 'oxc-parser'

import type { Modules, Place } from '../modules.ts'
import { walk } from '../walk.ts'
import type { Code, Result, ValueType } from './code.ts'
import { Constants, type Member } from './constants.ts'
import { Context, resultType, type Type, valueType } from './context.ts'
import { type ArrayPlace, ELEMENT_KINDS } from './elements.ts'
import { Refusals } from './errors.ts'
import { compileExpression } from './expressions.ts'
import type { Intrinsic, Intrinsics } from './intrinsics.ts'
import { keyOf, parametersOf, resultOf, typeOf } from './signatures.ts'
import { compileBody, compileEffect } from './statements.ts'

export interface ProgramOptions {
  readonly modules: Modules
  /** The strategy record. */
  readonly strategy: Place
  /** Modules whose variables are fixed for a run: they are imported. */
  readonly globals: ReadonlySet<string>
  /** Module whose arrays are the machine's words. Default: none. */
  readonly words?: string
  /** Modules whose functions are called where they are, in JavaScript. */
  isHost(file: string): boolean
  /** Functions that are instructions, and the modules that declare them. */
  readonly intrinsics: Intrinsics
  readonly intrinsicFiles: ReadonlySet<string>
  readonly inlineLimit: number
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

/** What a node counts for; a call of a function that is not inlined counts as three. */
const CALL_WEIGHT = 3
const WEIGHTS = new Set([
  'AssignmentExpression',
  'BinaryExpression',
  'ConditionalExpression',
  'ForStatement',
  'IfStatement',
  'LogicalExpression',
  'UnaryExpression',
  'UpdateExpression',
  'WhileStatement',
])

export class Program {
  // here, so that the files of calls, expressions and statements need not import each other in a circle
  readonly compileExpression: typeof compileExpression = compileExpression
  readonly compileBody: typeof compileBody = compileBody
  readonly compileEffect: typeof compileEffect = compileEffect
  readonly modules: Modules
  readonly constants: Constants
  readonly refusals: Refusals
  /** Members of the strategy by path. */
  readonly members: ReadonlyMap<string, Member>
  readonly functions: CompiledFunction[] = []
  readonly globals: Set<string> = new Set()
  readonly hosts: Map<string, Import> = new Map()
  /** Names of the arrays whose offsets are imported. */
  readonly arrays: Set<string> = new Set()
  readonly variables: Map<string, Variable> = new Map()
  readonly #options: ProgramOptions
  readonly #requested = new Map<string, Place>()
  readonly #weights = new Map<string, number>()
  readonly #assigned = new Map<FunctionNode, Set<string>>()

  constructor(options: ProgramOptions) {
    this.#options = options
    this.modules = options.modules
    this.constants = new Constants(options.modules)
    this.refusals = new Refusals(options.modules, (file) => this.nameOf(file))
    this.members = this.constants.record(options.strategy)
  }

  /** Compiles the roots and all that they call. Throws WasmCompileError. */
  compile(roots: readonly Place[]): void {
    for (const root of roots) this.request(root)
    // grows while it is walked
    for (const [key, place] of this.#requested) {
      const compiled = this.#compileFunction(key, place)
      if (compiled !== undefined) this.functions.push(compiled)
    }
    this.refusals.check()
  }

  /** The key of a function that is to be compiled on its own. */
  request(place: Place): string {
    const key = keyOf(place)
    this.#requested.set(key, this.#requested.get(key) ?? place)
    return key
  }

  nameOf(file: string): string {
    return this.#options.nameOf?.(file) ?? file
  }

  isGlobal({ file }: Place): boolean {
    return this.#options.globals.has(file)
  }

  /** Code that reads a value which is fixed for a run. */
  global(name: string): Code {
    this.globals.add(name)
    return { op: 'global', name }
  }

  /** A variable of module level that is no array. */
  variable(place: Place): Variable | undefined {
    const key = keyOf(place)
    const known = this.variables.get(key)
    if (known !== undefined) return known
    const module = this.modules.byFile.get(place.file)
    const declared = module?.variables.get(place.name)
    if (!module?.mutable.has(place.name) || this.isGlobal(place)) return undefined
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
    const fn = this.#function(place)
    if (fn !== undefined && !this.hosts.has(key)) {
      const parameters = parametersOf(fn).map(({ type }) => valueType(type))
      this.hosts.set(key, { name: place.name, parameters, result: resultType(resultOf(fn)) })
    }
    return key
  }

  inlines(place: Place): boolean {
    if (
      place.file.endsWith('sync/check-memory.ts') &&
      (place.name === 'load' || place.name === 'store')
    )
      return false
    if (place.file.endsWith('sync/check.ts')) return false
    if (place.file.includes('sync/check')) return this.#weight(place) <= 400
    return this.#weight(place) <= this.#options.inlineLimit
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

  /** Size of a function with what is inlined into it; Infinity while that is not known, for it calls itself then. */
  #weight(place: Place): number {
    const key = keyOf(place)
    const known = this.#weights.get(key)
    if (known !== undefined) return known
    this.#weights.set(key, Infinity)
    const fn = this.#function(place)
    let weight = 0
    if (fn?.body) {
      walk(fn.body, (node) => {
        if (WEIGHTS.has(node.type)) weight++
        if (node.type === 'CallExpression') weight += this.#callWeight(place.file, node)
      })
    }
    this.#weights.set(key, weight)
    return weight
  }

  #callWeight(file: string, { callee }: CallExpression): number {
    const place = this.#calleePlace(file, callee)
    if (place === undefined || this.intrinsic(place)) return 1
    if (this.isHost(place.file)) return CALL_WEIGHT
    const weight = this.#weight(place)
    return weight <= this.#options.inlineLimit ? weight : CALL_WEIGHT
  }

  #calleePlace(file: string, callee: CallExpression['callee']): Place | undefined {
    if (callee.type === 'Identifier') return this.modules.resolve(file, callee.name)
    const text = this.modules.byFile.get(file)?.text.slice(callee.start, callee.end) ?? ''
    const member = this.members.get(text.replace(/^strategy\./, ''))
    return member?.kind === 'function' ? member.place : undefined
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
    const body = compileBody(fn.body, context)
    const result = resultType(type)
    return { key, name: place.name, parameters: parameters.length, result, locals, body }
  }
}
