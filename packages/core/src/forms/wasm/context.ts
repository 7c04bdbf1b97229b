/**
 * What is known while a function of the text is turned into code: its names, where it returns to, its loops.
 *
 * A function that is inlined gets a context of its own over the locals of the function that it lands in. Invariant: a
 * local of the text has a wasm local of its own, or stands for code that has no effect and never changes.
 */

import type { Function as FunctionNode } from 'oxc-parser'

import type { TextModule } from '../modules.ts'
import type { At } from '../rules/report.ts'
import {
  type Code,
  constant,
  type Label,
  longOf,
  type Result,
  type Site,
  type ValueType,
} from './code.ts'
import type { Program } from './program.ts'

/** `long`: an integer beyond 32 bits (Cycles). `any` stands for a value that was refused, so that one violation is told once. */
export type Type = 'int' | 'long' | 'bool' | 'void' | 'any'

export interface Value {
  readonly code: Code
  readonly type: Type
}

export interface Binding extends Value {
  /** The wasm local, if it may be assigned to. */
  readonly local?: number
}

/** Where `return` goes: out of the wasm function, or to the end of an inlined one. */
export interface Exit {
  readonly type: Type
  readonly label: Label | undefined
}

export interface Loop {
  readonly breaks: Label
  readonly continues: Label
}

export class Context {
  readonly program: Program
  readonly module: TextModule
  readonly fn: FunctionNode
  readonly exit: Exit
  readonly loops: Loop[] = []
  /** Keys of the functions whose text this one is within, its own among them. */
  readonly within: ReadonlySet<string>
  readonly #name: string
  readonly #inlined: Site | undefined
  readonly #newLocal: (type: ValueType) => number
  readonly #scopes: Map<string, Binding>[] = [new Map()]

  constructor(options: {
    program: Program
    module: TextModule
    fn: FunctionNode
    name: string
    exit: Exit
    within: ReadonlySet<string>
    inlined: Site | undefined
    newLocal: (type: ValueType) => number
  }) {
    this.program = options.program
    this.module = options.module
    this.fn = options.fn
    this.exit = options.exit
    this.within = options.within
    this.#name = options.name
    this.#inlined = options.inlined
    this.#newLocal = options.newLocal
  }

  readonly newLocal = (type: ValueType = 'i32'): number => this.#newLocal(type)

  site({ start }: At): Site {
    return { file: this.module.file, start, name: this.#name, inlined: this.#inlined }
  }

  /** Notes a violation; what stands in for the value. */
  refuse(at: At, reason: string): Value {
    this.program.refusals.refuse(this.module.file, at, reason)
    return { code: constant(0), type: 'any' }
  }

  /** Refuses a value of another type; an integer is a long one, too. */
  expect(at: At, value: Value, type: Type, what: string): Code {
    if (type === 'long' && value.type === 'int') return longOf(value.code)
    if (value.type !== type && value.type !== 'any' && type !== 'any')
      this.refuse(at, `${what} is ${nameOf(type)}, not ${nameOf(value.type)}`)
    return value.code
  }

  bind(name: string, binding: Binding): void {
    this.#scopes.at(-1)?.set(name, binding)
  }

  lookup(name: string): Binding | undefined {
    return this.#scopes.findLast((scope) => scope.has(name))?.get(name)
  }

  /** Runs with a block scope of its own. */
  scoped<T>(work: () => T): T {
    this.#scopes.push(new Map())
    try {
      return work()
    } finally {
      this.#scopes.pop()
    }
  }
}

/** What a value of this type is in WebAssembly. */
export function valueType(type: Type): ValueType {
  return type === 'long' ? 'f64' : 'i32'
}

/** What a function leaves whose text returns this. */
export function resultType(type: Type): Result {
  return type === 'void' ? undefined : valueType(type)
}

function nameOf(type: Type): string {
  const names = {
    int: 'an integer',
    long: 'a long integer',
    bool: 'a boolean',
    void: 'no value',
    any: 'any value',
  }
  return names[type]
}
