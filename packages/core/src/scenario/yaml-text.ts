/**
 * Scenario text (YAML 1.2, of which JSON is a part) to plain data, and back from a path to its place in the text.
 *
 * Owns everything that knows the YAML library. Never prints, never throws: what is wrong with the text comes back as
 * issues.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { ScenarioIssue } from './errors.ts'
import { FIRST_LINE_HINT, type Locate } from './issues.ts'
import { type PathSegment } from './path.ts'

export type YamlText = { value: unknown; locate: Locate } | { issues: ScenarioIssue[] }

/** Parses one document. Duplicate keys, unknown tags, alias bombs and text without content are issues. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' })
    const broken = [...document.errors, ...document.warnings]
    if (broken.some((e) => e.message.startsWith('Maximum call stack'))) throw new RangeError()
    if (broken.length > 0) {
      return {
        issues: broken.map((e) => ({ ...placeOf(lines, e.pos[0]), ...messageOf(e.message) })),
      }
    }
    if (document.contents === null) {
      return { issues: [{ path: '', message: 'the text is empty', hint: FIRST_LINE_HINT }] }
    }
    const value: unknown = document.toJS()
    return { value, locate: (path, atKey) => locate(document, lines, path, atKey) }
  } catch (error) {
    return { issues: [{ path: '', ...thrown(error) }] }
  }
}

/** The library's message without its picture of the line, which the place replaces. */
function messageOf(message: string): { path: string; message: string } {
  const first = message.split('\n')[0] ?? message
  const plain = first.replace(/ at line \d+, column \d+:?$/, '').replace(/; please use .*$/, '')
  return { path: '', message: `not valid YAML: ${plain}` }
}

function thrown(error: unknown): { message: string; hint?: string } {
  if (error instanceof ReferenceError && error.message.startsWith('Unresolved alias')) {
    return { message: `not valid YAML: ${error.message}` }
  }
  if (error instanceof ReferenceError) {
    return {
      message: 'not valid YAML: aliases (*name) stand for too much data',
      hint: 'write the repeated parts out, or use count and every',
    }
  }
  if (error instanceof RangeError) return { message: 'not valid YAML: nested too deeply' }
  throw error
}

function placeOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** The place of the field, or of the nearest field around it that stands in the text. */
function locate(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly PathSegment[],
  atKey: boolean,
): { line: number; column: number } | undefined {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetOf(document, path.slice(0, length), atKey && length === path.length)
    if (offset !== undefined) return placeOf(lines, offset)
  }
  return undefined
}

function offsetOf(
  document: Document.Parsed,
  path: readonly PathSegment[],
  atKey: boolean,
): number | undefined {
  const last = path.at(-1)
  if (atKey && last !== undefined) {
    const parent: unknown =
      path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    if (!isMap(parent)) return undefined
    const key = parent.items
      .map((pair) => pair.key)
      .find((k) => isScalar(k) && String(k.value) === last)
    return isNode(key) ? key.range?.[0] : undefined
  }
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}
