/**
 * Statements of kernel text as code, and the effect of expressions whose value nobody wants.
 */

import type {
  Directive,
  Expression,
  ForStatement,
  FunctionBody,
  ReturnStatement,
  Statement,
  VariableDeclaration,
  WhileStatement,
} from 'oxc-parser'

import { choose, type Code, constant, type Label, leaves, not } from './code.ts'
import { type Context, valueType } from './context.ts'
import { compileCondition, compileExpression } from './expressions.ts'
import { typeOf } from './signatures.ts'

/** A function's body; control that comes to its end has returned, or cannot come there. */
export function compileBody(body: FunctionBody, context: Context): Code[] {
  const codes = compileList(body.body, context)
  if (context.exit.type !== 'void' && !leaves(codes.at(-1))) codes.push({ op: 'unreachable' })
  return codes
}

function compileList(list: readonly (Statement | Directive)[], context: Context): Code[] {
  return context.scoped(() => {
    const codes: Code[] = []
    for (const each of list) {
      codes.push(...compileStatement(each, context))
      // what stands behind a return is not reached
      if (leaves(codes.at(-1))) break
    }
    return codes
  })
}

function compileStatement(node: Statement | Directive, context: Context): Code[] {
  switch (node.type) {
    case 'EmptyStatement':
      return []
    case 'BlockStatement':
      return compileList(node.body, context)
    case 'ExpressionStatement':
      return compileEffect(node.expression, context)
    case 'VariableDeclaration':
      return compileLocals(node, context)
    case 'IfStatement': {
      const test = compileCondition(node.test, context)
      const then = compileList([node.consequent], context)
      const otherwise = node.alternate ? compileList([node.alternate], context) : []
      return choose(test, then, otherwise, undefined)
    }
    case 'WhileStatement':
      return compileWhile(node, context)
    case 'ForStatement':
      return context.scoped(() => compileFor(node, context))
    case 'BreakStatement':
    case 'ContinueStatement': {
      const loop = context.loops.at(-1)
      if (loop === undefined || node.label) {
        context.refuse(node, 'break and continue belong to the loop around them')
        return []
      }
      return [branch(node.type === 'BreakStatement' ? loop.breaks : loop.continues)]
    }
    case 'ReturnStatement':
      return compileReturn(node, context)
    default:
      context.refuse(node, `${node.type} is no kernel text`)
      return []
  }
}

/** An expression for its effect. */
export function compileEffect(node: Expression, context: Context): Code[] {
  if (node.type === 'SequenceExpression')
    return node.expressions.flatMap((each) => compileEffect(each, context))
  // `test && (yield 0)`
  if (node.type === 'LogicalExpression' && node.operator === '&&') {
    const test = compileCondition(node.left, context)
    return choose(test, compileEffect(node.right, context), [], undefined)
  }
  const { code, type } = compileExpression(node, context)
  return type === 'void' ? [code] : withoutValue(code)
}

function withoutValue(code: Code): Code[] {
  switch (code.op) {
    case 'const':
    case 'number':
    case 'get':
    case 'global':
    case 'variable':
      return []
    case 'tee':
      return [{ ...code, op: 'set' }]
    case 'plain': {
      const [first, second] = code.operands
      // the value before `x++`
      if (first?.op === 'tee' && second?.op === 'const') return withoutValue(first)
      return [{ op: 'drop', value: code }]
    }
    default:
      return [{ op: 'drop', value: code }]
  }
}

function compileLocals(node: VariableDeclaration, context: Context): Code[] {
  return node.declarations.flatMap(({ id, init, ...at }) => {
    if (id.type !== 'Identifier' || !init) {
      context.refuse(at, 'a local is a name with an initial value')
      return []
    }
    const value = compileExpression(init, context)
    if (value.type === 'void') context.refuse(init, 'this call returns no value')
    // an integer may be declared to be a long one
    const isLong = id.typeAnnotation && typeOf(id.typeAnnotation.typeAnnotation) === 'long'
    const type = isLong === true ? 'long' : value.type
    const code = context.expect(init, value, type, 'the initial value')
    const local = context.newLocal(valueType(type))
    const isFixed = node.kind === 'const' && (code.op === 'const' || code.op === 'global')
    context.bind(id.name, {
      code: isFixed ? code : { op: 'get', local },
      type,
      ...(node.kind === 'let' ? { local } : {}),
    })
    return isFixed ? [] : [{ op: 'set' as const, local, value: code }]
  })
}

function compileWhile(node: WhileStatement, context: Context): Code[] {
  const test = compileCondition(node.test, context)
  return compileLoop(test, (loops) => {
    // `continue` goes to the test
    context.loops.push({ breaks: loops.breaks, continues: loops.top })
    const body = compileList([node.body], context)
    context.loops.pop()
    return body
  })
}

function compileFor(node: ForStatement, context: Context): Code[] {
  const { init, update } = node
  const before =
    init?.type === 'VariableDeclaration'
      ? compileLocals(init, context)
      : init
        ? compileEffect(init, context)
        : []
  const test = node.test ? compileCondition(node.test, context) : constant(1)
  const body = compileLoop(test, ({ breaks }) => {
    const continues: Label = { uses: 0 }
    context.loops.push({ breaks, continues })
    const inner = compileList([node.body], context)
    context.loops.pop()
    const block: Code = { op: 'block', label: continues, body: inner, result: undefined }
    const codes = continues.uses > 0 ? [block] : inner
    return [...codes, ...(update ? compileEffect(update, context) : [])]
  })
  return [...before, ...body]
}

function compileLoop(
  test: Code,
  compile: (labels: { breaks: Label; top: Label }) => Code[],
): Code[] {
  const breaks: Label = { uses: 0 }
  const top: Label = { uses: 0 }
  const inner = compile({ breaks, top })
  const leave = choose(not(test), [branch(breaks)], [], undefined)
  const again = leaves(inner.at(-1)) ? [] : [branch(top)]
  const body = [...leave, ...inner, ...again]
  return [
    {
      op: 'block',
      label: breaks,
      body: [{ op: 'loop', label: top, body, result: undefined }],
      result: undefined,
    },
  ]
}

function branch(label: Label): Code {
  label.uses++
  return { op: 'branch', label }
}

function compileReturn(node: ReturnStatement, context: Context): Code[] {
  const { label, type } = context.exit
  const value = node.argument ? compileExpression(node.argument, context) : undefined
  const code = value && context.expect(node, value, type, 'what is returned')
  if (label === undefined) return [{ op: 'return', ...(code ? { value: code } : {}) }]
  label.uses++
  return [{ op: 'branch', label, ...(code ? { value: code } : {}) }]
}
