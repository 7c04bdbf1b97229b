/**
 * Expressions of kernel text: int32 and boolean values, locals, constants and direct calls.
 */
import type {
  Argument,
  AssignmentExpression,
  AssignmentTarget,
  Expression,
  PrivateIdentifier,
  UnaryExpression,
} from 'oxc-parser'

import { checkCallee, checkMember, checkStrategyParameter } from './calls.ts'
import { checkInteger, isConstantFactor, isDivisionToInteger } from './integers.ts'
import { REFUSED, REFUSED_GLOBALS } from './refused.ts'
import type { At } from './report.ts'
import type { Scope } from './scope.ts'
import { isValueType } from './types.ts'

type Operation = Extract<Expression, { type: 'BinaryExpression' }>

const BINARY = new Set('+ - * % & | ^ << >> < <= > >= === !=='.split(' '))
const ASSIGNMENT = new Set('= += -= *= %= &= |= ^= <<= >>='.split(' '))
const UNARY = new Set(['-', '~', '!'])
const MULTIPLY = 'a product of two values is Math.imul(a, b)'
const WHY: Record<string, string> = {
  '==': 'no ==: use ===',
  '!=': 'no !=: use !==',
  '/': 'division only as (a / b) | 0',
  '/=': 'division only as (a / b) | 0',
  '>>>': 'no >>>: a u32 is no int32',
  '>>>=': 'no >>>: a u32 is no int32',
}

export function checkExpression(node: Expression | PrivateIdentifier, scope: Scope): void {
  const { refuse } = scope
  switch (node.type) {
    case 'Literal':
      return checkLiteral(node, scope)
    case 'Identifier':
      return checkName(node, scope)
    case 'UnaryExpression':
      return checkUnary(node, scope)
    case 'BinaryExpression':
      return checkBinary(node, scope)
    case 'LogicalExpression':
      if (node.operator === '??') refuse(node, 'no ??')
      checkExpression(node.left, scope)
      return checkExpression(node.right, scope)
    case 'ConditionalExpression':
      checkExpression(node.test, scope)
      checkExpression(node.consequent, scope)
      return checkExpression(node.alternate, scope)
    case 'AssignmentExpression':
      return checkAssignment(node, scope)
    case 'UpdateExpression':
      return checkTarget(node.argument, scope)
    case 'CallExpression':
      checkCallee(node, scope)
      for (const each of node.arguments) checkArgument(each, scope)
      return
    case 'MemberExpression':
      return checkMember(node, scope)
    case 'TSAsExpression':
      if (!isValueType(node.typeAnnotation)) {
        refuse(node.typeAnnotation, 'a value is boolean, number or a brand')
      }
      return checkExpression(node.expression, scope)
    default:
      return refuse(node, REFUSED[node.type] ?? `${node.type} is no kernel text`)
  }
}

/** The update of a for is the one place of the comma operator. */
export function checkForUpdate(node: Expression, scope: Scope): void {
  const parts = node.type === 'SequenceExpression' ? node.expressions : [node]
  for (const each of parts) checkExpression(each, scope)
}

function checkArgument(node: Argument, scope: Scope): void {
  if (node.type === 'SpreadElement') return scope.refuse(node, REFUSED.SpreadElement)
  const isStrategy = node.type === 'Identifier' && node.name === 'strategy'
  return isStrategy ? checkStrategyParameter(node, scope) : checkExpression(node, scope)
}

function checkLiteral(node: Extract<Expression, { type: 'Literal' }>, { refuse }: Scope): void {
  if (typeof node.value === 'number') return checkInteger(node, node.value, refuse)
  if (typeof node.value === 'boolean') return
  if (typeof node.value === 'string') return refuse(node, 'no strings')
  if ('bigint' in node) return refuse(node, 'no BigInt')
  refuse(node, 'regex' in node ? 'no regular expressions' : 'no null')
}

function checkName(node: At & { name: string }, { names, locals, refuse }: Scope): void {
  const { name } = node
  if (name === 'strategy') return refuse(node, 'strategy is only called or passed on')
  if (locals.has(name)) return
  const kind = names.get(name)
  if (kind === 'function') return refuse(node, `function ${name} is used as a value`)
  if (kind === 'record') return refuse(node, `strategy record ${name} is used as a value`)
  if (kind === undefined) refuse(node, REFUSED_GLOBALS[name] ?? `unknown name ${name}`)
}

function checkUnary(node: UnaryExpression, scope: Scope): void {
  const { operator, argument } = node
  if (!UNARY.has(operator)) scope.refuse(node, `no unary ${operator}`)
  const isNumber = argument.type === 'Literal' && typeof argument.value === 'number'
  if (operator === '-' && isNumber) checkInteger(node, -argument.value, scope.refuse)
  else checkExpression(argument, scope)
}

function checkBinary(node: Operation, scope: Scope): void {
  const { operator, left, right } = node
  if (isDivisionToInteger(node) && left.type === 'BinaryExpression') {
    checkExpression(left.left, scope)
    return checkExpression(left.right, scope)
  }
  if (!BINARY.has(operator)) scope.refuse(node, WHY[operator] ?? `no ${operator}`)
  if (operator === '*' && !isConstantFactor(left) && !isConstantFactor(right)) {
    scope.refuse(node, MULTIPLY)
  }
  checkExpression(left, scope)
  checkExpression(right, scope)
}

function checkAssignment(node: AssignmentExpression, scope: Scope): void {
  const { operator, left, right } = node
  if (!ASSIGNMENT.has(operator)) scope.refuse(node, WHY[operator] ?? `no ${operator}`)
  if (operator === '*=' && !isConstantFactor(right)) scope.refuse(node, MULTIPLY)
  checkTarget(left, scope)
  checkExpression(right, scope)
}

function checkTarget(node: AssignmentTarget, { locals, refuse }: Scope): void {
  if (node.type === 'ArrayPattern' || node.type === 'ObjectPattern') {
    return refuse(node, 'no destructuring')
  }
  const isLocal = node.type === 'Identifier' && locals.has(node.name) && node.name !== 'strategy'
  if (!isLocal) refuse(node, 'assignment only to locals')
}
