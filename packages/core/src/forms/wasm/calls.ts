/**
 * Calls of kernel text: intrinsics become instructions, small functions their own text, the rest calls; a call through
 * `strategy` is one of the function that the strategy names.
 */

import type {
  Argument,
  CallExpression,
  Function as FunctionNode,
  MemberExpression,
} from 'oxc-parser'

import type { Place, TextModule } from '../modules.ts'
import { binary, type Code, OP, type Result, sequence, type Label } from './code.ts'
import { Context, resultType, type Value, valueType } from './context.ts'
import { keyOf, parametersOf, resultOf, returnsNever } from './signatures.ts'

/** @param stops - it stands under a `yield`: the CPU may stop in it. */
export function compileCall(node: CallExpression, context: Context, stops = false): Value {
  const { callee } = node
  if (callee.type === 'MemberExpression') {
    const path = pathOf(callee)
    if (path?.startsWith('Math.')) return compileMath(node, path, context)
    if (!path?.startsWith('strategy.')) return context.refuse(callee, 'only functions are called')
    const member = context.program.member(path.slice('strategy.'.length))
    if (member?.kind !== 'function') return context.refuse(callee, `${path} is no function`)
    return compileCallOf(member.place, node, context, stops)
  }
  if (callee.type !== 'Identifier') return context.refuse(callee, 'only functions are called')
  const place = context.program.modules.resolve(context.module.file, callee.name)
  if (place === undefined) return context.refuse(callee, `unknown name ${callee.name}`)
  return compileCallOf(place, node, context, stops)
}

/** A member of the strategy that is no call: an integer. */
export function compileMember(node: MemberExpression, context: Context): Value {
  const path = pathOf(node)
  const member = context.program.member(path?.replace(/^strategy\./, '') ?? '')
  if (!path?.startsWith('strategy.') || member?.kind !== 'integer')
    return context.refuse(node, 'only the integers of the strategy are read')
  return { code: { op: 'const', value: member.value }, type: 'int' }
}

function compileCallOf(
  place: Place,
  node: CallExpression,
  context: Context,
  stops: boolean,
): Value {
  const { program } = context
  const intrinsic = program.intrinsic(place)
  if (intrinsic !== undefined) {
    const operands = node.arguments.map((each) => argument(each, context).code)
    if (operands.length !== intrinsic.parameters)
      return context.refuse(node, `${place.name} takes ${intrinsic.parameters} arguments`)
    const code = intrinsic.emit(operands, context.site(node), context.newLocal)
    return { code, type: intrinsic.result ? 'int' : 'void' }
  }
  const module = program.modules.byFile.get(place.file)
  const fn = module?.functions.get(place.name)
  if (module === undefined || fn === undefined)
    return context.refuse(node, `${place.name} is no function that the compiler can find`)
  if (fn.generator && !stops)
    return context.refuse(node, `${place.name} can stop a CPU, and is called without yield`)
  const passed = node.arguments.filter((each) => !isStrategy(each))
  const parameters = parametersOf(fn)
  if (passed.length !== parameters.length)
    return context.refuse(node, `${place.name} takes ${parameters.length} arguments`)
  const values = passed.map((each, i) => {
    const value = argument(each, context)
    const { name, type } = parameters[i] ?? { name: '', type: 'any' }
    return { code: context.expect(each, value, type, `argument ${name}`), type }
  })
  const type = resultOf(fn)
  const called = {
    op: 'call',
    operands: values.map(({ code }) => code),
    result: resultType(type),
    at: context.site(node),
  } as const
  if (program.isHost(place.file)) {
    const code: Code = { ...called, callee: program.host(place) }
    return { code: returnsNever(fn) ? withoutReturn(code) : code, type }
  }
  if (program.inlines(place) && !context.within.has(keyOf(place)))
    return inline(module, fn, place.name, values, node, context)
  const callee = program.request(place)
  return { code: { ...called, callee, ...(fn.generator && { stops: true }) }, type }
}

/** V8 keeps nothing in memory for what comes after a call from which control does not return. */
function withoutReturn(call: Code): Code {
  const body: Code[] = [call, { op: 'unreachable' }]
  return { op: 'block', label: { uses: 0 }, body, result: undefined }
}

function argument(node: Argument, context: Context): Value {
  if (node.type === 'SpreadElement') return context.refuse(node, 'no spread')
  return context.program.compileExpression(node, context)
}

function isStrategy(node: Argument): boolean {
  return node.type === 'Identifier' && node.name === 'strategy'
}

/** The function's text in the place of the call. */
function inline(
  module: TextModule,
  fn: FunctionNode,
  name: string,
  values: readonly Value[],
  node: CallExpression,
  context: Context,
): Value {
  const type = resultOf(fn)
  const label: Label = { uses: 0 }
  const inner = new Context({
    program: context.program,
    module,
    fn,
    name,
    exit: { type, label },
    within: new Set([...context.within, keyOf({ file: module.file, name })]),
    inlined: context.site(node),
    newLocal: context.newLocal,
  })
  const assigned = context.program.assignedIn(fn)
  const before: Code[] = []
  parametersOf(fn).forEach((parameter, i) => {
    const code = values[i]?.code ?? { op: 'const', value: 0 }
    if (isFixed(code) && !assigned.has(parameter.name)) {
      inner.bind(parameter.name, { code, type: parameter.type })
      return
    }
    const local = context.newLocal(valueType(parameter.type))
    before.push({ op: 'set', local, value: code })
    inner.bind(parameter.name, { code: { op: 'get', local }, type: parameter.type, local })
  })
  const body = fn.body === null ? [] : context.program.compileBody(fn.body, inner)
  return { code: joined(before, body, label, resultType(type)), type }
}

/** Values that stay what they are while the function runs. */
function isFixed(code: Code): boolean {
  return code.op === 'const' || code.op === 'number' || code.op === 'global'
}

/** What an inlined body leaves: its value directly if `return` stands only at its end. */
function joined(
  before: readonly Code[],
  body: readonly Code[],
  label: Label,
  result: Result,
): Code {
  const last = body.at(-1)
  if (last?.op === 'branch' && last.label === label && label.uses === 1) {
    const codes = [...before, ...body.slice(0, -1), ...(last.value ? [last.value] : [])]
    if (result) return sequence(codes, result)
    return { op: 'block', label: { uses: 0 }, body: codes, result }
  }
  return { op: 'block', label, body: [...before, ...body], result }
}

/** `strategy.plain.f` */
function pathOf(node: MemberExpression): string | undefined {
  if (node.computed || node.property.type !== 'Identifier') return undefined
  const { object, property } = node
  if (object.type === 'Identifier') return `${object.name}.${property.name}`
  const before = object.type === 'MemberExpression' ? pathOf(object) : undefined
  return before && `${before}.${property.name}`
}

function compileMath(node: CallExpression, path: string, context: Context): Value {
  const [first, second, ...more] = node.arguments
  const operands = node.arguments.map((each) => argument(each, context))
  const isLong = operands.some(({ type }) => type === 'long')
  const operand = (i: number, type: 'int' | 'long'): Code => {
    const value = operands[i] ?? { code: { op: 'const', value: 0 }, type: 'any' }
    return context.expect(node.arguments[i] ?? node, value, type, `an operand of ${path}`)
  }
  if (path === 'Math.floor' && isLong && second === undefined)
    return { code: plain(OP.longFloor, operand(0, 'long')), type: 'long' }
  if (path === 'Math.clz32' && first && second === undefined)
    return { code: plain(OP.clz, operand(0, 'int')), type: 'int' }
  const known = path === 'Math.imul' || path === 'Math.min' || path === 'Math.max'
  if (!known || !first || !second || more.length > 0)
    return context.refuse(node, 'only Math.imul, Math.min and Math.max of two integers are known')
  if (path === 'Math.imul')
    return { code: binary(OP.mul, operand(0, 'int'), operand(1, 'int')), type: 'int' }
  const isMin = path === 'Math.min'
  if (isLong) {
    const opcode = isMin ? OP.longMin : OP.longMax
    return { code: plain(opcode, operand(0, 'long'), operand(1, 'long')), type: 'long' }
  }
  const [x, y] = [context.newLocal(), context.newLocal()]
  const get = (local: number): Code => ({ op: 'get', local })
  const test = binary(isMin ? OP.lt : OP.gt, get(x), get(y))
  const code = sequence([
    { op: 'set', local: x, value: operand(0, 'int') },
    { op: 'set', local: y, value: operand(1, 'int') },
    { op: 'plain', opcode: OP.select, operands: [get(x), get(y), test] },
  ])
  return { code, type: 'int' }
}

function plain(opcode: number, ...operands: Code[]): Code {
  return { op: 'plain', opcode, operands }
}
