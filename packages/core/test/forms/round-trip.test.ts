/**
 * What deriving adds is all that it changes: undoing the insertions by the tree of the derived text gives the source.
 *
 * The undo shares no code with forms/emit.ts: it knows what a derived text may hold, not how it is made. It is blind to
 * an insertion that is missing; audit.test.ts sees those.
 */
import { describe, expect, test } from 'vitest'

import { derivedTexts, programOf } from './texts.ts'

type Tree = { type: string; [key: string]: unknown }

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && 'type' in value

const nameOf = (node: unknown): string =>
  isTree(node) && node.type === 'Identifier' ? String(node['name']) : ''

const isAdded = (node: unknown): boolean => nameOf(node).startsWith('$')

/** A call of a function that the form itself needs. */
const isAddedCall = (node: unknown, name: string): boolean =>
  isTree(node) && node.type === 'CallExpression' && nameOf(node['callee']) === `$${name}`

function isAddedStatement(node: unknown): boolean {
  if (!isTree(node)) return false
  if (node.type === 'EmptyStatement') return true
  if (node.type !== 'ExpressionStatement') return false
  return ['chargeAccesses', 'enter', 'leave'].some((name) => isAddedCall(node['expression'], name))
}

/** `(yield f(...), $result())` */
const isResult = (node: unknown): boolean => isAddedCall(node, 'result')

/** `$slack < 0 && $ahead(...) && (yield 0)` */
function isSuspension(node: unknown): boolean {
  if (!isTree(node) || node.type !== 'LogicalExpression') return false
  const right = node['right']
  return isTree(right) && right.type === 'YieldExpression' && isAheadOf(node['left'])
}

function isAheadOf(node: unknown): boolean {
  return isTree(node) && node.type === 'LogicalExpression' && isAddedCall(node['right'], 'ahead')
}

/** Undoes one node whose parts are undone already. */
function undoNode(node: Tree): Tree {
  if (node.type === 'YieldExpression') return node['argument'] as Tree
  if (node.type === 'LogicalExpression' && isWait(node['right'])) return node['left'] as Tree
  if (node.type === 'FunctionDeclaration') return { ...node, generator: false }
  if (node.type === 'TSTypeReference' && nameOf(node['typeName']) === '$Steps')
    return (node['typeArguments'] as { params: [Tree] }).params[0]
  if (node.type === 'Identifier' && /^\$(?:load|store)Own$/.test(String(node['name'])))
    return { ...node, name: String(node['name']).slice(1, -3) }
  return node
}

const isWait = (node: unknown): boolean =>
  isTree(node) && node.type === 'Literal' && node['raw'] === '1'

function undoList(list: readonly unknown[]): unknown[] {
  return list.flatMap((each) => {
    if (isAddedStatement(each)) return []
    if (isTree(each) && each.type === 'TryStatement')
      return undoList((each['block'] as { body: unknown[] }).body)
    if (isTree(each) && each.type === 'ImportSpecifier' && isAdded(each['local'])) return []
    const undone = undo(each)
    const isEmptyImport =
      isTree(undone) &&
      undone.type === 'ImportDeclaration' &&
      (undone['specifiers'] as unknown[]).length === 0
    return isEmptyImport ? [] : [undone]
  })
}

/** The tree without what was derived, without positions, and with neither specifiers nor empty statements. */
function undo(value: unknown): unknown {
  if (Array.isArray(value)) return undoList(value)
  if (typeof value !== 'object' || value === null) return value
  const node = value as Tree
  if (node.type === 'SequenceExpression' && isSuspension((node['expressions'] as unknown[])[0])) {
    const rest = (node['expressions'] as unknown[]).slice(1)
    return undo(rest.length === 1 ? rest[0] : { ...node, expressions: rest })
  }
  if (node.type === 'SequenceExpression' && isResult((node['expressions'] as unknown[])[1]))
    return undo((node['expressions'] as unknown[])[0])
  if (isBareBlock(node)) return undo((node['body'] as unknown[])[1])
  const parts: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(node)) {
    if (key === 'start' || key === 'end' || key === 'range' || key === 'loc') continue
    parts[key] = key === 'source' && isTree(part) ? 'specifier' : undo(part)
  }
  return isTree(parts) ? ownImport(undoNode(parts)) : parts
}

/** `{ $chargeAccesses(n); statement }`; `normalize` does the same to the blocks of one statement that a source has. */
function isBareBlock(node: Tree): boolean {
  const body = node['body']
  return (
    node.type === 'BlockStatement' &&
    Array.isArray(body) &&
    body.length === 2 &&
    isTree(body[0]) &&
    isAddedCall(body[0]['expression'], 'chargeAccesses')
  )
}

/** `loadOwn as load` was `load`. */
function ownImport(node: Tree): Tree {
  if (node.type !== 'ImportSpecifier') return node
  const imported = node['imported'] as Tree
  if (!/^(?:load|store)Own$/.test(nameOf(imported))) return node
  return { ...node, imported: { ...imported, name: nameOf(node['local']) } }
}

/** The same on both sides: a block of one statement is that statement, import specifiers have no order to lose. */
function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalize)
  if (typeof value !== 'object' || value === null) return value
  const parts = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, normalize(part)]),
  )
  const body = parts['body']
  const isSingle = parts['type'] === 'BlockStatement' && Array.isArray(body) && body.length === 1
  return isSingle ? body[0] : parts
}

/** Text without spaces, parentheses, braces, semicolons; of each import only the names. */
function bareText(text: string): string {
  return text
    .replaceAll(/from '[^']*'/g, '')
    .replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, (comment) => comment.replaceAll(/\W/g, ''))
    .replaceAll(/[\s(){};]/g, '')
}

/** The insertions of the derived text, taken out as text. */
function undoText(code: string): string {
  return code
    .replace(/^import \{ [^}]*\} from '[^']*'; /, '')
    .replaceAll(/, (?:load|store)Own as \$(?:load|store)Own/g, '')
    .replaceAll(/\b(load|store)Own as \1\b/g, '$1')
    .replaceAll(/\$(load|store)Own\b/g, '$1')
    .replaceAll(/\$slack < 0 && \$ahead\([^()]*(?:\([^()]*\)[^()]*)*\) && \(yield 0\), /g, '')
    .replaceAll(' && (yield 1)', '')
    .replaceAll(', $result()', '')
    .replaceAll(/\$chargeAccesses\(\d+\); /g, '')
    .replaceAll(/ \$enter\('\w+'\); try \{|\} finally \{ \$leave\(\) \} /g, '')
    .replaceAll(/\byield\*? /g, '')
    .replaceAll('function*', 'function')
    .replaceAll(/\$Steps<(\w+)>/g, '$1')
}

describe.each(derivedTexts().map((each) => [`${each.form} ${each.file}`, each] as const))(
  '%s',
  (_name, { source, code }) => {
    test('undone by its tree is the source', () => {
      expect(bareTree(code)).toBe(bareTree(source))
    })

    test('undone as text is the source, line by line', () => {
      const [derived, original] = [undoText(code).split('\n'), source.split('\n')]
      expect(derived.length).toBe(original.length)
      expect(derived.map(bareText)).toEqual(original.map(bareText))
    })
  },
)

test('the raw form changes where names come from, and nothing else', () => {
  const elsewhere = (text: string): string => text.replaceAll(/(?<=from )'[^']*'/g, '')
  const raw = derivedTexts().filter(({ form }) => form === 'raw')
  expect(raw.length).toBeGreaterThan(40)
  for (const { code, source } of raw) expect(elsewhere(code)).toBe(elsewhere(source))
})

function bareTree(text: string): string {
  return JSON.stringify(normalize(undo(programOf(text))))
}

test('the undo gives the source only for what deriving may insert', () => {
  const source = 'function f(): void {\n  g(1)\n  h()\n}'
  const broken = [
    'function* f(): $Steps<void> {\n  yield* g(2)\n  yield h()\n}',
    'function* f(): $Steps<void> {\n  yield h()\n}',
    'function* f(): $Steps<void> {\n  yield* g(1)(yield h())\n}',
    'function* f(): $Steps<void> {\n  $other(3); yield* g(1)\n  yield h()\n}',
  ]
  const right = 'function* f(): $Steps<void> {\n  $chargeAccesses(1); yield* g(1)\n  yield h()\n}'
  expect(bareTree(right)).toBe(bareTree(source))
  for (const text of broken) expect(bareTree(text)).not.toBe(bareTree(source))
})
