/**
 * TypeScript to JavaScript for texts that keep the rules of the kernel text: what is not JavaScript becomes blanks, so
 * that lines and columns stay.
 *
 * The rules leave few places for types (annotations, `as`, type imports, interfaces and aliases), and nothing of
 * TypeScript that has a meaning at run time, so the parser that reads the text anyway is all that this needs.
 */

import type { MagicString } from 'magic-string'
import type { ImportDeclaration, Node, Program } from 'oxc-parser'

import { walk } from './walk.ts'

/** A part of a text. */
export type Range = readonly [start: number, end: number]

/** The parts of a text that are not JavaScript, in its order; none is within another. */
export function typeRanges(program: Program, text: string): Range[] {
  const found: Range[] = []
  walk(program, (node) => {
    found.push(...rangesOf(node, text))
  })
  const ranges: Range[] = []
  for (const [start, end] of found.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    const from = Math.max(start, ranges.at(-1)?.[1] ?? 0)
    if (from < end) ranges.push([from, end])
  }
  return ranges
}

/** Makes them blank. What else is changed in the text is within none of them, or has been changed before. */
export function blankTypes(text: MagicString, ranges: readonly Range[]): void {
  for (const [start, end] of ranges) text.update(start, end, blank(text.original.slice(start, end)))
}

/** A part of a text, with the types in it blank. */
export function withoutTypes(
  text: string,
  ranges: readonly Range[],
  start: number,
  end: number,
): string {
  let part = text.slice(start, end)
  for (const [from, to] of ranges) {
    if (from < start || to > end) continue
    part = part.slice(0, from - start) + blank(text.slice(from, to)) + part.slice(to - start)
  }
  return part
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ')
}

/** What of this node is not JavaScript. */
function rangesOf(node: Node, text: string): Range[] {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSTypeAnnotation':
    case 'TSTypeParameterInstantiation':
      return [[node.start, node.end]]
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
      return [[behind(node.expression, text), node.end]]
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

function importRanges(node: ImportDeclaration, text: string): Range[] {
  if (node.importKind === 'type') return [[node.start, node.end]]
  return node.specifiers.flatMap((each): Range[] => {
    if (each.type !== 'ImportSpecifier' || each.importKind !== 'type') return []
    // with the comma behind it, if there is one
    const comma = /^\s*,/.exec(text.slice(each.end))?.[0].length ?? 0
    return [[each.start, each.end + comma]]
  })
}

/** Where what follows an expression begins: behind the parentheses around it, which its node leaves out. */
function behind({ end }: Node, text: string): number {
  return end + (/^(?:[\s)]|\/\*[^]*?\*\/|\/\/.*)*/.exec(text.slice(end))?.[0].length ?? 0)
}
