/**
 * Brings the stops of a function into statements of their own: calls in which the CPU may stop, and the stops themselves.
 *
 * Afterwards such a call is a statement, or the value of a `set`; what was computed before it in the same expression is
 * in locals. Everything else stays as it was. So a CPU that stops leaves nothing but locals behind.
 */

import {
  childrenOf,
  type Code,
  type Label,
  LEAVES_LONG,
  leaves,
  LOAD_LONG,
  OP,
  type ValueType,
} from './code.ts'

/** May the CPU stop in this instruction? */
export function canStop(code: Code): boolean {
  if (code.op === 'stop') return true
  if (code.op === 'call' && code.stops === true) return true
  return childrenOf(code).some(canStop)
}

/** A value, and what is to be done before it is computed. */
interface Hoisted {
  readonly before: readonly Code[]
  readonly value: Code
}

export class Flattener {
  readonly #locals: ValueType[]

  /** @param locals - types of the function's locals; grows. */
  constructor(locals: ValueType[]) {
    this.#locals = locals
  }

  list(codes: readonly Code[]): Code[] {
    return codes.flatMap((code) => this.#statement(code))
  }

  #statement(code: Code): Code[] {
    if (!canStop(code)) return [code]
    switch (code.op) {
      case 'stop':
        return [code]
      case 'set':
      case 'setVariable':
      case 'drop':
        return this.#withValue(code)
      case 'branch':
      case 'return': {
        if (code.value === undefined) return [code]
        const { before, value } = this.#hoist(code.value)
        return [...before, { ...code, value }]
      }
      case 'if': {
        const { before, value: test } = this.#hoist(code.test)
        return [...before, { ...code, test, yes: this.list(code.yes), no: this.list(code.no) }]
      }
      case 'block':
      case 'loop':
        return [{ ...code, body: this.list(code.body) }]
      case 'call': {
        const { before, operands } = this.#operands(code.operands)
        return [...before, { ...code, operands }]
      }
      case 'access': {
        const { before, operands } = this.#operands([code.address, ...code.operands])
        const [address = code.address, ...rest] = operands
        return [...before, { ...code, address, operands: rest }]
      }
      default:
        throw new Error(`a stop within ${code.op}`)
    }
  }

  #withValue(code: Extract<Code, { op: 'set' | 'tee' | 'setVariable' | 'drop' }>): Code[] {
    const { value } = code
    if (code.op === 'set' && value.op === 'call' && value.stops === true) {
      const { before, operands } = this.#operands(value.operands)
      return [...before, { ...code, value: { ...value, operands } }]
    }
    const hoisted = this.#hoist(value)
    return [...hoisted.before, { ...code, value: hoisted.value }]
  }

  #hoist(code: Code): Hoisted {
    if (!canStop(code)) return { before: [], value: code }
    switch (code.op) {
      case 'call': {
        const { before, operands } = this.#operands(code.operands)
        if (code.stops !== true) return { before, value: { ...code, operands } }
        const local = this.#temporary(code)
        const set: Code = { op: 'set', local, value: { ...code, operands } }
        return { before: [...before, set], value: { op: 'get', local } }
      }
      case 'plain': {
        const { before, operands } = this.#operands(code.operands)
        return { before, value: { ...code, operands } }
      }
      case 'access': {
        const { before, operands } = this.#operands([code.address, ...code.operands])
        const [address = code.address, ...rest] = operands
        return { before, value: { ...code, address, operands: rest } }
      }
      case 'tee': {
        const { before, value } = this.#hoist(code.value)
        const set: Code = { op: 'set', local: code.local, value }
        return { before: [...before, set], value: { op: 'get', local: code.local } }
      }
      case 'if': {
        const test = this.#hoist(code.test)
        const local = this.#temporary(code)
        const yes = this.list(lastSet(code.yes, local))
        const no = this.list(lastSet(code.no, local))
        const choice: Code = { ...code, test: test.value, yes, no, result: undefined }
        return { before: [...test.before, choice], value: { op: 'get', local } }
      }
      case 'block': {
        const local = this.#temporary(code)
        const set = lastSet(code.body, local).flatMap((each) =>
          branchesSet(each, code.label, local),
        )
        const block: Code = { ...code, body: this.list(set), result: undefined }
        return { before: [block], value: { op: 'get', local } }
      }
      default:
        throw new Error(`a stop within ${code.op}`)
    }
  }

  /** Operands in order: what is computed before one that can stop goes to locals. */
  #operands(operands: readonly Code[]): { before: Code[]; operands: Code[] } {
    const last = operands.findLastIndex(canStop)
    const before: Code[] = []
    const values = operands.map((operand, i) => {
      if (i > last || operand.op === 'const' || operand.op === 'number' || operand.op === 'global')
        return operand
      const hoisted = this.#hoist(operand)
      before.push(...hoisted.before)
      if (i === last) return hoisted.value
      const local = this.#temporary(operand)
      before.push({ op: 'set', local, value: hoisted.value })
      return { op: 'get', local } as const
    })
    return { before, operands: values }
  }

  #temporary(code: Code): number {
    return this.#locals.push(this.#typeOf(code)) - 1
  }

  #typeOf(code: Code): ValueType {
    switch (code.op) {
      case 'number':
        return 'f64'
      case 'get':
      case 'tee':
        return this.#locals[code.local] ?? 'i32'
      case 'variable':
        return code.type
      case 'plain': {
        const [first] = code.operands
        if (code.opcode === OP.select && first !== undefined) return this.#typeOf(first)
        return LEAVES_LONG.has(code.opcode) ? 'f64' : 'i32'
      }
      case 'access':
        return code.opcode[0] === LOAD_LONG ? 'f64' : 'i32'
      case 'call':
      case 'if':
      case 'block':
      case 'loop':
        return code.result ?? 'i32'
      default:
        return 'i32'
    }
  }
}

/** The value that the last instruction leaves goes to a local. */
function lastSet(codes: readonly Code[], local: number): Code[] {
  const value = codes.at(-1)
  if (value === undefined || leaves(value)) return [...codes]
  return [...codes.slice(0, -1), { op: 'set', local, value }]
}

/** The values that branches bring to a label go to a local. */
function branchesSet(code: Code, label: Label, local: number): Code[] {
  const all = (codes: readonly Code[]): Code[] =>
    codes.flatMap((each) => branchesSet(each, label, local))
  switch (code.op) {
    case 'branch':
      if (code.label !== label || code.value === undefined) return [code]
      return [
        { op: 'set', local, value: code.value },
        { op: 'branch', label },
      ]
    case 'if':
      return [{ ...code, yes: all(code.yes), no: all(code.no) }]
    case 'block':
    case 'loop':
      return [{ ...code, body: all(code.body) }]
    default:
      // an expression has no branch to a label outside of it
      return [code]
  }
}
