/**
 * How large functions are, which decides what becomes part of its callers.
 *
 * A function's size is measured with what is inlined into it. Invariant: sizes are measured from the roots of a program on, so
 * they depend on the text and the strategy alone, not on who asks first, even where functions call each other in a circle.
 */

import type { CallExpression } from 'oxc-parser'

import type { Modules, Place } from '../modules.ts'
import { walk } from '../walk.ts'
import type { Member } from './constants.ts'
import { keyOf, placeOf } from './signatures.ts'

/** What a node counts for; a call of a function that is not inlined counts as three. */
const CALL_SIZE = 3
const COUNTED = new Set([
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
const STRATEGY = 'strategy.'

/** A function's own size, whichever strategy there is, and what it calls besides: keys of text, `strategy.f`. */
export interface OwnSize {
  readonly own: number
  readonly calls: readonly string[]
}

export interface SizesOptions {
  readonly modules: Modules
  /** The size up to which a function becomes part of its callers. */
  limitOf(key: string): number
  member(path: string): Member | undefined
  isHost(place: Place): boolean
  isInstruction(place: Place): boolean
  /** Of functions that were measured when mmgather was built. */
  known?(key: string): OwnSize | undefined
}

/** Is this, of `calls`, a member of the strategy? */
export function isMember(called: string): boolean {
  return called.startsWith(STRATEGY)
}

export class Sizes {
  readonly #options: SizesOptions
  /** Infinity while it is not known: a function that is reached again from itself is called there. */
  readonly #sizes = new Map<string, number>()

  constructor(options: SizesOptions) {
    this.#options = options
  }

  /** Measures these and all that they reach, before anything else: circles are entered where programs enter them. */
  measure(roots: readonly string[]): void {
    for (const root of roots) this.of(root)
  }

  of(key: string): number {
    return this.#sizes.get(key) ?? this.#measure(key)
  }

  /** A function's own size, from its text if it was not measured before. */
  ownOf(key: string): OwnSize {
    const known = this.#options.known?.(key)
    if (known !== undefined) return known
    const { file, name } = placeOf(key)
    const body = this.#options.modules.byFile.get(file)?.functions.get(name)?.body
    const calls: string[] = []
    let own = 0
    if (body) {
      walk(body, (node) => {
        if (COUNTED.has(node.type)) own++
        if (node.type !== 'CallExpression') return
        const called = this.#called(file, node)
        if (typeof called === 'number') own += called
        else calls.push(called)
      })
    }
    return { own, calls }
  }

  #measure(key: string): number {
    this.#sizes.set(key, Infinity)
    const { own, calls } = this.ownOf(key)
    let size = own
    for (const called of calls) {
      const callee = this.#calleeOf(called)
      size += typeof callee === 'number' ? callee : this.#sizeOfCallee(callee)
    }
    this.#sizes.set(key, size)
    return size
  }

  #sizeOfCallee(key: string): number {
    const size = this.of(key)
    return size <= this.#options.limitOf(key) ? size : CALL_SIZE
  }

  /** Of what a call calls: its size, if that is the same under every strategy, or what `OwnSize` calls it. */
  #called(file: string, { callee }: CallExpression): number | string {
    if (callee.type === 'Identifier') {
      const place = this.#options.modules.resolve(file, callee.name)
      return place === undefined ? 1 : this.#sizeOfCall(place)
    }
    const text = this.#options.modules.byFile.get(file)?.text.slice(callee.start, callee.end) ?? ''
    return text.startsWith(STRATEGY) ? text : 1
  }

  #calleeOf(called: string): number | string {
    if (!isMember(called)) return called
    const member = this.#options.member(called.slice(STRATEGY.length))
    return member?.kind === 'function' ? this.#sizeOfCall(member.place) : 1
  }

  #sizeOfCall(place: Place): number | string {
    if (this.#options.isInstruction(place)) return 1
    return this.#options.isHost(place) ? CALL_SIZE : keyOf(place)
  }
}
