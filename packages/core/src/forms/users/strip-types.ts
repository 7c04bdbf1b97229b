/**
 * TypeScript to JavaScript for texts that keep the rules of the kernel text: what is not JavaScript becomes blanks, so
 * that lines and columns stay.
 *
 * The rules leave few places for types (annotations, `as`, type imports, interfaces and aliases), and nothing of
 * TypeScript that has a meaning at run time, so the parser that reads the text anyway is all that this needs.
 */

import { MagicString } from 'magic-string'
import { parseSync } from 'oxc-parser'
import type { ImportDeclaration, Node } from 'oxc-parser'

import { walk } from '../walk.ts'

/** Throws SyntaxError where the text does not parse: it comes from a text that did. */
export function stripTypes(file: string, text: string): string {
  const { program, errors } = parseSync(file, text, { preserveParens: false, lang: 'ts' })
  const [error] = errors
  if (error !== undefined) throw new SyntaxError(`${file}: ${error.message}`)
  const stripped = new MagicString(text)
  const blank = (start: number, end: number): void => {
    // a blank within a blank is there already
    if (start < end) stripped.update(start, end, text.slice(start, end).replaceAll(/[^\n]/g, ' '))
  }
  const ranges: [start: number, end: number][] = []
  walk(program, (node) => {
    ranges.push(...rangesOf(node, text))
  })
  let done = 0
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    blank(Math.max(start, done), end)
    done = Math.max(done, end)
  }
  return stripped.toString()
}

/** What of this node is not JavaScript. */
function rangesOf(node: Node, text: string): [number, number][] {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSTypeAnnotation':
    case 'TSTypeParameterInstantiation':
      return [[node.start, node.end]]
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
      return [[node.expression.end, node.end]]
    case 'ExportNamedDeclaration':
      return node.exportKind === 'type' ? [[node.start, node.end]] : []
    case 'ExportAllDeclaration':
      return node.exportKind === 'type' ? [[node.start, node.end]] : []
    case 'ImportDeclaration':
      return importRanges(node, text)
    default:
      return []
  }
}

function importRanges(node: ImportDeclaration, text: string): [number, number][] {
  if (node.importKind === 'type') return [[node.start, node.end]]
  return node.specifiers.flatMap((each): [number, number][] => {
    if (each.type !== 'ImportSpecifier' || each.importKind !== 'type') return []
    // with the comma behind it, if there is one
    const comma = /^\s*,/.exec(text.slice(each.end))?.[0].length ?? 0
    return [[each.start, each.end + comma]]
  })
}
