/**
 * Plain data as JSON text in parts, so that a report on millions of pages never has to be one string.
 *
 * Layout: maps and lists of plain values stand on one line, everything else is indented; the same data gives the same
 * text.
 */

const LINE_MAX = 100

export function* jsonParts(value: unknown): Generator<string> {
  yield* valueParts(value, '')
  yield '\n'
}

function* valueParts(value: unknown, indent: string): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    yield JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  const entries: [string, unknown][] = isList
    ? value.map((item: unknown) => ['', item])
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [`${JSON.stringify(key)}: `, item])
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  const line = oneLine(entries, open, close)
  if (line !== undefined) {
    yield line
    return
  }
  let before = open
  for (const [key, item] of entries) {
    yield `${before}\n${indent}  ${key}`
    yield* valueParts(item, `${indent}  `)
    before = ','
  }
  yield `\n${indent}${close}`
}

/** undefined: too long, or something is nested in it. */
function oneLine(entries: [string, unknown][], open: string, close: string): string | undefined {
  if (entries.length === 0) return `${open}${close}`
  if (entries.length > LINE_MAX / 3) return undefined
  if (entries.some(([, item]) => typeof item === 'object' && item !== null)) return undefined
  const text = entries.map(([key, item]) => `${key}${JSON.stringify(item)}`).join(', ')
  return text.length <= LINE_MAX ? `${open} ${text} ${close}` : undefined
}
