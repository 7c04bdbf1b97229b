/**
 * The operators of kernel text and the instructions that they are.
 */

import { OP } from './code.ts'

export interface Operator {
  readonly opcode: number
  /** The instruction on long integers, where there is one. */
  readonly long?: number
  readonly result: 'int' | 'bool'
  /** What it takes: integers, or two values of the same type. */
  readonly operands: 'int' | 'same'
}

function arithmetic(opcode: number, long?: number): Operator {
  return { opcode, ...(long !== undefined && { long }), result: 'int', operands: 'int' }
}

function comparison(opcode: number, long: number): Operator {
  return { opcode, long, result: 'bool', operands: 'int' }
}

/** Division of integers is not among them: it is known as `(a / b) | 0` only. */
export const BINARY: Readonly<Record<string, Operator>> = {
  '+': arithmetic(OP.add, OP.longAdd),
  '-': arithmetic(OP.sub, OP.longSub),
  '*': arithmetic(OP.mul, OP.longMul),
  '%': arithmetic(OP.rem),
  '&': arithmetic(OP.and),
  '|': arithmetic(OP.or),
  '^': arithmetic(OP.xor),
  '<<': arithmetic(OP.shl),
  '>>': arithmetic(OP.shr),
  '<': comparison(OP.lt, OP.longLt),
  '<=': comparison(OP.le, OP.longLe),
  '>': comparison(OP.gt, OP.longGt),
  '>=': comparison(OP.ge, OP.longGe),
  '===': { opcode: OP.eq, long: OP.longEq, result: 'bool', operands: 'same' },
  '!==': { opcode: OP.ne, long: OP.longNe, result: 'bool', operands: 'same' },
}
