/**
 * A scenario in the input form as the text of a scenario file.
 *
 * Owns the layout: an entry per line in the lists that people add to, short maps and lists on one line. Written by hand
 * because the YAML library needs half a minute for the 100,000 lines of a large captured process. Invariant: parsing the
 * text gives what parsing the input gives.
 */
import type { ScenarioInput } from './input.ts'

/** yaml to be read and edited; json for large files, which it reads back a hundred times faster. */
export type ScenarioTextStyle = 'yaml' | 'json'

/** The text of a scenario file with just the keys that `input` has. Ends with a line end. */
export function scenarioToText(input: ScenarioInput, style: ScenarioTextStyle = 'yaml'): string {
  const lines = style === 'yaml' ? yamlMap(input, '') : jsonBlock(input, '', '')
  return `${lines.join('\n')}\n`
}

const LINE = 100

/** Lists that people add to: always an entry per line. */
const BLOCK_LISTS = new Set(['processes', 'vmas', 'files', 'runs', 'swapRuns', 'teardown'])

/** The keys that are there; undefined is the same as absent. */
function entriesOf(map: object): [string, unknown][] {
  return Object.entries(map).filter(([, value]) => value !== undefined)
}

function yamlMap(map: object, indent: string): string[] {
  return entriesOf(map).flatMap(([key, value]) => {
    const isBlock = key === 'folios' && indent === '' && Array.isArray(value) && value.length > 0
    const flow = isBlock ? undefined : oneLine(value, key, 'yaml')
    if (flow !== undefined && indent.length + key.length + flow.length < LINE) {
      return [`${indent}${key}: ${flow}`]
    }
    if (typeof value === 'string') return yamlText(key, value, indent)
    const inner = Array.isArray(value)
      ? yamlList(value, `${indent}  `)
      : yamlMap(Object(value), `${indent}  `)
    return [`${indent}${key}:`, ...inner]
  })
}

function yamlList(list: readonly unknown[], indent: string): string[] {
  return list.flatMap((item) => {
    const flow = oneLine(item, '', 'yaml')
    if (flow !== undefined && indent.length + flow.length < LINE) return [`${indent}- ${flow}`]
    const [first = '', ...rest] = yamlMap(Object(item), `${indent}  `)
    return [`${indent}- ${first.trimStart()}`, ...rest]
  })
}

/** Text too long for its line: words are folded, anything else stays one quoted line. */
function yamlText(key: string, text: string, indent: string): string[] {
  if (!/^[!-~]+( [!-~]+)+$/.test(text)) return [`${indent}${key}: ${JSON.stringify(text)}`]
  const lines = [`${indent}${key}: >-`]
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length > LINE - 4) {
      lines.push(`${indent}  ${line}`)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, `${indent}  ${line}`]
}

function jsonBlock(value: unknown, indent: string, key: string): string[] {
  const flow =
    indent === '' || (key === 'folios' && indent === '  ') ? undefined : oneLine(value, key, 'json')
  if (flow !== undefined && indent.length + flow.length < LINE) return [flow]
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)]
  const inner = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((item) => jsonBlock(item, inner, ''))
    : entriesOf(value).map(([name, part]) => {
        const [first = '', ...rest] = jsonBlock(part, inner, name)
        return [`${JSON.stringify(name)}: ${first}`, ...rest]
      })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const lines = parts.flatMap((part, i) => {
    const [first = '', ...rest] = i < parts.length - 1 ? withComma(part) : part
    return [`${inner}${first}`, ...rest]
  })
  return [`${open}`, ...lines, `${indent}${close}`]
}

function withComma(lines: readonly string[]): string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''},`]
}

/** The value on one line; undefined: it has to have several. */
function oneLine(value: unknown, key: string, style: ScenarioTextStyle): string | undefined {
  if (typeof value === 'string')
    return style === 'yaml' ? plainOrQuoted(value) : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (BLOCK_LISTS.has(key) && Array.isArray(value) && value.length > 0) return undefined
  const parts: string[] = []
  let length = 0
  for (const [name, part] of entriesOf(value)) {
    const text = oneLine(part, name, style)
    if (text === undefined) return undefined
    const label = style === 'yaml' ? name : JSON.stringify(name)
    parts.push(Array.isArray(value) ? text : `${label}: ${text}`)
    length += text.length + name.length
    if (length > LINE) return undefined
  }
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (parts.length === 0) return `${open}${close}`
  const padding = Array.isArray(value) ? '' : ' '
  return `${open}${padding}${parts.join(', ')}${padding}${close}`
}

/** Words that YAML (1.1 or 1.2) takes for something else than text. */
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function plainOrQuoted(text: string): string {
  const plain = /^[A-Za-z][\w./@-]*(?: [\w./@-]+)*$/.test(text) && !NOT_TEXT.test(text)
  return plain ? text : JSON.stringify(text)
}
