/**
 * Function bodies of kernel text: the statements that are allowed, and the locals that they declare.
 */
import type {
  Directive,
  ForStatement,
  FunctionBody,
  Statement,
  VariableDeclaration,
} from 'oxc-parser'

import { walk } from '../walk.ts'
import { checkExpression, checkForUpdate } from './expressions.ts'
import { REFUSED } from './refused.ts'
import type { Scope } from './scope.ts'
import { checkLocalType } from './types.ts'

type Outer = Omit<Scope, 'locals' | 'parameters'>

export function checkBody(body: FunctionBody, parameters: ReadonlySet<string>, outer: Outer): void {
  const scope = { ...outer, parameters, locals: localsOf(body, parameters) }
  for (const statement of body.body) checkStatement(statement, scope)
}

/** Every name that the body declares, at any depth: enough to tell locals from the rest. */
function localsOf(body: FunctionBody, parameters: ReadonlySet<string>): Set<string> {
  const locals = new Set(parameters)
  walk(body, (node) => {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier')
      locals.add(node.id.name)
  })
  return locals
}

function checkStatement(node: Statement | Directive, scope: Scope): void {
  const { refuse } = scope
  switch (node.type) {
    case 'EmptyStatement':
      return
    case 'BlockStatement':
      for (const each of node.body) checkStatement(each, scope)
      return
    case 'ExpressionStatement':
      return checkExpression(node.expression, scope)
    case 'VariableDeclaration':
      return checkLocals(node, scope)
    case 'IfStatement':
      checkExpression(node.test, scope)
      checkStatement(node.consequent, scope)
      if (node.alternate) checkStatement(node.alternate, scope)
      return
    case 'WhileStatement':
      checkExpression(node.test, scope)
      return checkStatement(node.body, scope)
    case 'ForStatement':
      return checkFor(node, scope)
    case 'BreakStatement':
    case 'ContinueStatement':
      if (node.label) refuse(node, REFUSED.LabeledStatement)
      return
    case 'ReturnStatement':
      if (node.argument) checkExpression(node.argument, scope)
      return
    default:
      return refuse(node, REFUSED[node.type] ?? `${node.type} is no kernel text`)
  }
}

function checkFor(node: ForStatement, scope: Scope): void {
  if (node.init?.type === 'VariableDeclaration') checkLocals(node.init, scope)
  else if (node.init) checkExpression(node.init, scope)
  if (node.test) checkExpression(node.test, scope)
  if (node.update) checkForUpdate(node.update, scope)
  checkStatement(node.body, scope)
}

function checkLocals(node: VariableDeclaration, scope: Scope): void {
  const { refuse, names, parameters } = scope
  if (node.kind !== 'let' && node.kind !== 'const') refuse(node, `no ${node.kind}: let or const`)
  for (const { id, init, ...at } of node.declarations) {
    if (id.type !== 'Identifier') {
      refuse(id, 'no destructuring')
      continue
    }
    if (!init) refuse(at, 'a local has an initial value')
    if (names.has(id.name)) refuse(id, `local ${id.name} hides a name of module level`)
    if (parameters.has(id.name)) refuse(id, `local ${id.name} hides a parameter`)
    else if (id.name === 'strategy') refuse(id, 'only a parameter is named strategy')
    checkLocalType(id, refuse)
    if (init) checkExpression(init, scope)
  }
}
