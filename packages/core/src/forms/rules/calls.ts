/**
 * Calls of kernel text: of functions by their name, of Math.imul/min/max, and through `strategy`.
 */
import type { CallExpression, MemberExpression } from 'oxc-parser'

import { REFUSED, REFUSED_GLOBALS } from './refused.ts'
import type { At } from './report.ts'
import type { Scope } from './scope.ts'

const MATH = new Set(['imul', 'min', 'max'])

export function checkCallee(node: CallExpression, scope: Scope): void {
  const { callee, typeArguments } = node
  const { names, locals, refuse } = scope
  if (typeArguments) refuse(typeArguments, 'no type arguments')
  if (callee.type === 'Identifier') {
    const { name } = callee
    const kind = names.get(name)
    if (locals.has(name))
      refuse(callee, `${name} is a local: only functions by their name are called`)
    else if (kind === undefined) refuse(callee, REFUSED_GLOBALS[name] ?? `unknown name ${name}`)
    else if (kind !== 'function' && kind !== 'unknown') refuse(callee, `${name} is no function`)
    return
  }
  if (callee.type !== 'MemberExpression') {
    return refuse(callee, REFUSED[callee.type] ?? 'only functions by their name are called')
  }
  const path = pathOf(callee)
  if (path?.[0] === 'Math') return checkMath(callee, path, scope)
  if (path?.[0] !== 'strategy') return checkMember(callee, scope)
  checkStrategyParameter(callee, scope)
  const isMember = path.length === 2 || (path.length === 3 && path[1] === 'plain')
  if (!isMember || path.at(-1) === 'plain') {
    refuse(callee, 'a call through strategy is strategy.f(...) or strategy.plain.f(...)')
  }
}

function checkMath(node: MemberExpression, path: readonly string[], { refuse }: Scope): void {
  if (path.length === 2 && MATH.has(path[1] ?? '')) return
  refuse(node, `only Math.imul, Math.min and Math.max are known, not ${path.join('.')}`)
}

/** A member that is not called: only an integer of the strategy is read that way. */
export function checkMember(node: MemberExpression, scope: Scope): void {
  const { refuse, strategyIntegers } = scope
  if (node.object.type === 'ThisExpression') return refuse(node, 'no this')
  const path = pathOf(node)
  const root = path?.[0] ?? ''
  if (root === 'Math') return checkMath(node, path ?? [], scope)
  if (root in REFUSED_GLOBALS && !scope.locals.has(root)) {
    return refuse(node, REFUSED_GLOBALS[root] ?? '')
  }
  if (root !== 'strategy') return refuse(node, 'no objects: state is reached through accessors')
  checkStrategyParameter(node, scope)
  const [, member = '', deeper] = path ?? []
  if (deeper !== undefined || member === 'plain' || strategyIntegers?.has(member) === false) {
    refuse(node, `member ${member} of strategy is used as a value: only its integers may be read`)
  }
}

export function checkStrategyParameter(node: At, { parameters, refuse }: Scope): void {
  if (!parameters.has('strategy')) refuse(node, 'strategy is no parameter here')
}

/** `a.b.c` as its names; undefined when anything is computed, optional or more than names. */
function pathOf(node: MemberExpression): string[] | undefined {
  if (node.computed || node.optional || node.property.type !== 'Identifier') return undefined
  if (node.object.type === 'Identifier') return [node.object.name, node.property.name]
  const before = node.object.type === 'MemberExpression' ? pathOf(node.object) : undefined
  return before && [...before, node.property.name]
}
