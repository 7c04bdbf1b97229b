/**
 * The operators of kernel text and the instructions that they are.
 */

import { OP } from './code.ts'

export interface Operator {
  readonly opcode: number
  readonly result: 'int' | 'bool'
  /** What it takes: integers, or two values of the same type. */
  readonly operands: 'int' | 'same'
}

const arithmetic = (opcode: number): Operator => ({ opcode, result: 'int', operands: 'int' })
const comparison = (opcode: number): Operator => ({ opcode, result: 'bool', operands: 'int' })

/** Division is not among them: it is known as `(a / b) | 0` only. */
export const BINARY: Readonly<Record<string, Operator>> = {
  '+': arithmetic(OP.add),
  '-': arithmetic(OP.sub),
  '*': arithmetic(OP.mul),
  '%': arithmetic(OP.rem),
  '&': arithmetic(OP.and),
  '|': arithmetic(OP.or),
  '^': arithmetic(OP.xor),
  '<<': arithmetic(OP.shl),
  '>>': arithmetic(OP.shr),
  '<': comparison(OP.lt),
  '<=': comparison(OP.le),
  '>': comparison(OP.gt),
  '>=': comparison(OP.ge),
  '===': { opcode: OP.eq, result: 'bool', operands: 'same' },
  '!==': { opcode: OP.ne, result: 'bool', operands: 'same' },
}
