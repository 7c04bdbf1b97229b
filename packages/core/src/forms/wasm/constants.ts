/**
 * What names of module level are worth at compile time: integer constants, and the members of a strategy record.
 *
 * Invariant: a value is computed from the text alone; a name that stands for nothing known is undefined, and whoever
 * asked refuses it where it is used.
 */

import type { Expression, ObjectExpression, PrivateIdentifier } from 'oxc-parser'

import type { Modules, Place } from '../modules.ts'
import { isDivisionToInteger } from '../rules/integers.ts'
import { binary, type Code, constant } from './code.ts'
import { BINARY } from './operators.ts'

/** A member of the strategy: a function, or an integer. */
export type Member = { kind: 'function'; place: Place } | { kind: 'integer'; value: number }

export class Constants {
  readonly #modules: Modules
  readonly #before: (place: Place) => number | undefined
  readonly #known = new Map<string, number | undefined>()

  /** @param known - values that were computed before. */
  constructor(modules: Modules, known: (place: Place) => number | undefined = () => undefined) {
    this.#modules = modules
    this.#before = known
  }

  /** The integer that a module-level constant stands for. */
  valueOf({ file, name }: Place): number | undefined {
    const key = `${file}#${name}`
    if (this.#known.has(key)) return this.#known.get(key)
    const before = this.#before({ file, name })
    if (before !== undefined) return before
    // a constant that needs itself has no value
    this.#known.set(key, undefined)
    const init = this.#modules.byFile.get(file)?.variables.get(name)?.init
    const value = init ? this.fold(file, init) : undefined
    this.#known.set(key, value)
    return value
  }

  /** The int32 of an expression of literals and constants. */
  fold(file: string, node: Expression | PrivateIdentifier): number | undefined {
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'number' && (node.value | 0) === node.value
          ? node.value
          : undefined
      case 'TSAsExpression':
        return this.fold(file, node.expression)
      case 'Identifier': {
        const place = this.#modules.resolve(file, node.name)
        return place === undefined ? undefined : this.valueOf(place)
      }
      case 'UnaryExpression': {
        const { argument } = node
        if (node.operator === '-' && argument.type === 'Literal' && argument.value === 2 ** 31)
          return -(2 ** 31)
        const value = this.fold(file, argument)
        if (value === undefined) return undefined
        if (node.operator === '-') return -value | 0
        return node.operator === '~' ? ~value : undefined
      }
      case 'BinaryExpression':
        return this.#foldBinary(file, node)
      default:
        return undefined
    }
  }

  #foldBinary(
    file: string,
    node: Extract<Expression, { type: 'BinaryExpression' }>,
  ): number | undefined {
    if (isDivisionToInteger(node) && node.left.type === 'BinaryExpression') {
      const a = this.fold(file, node.left.left)
      const b = this.fold(file, node.left.right)
      return a === undefined || b === undefined || b === 0 ? undefined : (a / b) | 0
    }
    const a = this.fold(file, node.left)
    const b = this.fold(file, node.right)
    const operator = BINARY[node.operator]
    if (a === undefined || b === undefined || operator?.result !== 'int') return undefined
    const folded: Code = binary(operator.opcode, constant(a), constant(b))
    return folded.op === 'const' ? folded.value : undefined
  }

  /** The members of a strategy record, spreads resolved: `pageRemoveRmap`, `plain.tlbStorePage`, `slotWords`. */
  record({ file, name }: Place): Map<string, Member> {
    const record = this.#modules.byFile.get(file)?.records.get(name)
    const members = new Map<string, Member>()
    if (record !== undefined) this.#addMembers(members, file, record, '')
    return members
  }

  /** The id that a record gives its strategy. */
  idOf({ file, name }: Place): string | undefined {
    const record = this.#modules.byFile.get(file)?.records.get(name)
    for (const member of record?.properties ?? []) {
      if (member.type === 'SpreadElement' || member.key.type !== 'Identifier') continue
      const { value } = member
      if (member.key.name === 'id' && value.type === 'Literal' && typeof value.value === 'string')
        return value.value
    }
    return undefined
  }

  #addMembers(
    members: Map<string, Member>,
    file: string,
    record: ObjectExpression,
    prefix: string,
  ): void {
    for (const member of record.properties) {
      if (member.type === 'SpreadElement') this.#addSpread(members, file, member.argument, prefix)
      else if (member.key.type === 'Identifier')
        this.#addMember(members, file, member.value, prefix + member.key.name)
    }
  }

  #addMember(members: Map<string, Member>, file: string, value: Expression, path: string): void {
    if (value.type === 'ObjectExpression') {
      // like in JavaScript, a nested record that is written replaces one that was spread
      for (const known of members.keys()) if (known.startsWith(`${path}.`)) members.delete(known)
      this.#addMembers(members, file, value, `${path}.`)
      return
    }
    const integer = this.fold(file, value)
    if (integer !== undefined) {
      members.set(path, { kind: 'integer', value: integer })
      return
    }
    if (value.type !== 'Identifier') return
    const place = this.#modules.resolve(file, value.name)
    if (place !== undefined) members.set(path, { kind: 'function', place })
  }

  /** `...base`, or `...base.plain` within `plain`. */
  #addSpread(members: Map<string, Member>, file: string, spread: Expression, prefix: string): void {
    const nested = spread.type === 'MemberExpression' && !spread.computed ? spread : undefined
    const base = nested?.object ?? spread
    const from = nested === undefined ? '' : `${nested.property.name}.`
    const place = base.type === 'Identifier' ? this.#modules.resolve(file, base.name) : undefined
    if (place === undefined) return
    for (const [path, member] of this.record(place)) {
      if (path.startsWith(from)) members.set(prefix + path.slice(from.length), member)
    }
  }
}
