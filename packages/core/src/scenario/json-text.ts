/**
 * Scenario text that is JSON, read by the platform: captured processes have files of many megabytes, for which the
 * YAML reader needs 2 microseconds per character.
 *
 * Invariant: what comes back is what `readYaml` would give for the same text. Text with duplicate keys, which
 * `JSON.parse` takes and YAML refuses, is left to `readYaml`.
 */

/** The value; undefined: not JSON, or with duplicate keys. */
export function readJson(text: string): { value: unknown } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return hasDuplicateKeys(text) ? undefined : { value }
}

/** Whether a map has a key twice. The text must be valid JSON. */
function hasDuplicateKeys(text: string): boolean {
  /** The keys of every open map; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '{') open.push(new Set())
    else if (char === '[') open.push(undefined)
    else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const end = endOfString(text, at)
      if (isKey(text, end)) {
        const key: unknown = JSON.parse(text.slice(at, end))
        const keys = open.at(-1)
        if (keys?.has(String(key)) === true) return true
        keys?.add(String(key))
      }
      at = end - 1
    }
  }
  return false
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isKey(text: string, end: number): boolean {
  let at = end
  while (at < text.length && ' \t\n\r'.includes(text[at] ?? '')) at++
  return text[at] === ':'
}
