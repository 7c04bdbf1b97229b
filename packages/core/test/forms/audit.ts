/**
 * Reads text derived for virtual time and says where a call that can stop a CPU does not stand directly under its yield or guard, and
 * where a function that can stop is no generator.
 *
 * Shares no code with forms/analysis.ts or forms/emit.ts: what can stop is what the derived text itself declares with an
 * asterisk (over all files, by name), the members of a strategy outside `plain`, and a list of primitives written here.
 */
import type { CallExpression, Function as FunctionNode, Node } from 'oxc-parser'

import { programOf, type DerivedText } from './texts.ts'

const BLOCKING = new Set(['spinLock', 'flushTlbMmRange'])
/** Primitives that other CPUs can see: what sync/live.ts exports but these of a CPU's own. */
const OWN = new Set(['needResched', 'condResched', 'bugOn', 'delayNs', 'doWork', 'postAllocHook'])
/** Functions that the engine of virtual time runs in a frame of their own: `yield f(...)`, and then `$result()`. */
const OWN_FRAME = new Set([
  'zapPteRange',
  'tlbFlushMmu',
  'strategy.freeSlotsAndSwapCache',
  'releaseSlots',
])

export interface AuditContext {
  readonly primitives: ReadonlySet<string>
  /** Names of the functions that are generators in the derived text. */
  readonly generators: ReadonlySet<string>
}

export function auditContext(
  texts: readonly DerivedText[],
  exported: readonly string[],
): AuditContext {
  const generators = new Set<string>()
  for (const { code } of texts) {
    for (const { 1: name = '' } of code.matchAll(/\bfunction\*\s*(\w+)/g)) generators.add(name)
  }
  return { primitives: new Set(exported.filter((name) => !OWN.has(name))), generators }
}

/** `line: call`, for every call that would not stop where it must; `line: function f`, for one that cannot. */
export function audit({ code }: DerivedText, context: AuditContext): string[] {
  const found: string[] = []
  const renames = new Map<string, string>()
  visit(programOf(code), [], (node, parents) => {
    if (node.type === 'ImportSpecifier' && node.imported.type === 'Identifier')
      renames.set(node.local.name, node.imported.name)
    if (node.type === 'FunctionDeclaration' && node.generator !== hasSteps(node))
      found.push(`${lineOf(node, code)}: function ${node.id?.name}`)
    if (node.type !== 'CallExpression') return
    const name = stopping(node.callee, renames, context)
    if (name === undefined) return
    const isPrimitive = context.primitives.has(name)
    let isRight: boolean
    if (isPrimitive) isRight = isGuarded(node, parents, BLOCKING.has(name), code)
    else if (OWN_FRAME.has(name)) isRight = isFramed(parents, code)
    else isRight = isYielded(parents, true)
    if (!isRight) found.push(`${lineOf(node, code)}: ${name}`)
  })
  return found
}

const lineOf = ({ start }: Node, code: string): number => code.slice(0, start).split('\n').length

/** Is the result of a function written as `$Steps<...>`? */
function hasSteps({ returnType }: FunctionNode): boolean {
  const result = returnType?.typeAnnotation
  if (result?.type !== 'TSTypeReference' || result.typeName.type !== 'Identifier') return false
  return result.typeName.name === '$Steps'
}

function stopping(
  callee: Node,
  renames: ReadonlyMap<string, string>,
  { primitives, generators }: AuditContext,
): string | undefined {
  if (callee.type === 'Identifier') {
    const name = renames.get(callee.name) ?? callee.name
    return primitives.has(name) || generators.has(name) ? name : undefined
  }
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return undefined
  const isMember = callee.object.name === 'strategy' && callee.property.type === 'Identifier'
  return isMember ? `strategy.${(callee.property as { name: string }).name}` : undefined
}

function isYielded(parents: readonly Node[], delegate: boolean): boolean {
  const parent = parents.at(-1)
  return parent?.type === 'YieldExpression' && parent.delegate === delegate
}

/** `yield f(...)` as a statement, or `(yield f(...), $result())`. */
function isFramed(parents: readonly Node[], code: string): boolean {
  if (!isYielded(parents, false)) return false
  const around = parents.at(-2)
  if (around?.type === 'ExpressionStatement') return true
  if (around?.type !== 'SequenceExpression' || around.expressions.length !== 2) return false
  const last = around.expressions[1] as Node
  return code.slice(last.start, last.end) === '$result()'
}

/** `$slack < 0 && $ahead(address) && (yield 0), p(..., address)`, and ` && (yield 1)` behind it if it may have to wait. */
function isGuarded(
  node: CallExpression,
  parents: readonly Node[],
  isBlocking: boolean,
  code: string,
): boolean {
  let inner: Node = node
  let outer = parents.at(-1)
  if (isBlocking) {
    if (outer?.type !== 'LogicalExpression' || outer.left !== node) return false
    if (code.slice(outer.right.start, outer.right.end) !== 'yield 1') return false
    inner = outer
    outer = parents.at(-2)
  }
  if (outer?.type !== 'SequenceExpression') return false
  const at = outer.expressions.findIndex((each) => each === inner)
  const guard = outer.expressions[at - 1]
  if (guard === undefined) return false
  const text = code.slice(guard.start, guard.end)
  const asked = /^\$slack < 0 && \$ahead\((.*)\) && \(yield 0\)?$/.exec(text)?.[1]
  if (asked === undefined) return false
  // the word is the first argument, or the second behind what is done to it; a flush has none
  if (asked === '0') return node.arguments.length > 2
  return node.arguments.slice(0, 2).some(({ start, end }) => code.slice(start, end) === asked)
}

function visit(
  node: Node,
  parents: readonly Node[],
  look: (node: Node, parents: readonly Node[]) => void,
): void {
  look(node, parents)
  const below = [...parents, node]
  for (const part of Object.values(node).flat()) {
    if (typeof part === 'object' && part !== null && 'type' in part)
      visit(part as Node, below, look)
  }
}
