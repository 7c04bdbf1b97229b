/**
 * Parsing of TypeScript texts (oxc-parser).
 *
 * Invariant: nobody changes a tree, so a text that is asked for again under the same name is not parsed again: rules, forms
 * and compilers look at the same texts, one after the other.
 */

import { parseSync, type ParseResult } from 'oxc-parser'

const known = new Map<string, { text: string; result: ParseResult }>()

/** The tree of a text, with what does not parse among `errors`. */
export function parseText(file: string, text: string): ParseResult {
  const before = known.get(file)
  if (before?.text === text) return before.result
  const result = parseSync(file, text, { preserveParens: false, lang: 'ts' })
  known.set(file, { text, result })
  return result
}
