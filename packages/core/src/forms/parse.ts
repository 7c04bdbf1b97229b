/**
 * Parsing of TypeScript texts (oxc-parser).
 *
 * Invariant: nobody changes a tree, so a text that is asked for again under the same name is not parsed again: rules, forms
 * and compilers look at the same texts, one after the other.
 */

import { parseSync, type ParseResult, type Program } from 'oxc-parser'

const known = new Map<string, { text: string; result: ParseResult }>()

/** The tree of a text, with what does not parse among `errors`. */
export function parseText(file: string, text: string): ParseResult {
  const before = known.get(file)
  if (before?.text === text) return before.result
  const result = parse(file, text)
  known.set(file, { text, result })
  return result
}

/** The tree of a part of a text that parses; the places in it are those that it has in the whole. */
export function parsePart(file: string, text: string, start: number, end: number): Program {
  return parse(file, ' '.repeat(start) + text.slice(start, end)).program
}

function parse(file: string, text: string): ParseResult {
  return parseSync(file, text, { preserveParens: false, lang: 'ts' })
}
