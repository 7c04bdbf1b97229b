/**
 * Expressions of kernel text as code, with the types of the text: integers and booleans, both i32, and long integers (the
 * type Cycles of virtual text), which are f64.
 */

import type { Expression, PrivateIdentifier } from 'oxc-parser'

import { isConstantFactor, isDivisionToInteger } from '../rules/integers.ts'
import { compileCall, compileMember } from './calls.ts'
import { binary, choose, constant, not, OP, sequence, type Code } from './code.ts'
import { type Context, type Type, type Value, valueType } from './context.ts'
import { compileElement, storeElement } from './elements.ts'
import { BINARY, type Operator } from './operators.ts'
import { compileSequence, compileYield } from './yields.ts'

type Node<Kind extends Expression['type']> = Extract<Expression, { type: Kind }>

export function compileExpression(node: Expression | PrivateIdentifier, context: Context): Value {
  switch (node.type) {
    case 'Literal':
      return compileLiteral(node, context)
    case 'Identifier':
      return compileName(node, context)
    case 'UnaryExpression':
      return compileUnary(node, context)
    case 'BinaryExpression':
      return compileBinary(node, context)
    case 'LogicalExpression':
      return compileLogical(node, context)
    case 'ConditionalExpression':
      return compileConditional(node, context)
    case 'AssignmentExpression':
      return compileAssignment(node, context)
    case 'UpdateExpression':
      return compileUpdate(node, context)
    case 'CallExpression':
      return compileCall(node, context)
    case 'MemberExpression':
      return node.computed ? compileElement(node, context) : compileMember(node, context)
    case 'SequenceExpression':
      return compileSequence(node, context)
    case 'YieldExpression':
      return compileYield(node, context)
    case 'TSAsExpression':
      return compileExpression(node.expression, context)
    default:
      return context.refuse(node, `${node.type} is no kernel text`)
  }
}

/** The code of an expression that must have this type. */
export function compileInt(node: Expression | PrivateIdentifier, context: Context): Code {
  return context.expect(node, compileExpression(node, context), 'int', 'the value')
}

export function compileCondition(node: Expression, context: Context): Code {
  return context.expect(node, compileExpression(node, context), 'bool', 'a condition')
}

function compileLiteral(node: Node<'Literal'>, context: Context): Value {
  if (typeof node.value === 'boolean') return { code: constant(Number(node.value)), type: 'bool' }
  const value = context.program.constants.fold(context.module.file, node)
  if (value === undefined) return context.refuse(node, 'no int32 and no boolean')
  return { code: constant(value), type: 'int' }
}

function compileName(node: { start: number; name: string }, context: Context): Value {
  const local = context.lookup(node.name)
  if (local !== undefined) return { code: local.code, type: local.type }
  const { program, module } = context
  const place = program.modules.resolve(module.file, node.name)
  if (place === undefined) return context.refuse(node, `unknown name ${node.name}`)
  if (program.isGlobal(place)) return { code: program.global(place.name), type: 'int' }
  const variable = program.variable(place)
  if (variable !== undefined) {
    const code: Code = { op: 'variable', name: variable.key, type: valueType(variable.type) }
    return { code, type: variable.type }
  }
  const value = program.constants.valueOf(place)
  if (value === undefined) return context.refuse(node, `${node.name} is no integer constant`)
  return { code: constant(value), type: 'int' }
}

function compileUnary(node: Node<'UnaryExpression'>, context: Context): Value {
  const { operator, argument } = node
  if (operator === '!') {
    const code = context.expect(
      node,
      compileExpression(argument, context),
      'bool',
      'what ! negates',
    )
    return { code: not(code), type: 'bool' }
  }
  const known = context.program.constants.fold(context.module.file, node)
  // a local may have the name of a constant elsewhere, but not in this module
  if (known !== undefined && argument.type === 'Literal')
    return { code: constant(known), type: 'int' }
  if (operator === '-')
    return { code: binary(OP.sub, constant(0), compileInt(argument, context)), type: 'int' }
  if (operator === '~')
    return { code: binary(OP.xor, compileInt(argument, context), constant(-1)), type: 'int' }
  return context.refuse(node, `no unary ${operator}`)
}

function compileBinary(node: Node<'BinaryExpression'>, context: Context): Value {
  if (isDivisionToInteger(node) && node.left.type === 'BinaryExpression') {
    const { left: a, right: b } = node.left
    return {
      code: binary(OP.div, compileInt(a, context), compileInt(b, context), context.site(node)),
      type: 'int',
    }
  }
  const operator = node.operator === '/' ? LONG_DIVISION : BINARY[node.operator]
  if (operator === undefined) return context.refuse(node, `no ${node.operator}`)
  const a = compileExpression(node.left, context)
  const b = compileExpression(node.right, context)
  if (a.type === 'long' || b.type === 'long') return compileLong(node, operator, a, b, context)
  if (node.operator === '/') return context.refuse(node, 'no /')
  if (node.operator === '*' && !isConstantFactor(node.left) && !isConstantFactor(node.right))
    return context.refuse(node, 'a product of two values is Math.imul(a, b)')
  const type = operator.operands === 'int' ? 'int' : a.type
  const code = binary(
    operator.opcode,
    context.expect(node.left, a, type === 'void' ? 'int' : type, `an operand of ${node.operator}`),
    context.expect(node.right, b, type, `an operand of ${node.operator}`),
    operator.opcode === OP.rem ? context.site(node) : undefined,
  )
  return { code, type: operator.result }
}

/** Of long integers alone, within Math.floor. */
const LONG_DIVISION: Operator = {
  opcode: OP.div,
  long: OP.longDiv,
  result: 'int',
  operands: 'int',
}

/** An operation with a long integer among its operands; `| 0` makes an int32 of one. */
function compileLong(
  node: Node<'BinaryExpression'>,
  operator: Operator,
  a: Value,
  b: Value,
  context: Context,
): Value {
  if (node.operator === '|' && b.code.op === 'const' && b.code.value === 0) {
    const long: Code = { op: 'plain', opcode: OP.truncate, operands: [a.code] }
    return { code: { op: 'plain', opcode: OP.wrap, operands: [long] }, type: 'int' }
  }
  if (operator.long === undefined)
    return context.refuse(node, `no ${node.operator} of long integers`)
  const code: Code = {
    op: 'plain',
    opcode: operator.long,
    operands: [
      context.expect(node.left, a, 'long', `an operand of ${node.operator}`),
      context.expect(node.right, b, 'long', `an operand of ${node.operator}`),
    ],
  }
  return { code, type: operator.result === 'bool' ? 'bool' : 'long' }
}

/** `&&` and `||` of booleans: the right side is evaluated only where it counts. */
function compileLogical(node: Node<'LogicalExpression'>, context: Context): Value {
  const { operator } = node
  if (operator === '??') return context.refuse(node, 'no ??')
  const a = compileCondition(node.left, context)
  const b = compileCondition(node.right, context)
  const codes =
    operator === '&&' ? choose(a, [b], [constant(0)], 'i32') : choose(a, [constant(1)], [b], 'i32')
  return { code: sequence(codes), type: 'bool' }
}

function compileConditional(node: Node<'ConditionalExpression'>, context: Context): Value {
  const test = compileCondition(node.test, context)
  const a = compileExpression(node.consequent, context)
  const b = compileExpression(node.alternate, context)
  const type = commonType(a.type, b.type)
  const yes = context.expect(node.consequent, a, type, 'the value')
  const no = context.expect(node.alternate, b, type, 'the other value')
  if (type === 'void') return context.refuse(node, 'no value to choose')
  const result = valueType(type)
  return { code: sequence(choose(test, [yes], [no], result), result), type }
}

function commonType(a: Type, b: Type): Type {
  if (a === 'any') return b
  return a === 'int' && b === 'long' ? 'long' : a
}

/** `x = value`, `x += value`; the value of it is what was assigned, of variables of module level there is none. */
function compileAssignment(node: Node<'AssignmentExpression'>, context: Context): Value {
  const { left, operator } = node
  const target = left.type === 'Identifier' ? context.lookup(left.name) : undefined
  if (operator === '=' && left.type === 'MemberExpression' && left.computed)
    return storeElement(left, node.right, context)
  const value = compileExpression(node.right, context)
  if (target === undefined && operator === '=' && left.type === 'Identifier') {
    const stored = setVariable(left, value, context)
    if (stored !== undefined) return stored
  }
  if (target?.local === undefined) return context.refuse(left, 'only locals are assigned to')
  const { local, type } = target
  if (operator === '=') {
    const code = context.expect(node.right, value, type, 'what is assigned')
    return { code: { op: 'tee', local, value: code }, type }
  }
  const known = BINARY[operator.slice(0, -1)]
  if (known?.result !== 'int' || type !== 'int') return context.refuse(node, `no ${operator} here`)
  const right = context.expect(node.right, value, 'int', 'what is assigned')
  const at = known.opcode === OP.rem ? context.site(node) : undefined
  const code = binary(known.opcode, { op: 'get', local }, right, at)
  return { code: { op: 'tee', local, value: code }, type: 'int' }
}

/** A variable of module level gets a value; undefined: there is none of this name. */
function setVariable(
  node: { start: number; name: string },
  value: Value,
  context: Context,
): Value | undefined {
  const { program, module } = context
  const place = program.modules.resolve(module.file, node.name)
  const variable = place && program.variable(place)
  if (variable === undefined) return undefined
  const code = context.expect(node, value, variable.type, 'what is assigned')
  return { code: { op: 'setVariable', name: variable.key, value: code }, type: 'void' }
}

function compileUpdate(node: Node<'UpdateExpression'>, context: Context): Value {
  const { argument } = node
  const target = argument.type === 'Identifier' ? context.lookup(argument.name) : undefined
  if (target?.local === undefined || target.type !== 'int')
    return context.refuse(argument, 'only locals are assigned to')
  const { local } = target
  const [forth, back] = node.operator === '++' ? [OP.add, OP.sub] : [OP.sub, OP.add]
  const value = binary(forth, { op: 'get', local }, constant(1))
  const code: Code = { op: 'tee', local, value }
  return { code: node.prefix ? code : binary(back, code, constant(1)), type: 'int' }
}
