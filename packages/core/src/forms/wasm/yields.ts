/**
 * What the conditional form adds to kernel text: places where a CPU stops, and calls in which it may.
 *
 * `yield 0` and `yield 1` are stops. `yield* f()` calls what can stop; so does `yield f()`, by which JavaScript gives a
 * function a frame of its own: every compiled function has one (resumable.ts).
 */

import type { Expression, SequenceExpression, YieldExpression } from 'oxc-parser'

import { compileCall } from './calls.ts'
import { type Code, sequence } from './code.ts'
import { type Context, type Value, valueType } from './context.ts'

export function compileYield(node: YieldExpression, context: Context): Value {
  const { argument } = node
  if (argument?.type === 'CallExpression') return compileCall(argument, context, true)
  if (argument?.type === 'Literal' && typeof argument.value === 'number' && !node.delegate)
    return { code: { op: 'stop', reason: argument.value }, type: 'void' }
  return context.refuse(node, 'a yield is of 0, 1 or a call')
}

/** `a, b`: the effect of the one, then the value of the other. */
export function compileSequence(node: SequenceExpression, context: Context): Value {
  const [first, last, ...more] = node.expressions
  if (first === undefined || last === undefined || more.length > 0)
    return context.refuse(node, 'a sequence is of two expressions')
  // `yield f(), result()`
  if (isOwnFrameCall(first)) return compileYield(first, context)
  const codes = context.program.compileEffect(first, context)
  const { code, type } = context.program.compileExpression(last, context)
  if (type === 'void') {
    const body: Code[] = [...codes, code]
    return { code: { op: 'block', label: { uses: 0 }, body, result: undefined }, type }
  }
  return { code: sequence([...codes, code], valueType(type)), type }
}

function isOwnFrameCall(node: Expression): node is YieldExpression {
  return (
    node.type === 'YieldExpression' && !node.delegate && node.argument?.type === 'CallExpression'
  )
}
