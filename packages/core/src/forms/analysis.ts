/**
 * Which functions of the kernel text can stop a CPU: those that reach an ordered primitive, by any chain of calls.
 *
 * A fixpoint over the call graph. The rules of the kernel text make the graph complete: a function is never a value, and
 * a call names a function of module level or a member of the parameter `strategy`. Every member of a strategy outside
 * `plain` counts as able to stop, whoever implements it, so that its callers do not depend on the implementation; a
 * member of `plain` that could stop is an error, with the chain of calls that shows it.
 */

import type {
  CallExpression,
  Expression,
  Function as FunctionNode,
  Node,
  ObjectExpression,
} from 'oxc-parser'

import { type Modules, type Place, type TextModule } from './modules.ts'
import { PRIMITIVES, type Primitive } from './primitives.ts'
import { Report } from './rules/report.ts'
import { walk } from './walk.ts'

/** What a call calls. */
export type Callee =
  | { kind: 'primitive'; name: string; primitive: Primitive }
  | { kind: 'function'; place: Place }
  | { kind: 'strategy'; member: string }
  /** Never stops: a member of `plain`, Math, a function of a module that is no kernel text. */
  | { kind: 'plain' }

export interface AnalysisOptions {
  /** Is this the module of the primitives? */
  isSync(file: string): boolean
  /**
   * Functions of modules that are not among those analysed, yet can stop (a user's file calls the kernel), as `suspending`
   * of their own analysis.
   */
  elsewhere?: ReadonlyMap<string, string>
}

/** Violations that stop a derivation, as `file:line:column: reason`. */
export class DeriveError extends Error {
  readonly violations: readonly string[]

  constructor(violations: readonly string[]) {
    super(`kernel text cannot be derived:\n${violations.join('\n')}`)
    this.name = 'DeriveError'
    this.violations = violations
  }
}

/** A strategy record's functions that the text names in place. */
interface RecordMember {
  module: TextModule
  value: Expression
  place: Place
  isPlain: boolean
}

export class Analysis {
  readonly modules: Modules
  readonly #options: AnalysisOptions
  /** The functions that can stop a CPU, by `file#name`: why: the place it calls, or the primitive. */
  readonly suspending: ReadonlyMap<string, string>
  readonly #suspending = new Map<string, string>()
  /** By `file#name`. */
  readonly #plainMembers = new Set<string>()

  /** Reads the call graph. Throws DeriveError. */
  constructor(modules: Modules, options: AnalysisOptions) {
    this.modules = modules
    this.#options = options
    this.suspending = this.#suspending
    this.#propagate()
    for (const { place, isPlain } of this.#recordMembers())
      if (isPlain) this.#plainMembers.add(`${place.file}#${place.name}`)
    const violations = this.#plainMembersThatStop()
    if (violations.length > 0) throw new DeriveError(violations)
  }

  /** Can this function stop a CPU? */
  suspends({ file, name }: Place): boolean {
    return this.#why(`${file}#${name}`) !== undefined
  }

  /** What a call in a function of `file` calls. */
  calleeOf(file: string, { callee }: CallExpression): Callee {
    if (callee.type === 'MemberExpression') return memberCallee(callee)
    if (callee.type !== 'Identifier') return { kind: 'plain' }
    const place = this.modules.resolve(file, callee.name)
    if (place === undefined) return { kind: 'plain' }
    if (!this.#options.isSync(place.file)) return { kind: 'function', place }
    const primitive = PRIMITIVES[place.name]
    if (primitive === undefined) return { kind: 'plain' }
    return { kind: 'primitive', name: place.name, primitive }
  }

  /** Is this function called as a member of a strategy's `plain`, so that its callers do not name it? */
  isPlainMember({ file, name }: Place): boolean {
    return this.#plainMembers.has(`${file}#${name}`)
  }

  /** Does this call stop a CPU, itself or in what it calls? */
  stops(callee: Callee): boolean {
    if (callee.kind === 'strategy') return true
    if (callee.kind === 'function') return this.suspends(callee.place)
    return callee.kind === 'primitive' && callee.primitive.kind === 'ordered'
  }

  #propagate(): void {
    const callers = new Map<string, string[]>()
    const queue: string[] = []
    const mark = (key: string, why: string): void => {
      if (this.#suspending.has(key)) return
      this.#suspending.set(key, why)
      queue.push(key)
    }
    for (const module of this.modules.byFile.values()) {
      for (const [name, fn] of module.functions) {
        const key = `${module.file}#${name}`
        for (const call of callsIn(fn)) {
          const callee = this.calleeOf(module.file, call)
          if (callee.kind === 'function' && this.modules.byFile.has(callee.place.file)) {
            const called = `${callee.place.file}#${callee.place.name}`
            callers.set(called, [...(callers.get(called) ?? []), key])
          } else if (this.stops(callee)) mark(key, reasonOf(callee))
        }
      }
    }
    for (const { place, isPlain } of this.#recordMembers()) {
      if (!isPlain && this.modules.byFile.has(place.file))
        mark(`${place.file}#${place.name}`, 'a member of a strategy')
    }
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      for (const caller of callers.get(key) ?? []) mark(caller, key)
    }
  }

  #plainMembersThatStop(): string[] {
    return [...this.#recordMembers()].flatMap(({ module, value, place, isPlain }) => {
      if (!isPlain || !this.suspends(place)) return []
      const report = new Report(module.file, module.text)
      report.refuse(value, `a member of 'plain' cannot stop a CPU, but ${this.#chain(place)}`)
      return report.lines()
    })
  }

  /** `max() → g() → atomicAdd()` */
  #chain({ file, name }: Place): string {
    const names = [`${name}()`]
    let why = this.#why(`${file}#${name}`)
    while (why !== undefined && why.includes('#')) {
      names.push(`${why.slice(why.lastIndexOf('#') + 1)}()`)
      why = this.#why(why)
    }
    return [...names, ...(why === undefined ? [] : [why])].join(' → ')
  }

  #why(key: string): string | undefined {
    return this.#suspending.get(key) ?? this.#options.elsewhere?.get(key)
  }

  *#recordMembers(): Generator<RecordMember> {
    for (const module of this.modules.byFile.values()) {
      for (const record of module.records.values()) yield* this.#membersOf(module, record, false)
    }
  }

  *#membersOf(
    module: TextModule,
    record: ObjectExpression,
    isPlain: boolean,
  ): Generator<RecordMember> {
    for (const member of record.properties) {
      if (member.type === 'SpreadElement' || member.key.type !== 'Identifier') continue
      const { value } = member
      if (value.type === 'ObjectExpression') yield* this.#membersOf(module, value, true)
      if (value.type !== 'Identifier') continue
      const place = this.modules.resolve(module.file, value.name)
      const isFunction = place !== undefined && this.#isFunction(place)
      if (isFunction) yield { module, value, place, isPlain }
    }
  }

  #isFunction({ file, name }: Place): boolean {
    const module = this.modules.byFile.get(file)
    return module === undefined ? /^[a-z]/.test(name) : module.functions.has(name)
  }
}

/** Why a function that calls this can stop. */
function reasonOf(callee: Callee): string {
  if (callee.kind === 'primitive') return `${callee.name}()`
  if (callee.kind === 'strategy') return `strategy.${callee.member}()`
  return callee.kind === 'function' ? `${callee.place.file}#${callee.place.name}` : 'a call'
}

function memberCallee(callee: Extract<Expression, { type: 'MemberExpression' }>): Callee {
  const { object, property } = callee
  if (object.type !== 'Identifier' || object.name !== 'strategy') return { kind: 'plain' }
  return { kind: 'strategy', member: property.type === 'Identifier' ? property.name : '?' }
}

/** The calls in a function, in the order of the text. */
function callsIn(fn: FunctionNode): CallExpression[] {
  const calls: CallExpression[] = []
  walk(fn, (node) => {
    if (node.type === 'CallExpression') calls.push(node)
  })
  return calls
}

/** `cpu`, or `cpu + ...`: the parameter that is the running CPU's block wherever kernel text has it. */
export function isOwnAddress(node: Node | undefined): boolean {
  if (node?.type === 'BinaryExpression' && node.operator === '+') return isOwnAddress(node.left)
  return node?.type === 'Identifier' && node.name === 'cpu'
}
