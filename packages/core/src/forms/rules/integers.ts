/**
 * Integer literals and the integer constants of module level, folded so that none leaves int32.
 */
import type { Expression, NumericLiteral, PrivateIdentifier } from 'oxc-parser'

import type { Kind } from './names.ts'
import type { At, Refuse } from './report.ts'

const MIN = -(2 ** 31)
const MAX = 2 ** 31 - 1

/** Constants of this module so far; NaN stands for an import, whose value is not known here. */
export type Constants = Map<string, number>

const OPERATORS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '%': (a, b) => a % b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
}

function isUpperCase(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name)
}

export function checkInteger(at: At, value: number, refuse: Refuse): void {
  if (!Number.isInteger(value)) refuse(at, 'no fractions: every number is an int32')
  else if (value < MIN || value > MAX) refuse(at, `${value} is outside int32`)
}

export function isDivisionToInteger(node: Expression | PrivateIdentifier): boolean {
  return (
    node.type === 'BinaryExpression' &&
    node.operator === '|' &&
    node.left.type === 'BinaryExpression' &&
    node.left.operator === '/' &&
    node.right.type === 'Literal' &&
    node.right.value === 0
  )
}

/** The value of a constant's initialiser; NaN when an import is part of it or it was refused. */
export function foldConstant(
  node: Expression | PrivateIdentifier,
  constants: Constants,
  names: ReadonlyMap<string, Kind>,
  refuse: Refuse,
): number {
  const fold = (each: Expression | PrivateIdentifier): number => {
    const value = foldNode(each)
    if (!Number.isNaN(value)) checkInteger(each, value, refuse)
    return value
  }
  const foldNode = (each: Expression | PrivateIdentifier): number => {
    if (each.type === 'Literal' && typeof each.value === 'number') return each.value
    if (each.type === 'TSAsExpression') return fold(each.expression)
    if (each.type === 'Identifier') return foldName(each, constants, names, refuse)
    if (each.type === 'UnaryExpression' && each.operator === '-') return -foldNode(each.argument)
    if (each.type === 'UnaryExpression' && each.operator === '~') return ~fold(each.argument)
    if (each.type === 'BinaryExpression') {
      if (isDivisionToInteger(each) && each.left.type === 'BinaryExpression') {
        return Math.trunc(fold(each.left.left) / fold(each.left.right))
      }
      const operator = OPERATORS[each.operator]
      if (operator) return foldBinary(operator, fold(each.left), fold(each.right))
    }
    refuse(each, 'a constant of module level is an integer expression of literals and constants')
    return NaN
  }
  return fold(node)
}

function foldBinary(operator: (a: number, b: number) => number, a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? NaN : operator(a, b)
}

function foldName(
  node: At & { name: string },
  constants: Constants,
  names: ReadonlyMap<string, Kind>,
  refuse: Refuse,
): number {
  const value = constants.get(node.name)
  if (value !== undefined) return value
  const kind = names.get(node.name)
  if (kind === 'integer' || (kind === 'unknown' && isUpperCase(node.name))) return NaN
  refuse(node, `${node.name} is no integer constant`)
  return NaN
}

export function isConstantFactor(node: Expression | PrivateIdentifier): boolean {
  if (node.type === 'Literal') return typeof (node as NumericLiteral).value === 'number'
  if (node.type === 'Identifier') return isUpperCase(node.name)
  return node.type === 'UnaryExpression' && node.operator === '-' && isConstantFactor(node.argument)
}
