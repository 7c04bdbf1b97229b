/**
 * YAML text with long lists of one-line maps, as captured processes have them: the lists are read here, the rest by
 * the YAML reader, which would need 2 microseconds and 150 bytes for every character of them.
 *
 * A list is folded only if each line is `- { key: word, ... }` with plain keys, digits, booleans and plain words, so
 * that there is one way to read it. Invariant: what comes back is what `readYaml` would give for the whole text; in any
 * doubt nothing comes back.
 */
import type { ScenarioIssue } from './errors.ts'
import { readYaml } from './yaml-text.ts'

type Entry = Record<string, string | number | boolean>

/** Lines in a row from which on folding pays. */
const FOLD_MIN = 50
/** Starts the text that stands for a list; YAML text cannot hold it unescaped, and no scenario has a use for it. */
const MARK = '\u0001'

/** The value, or what the YAML reader says of the rest; undefined: no long lists, or in doubt. */
export function readFoldedYaml(
  text: string,
): { value: unknown } | { issues: ScenarioIssue[] } | undefined {
  const folded = fold(text)
  if (folded.lists.length === 0) return undefined
  const yaml = readYaml(folded.lines.join('\n'))
  if ('issues' in yaml) return { issues: yaml.issues.map((issue) => unfoldLine(issue, folded)) }
  const used: number[] = []
  const value = unfold(yaml.value, folded.lists, used)
  const once = used.length === folded.lists.length && new Set(used).size === used.length
  return once ? { value } : undefined
}

interface Folded {
  lines: string[]
  lists: Entry[][]
  /** For each list, the line (from 1) of its first entry in `lines`. */
  at: number[]
}

function fold(text: string): Folded {
  const folded: Folded = { lines: [], lists: [], at: [] }
  let list: Entry[] = []
  let indent = ''
  let waiting: string[] = []
  const close = (): void => {
    if (list.length >= FOLD_MIN) {
      folded.lines.push(`${indent}- "\\x01${folded.lists.length}"`)
      folded.at.push(folded.lines.length)
      folded.lists.push(list)
    } else for (const line of waiting) folded.lines.push(line)
    list = []
    waiting = []
  }
  for (const line of text.split('\n')) {
    const start = line.search(/[^ ]/)
    const entry =
      start >= 0 && line.startsWith('- { ', start) ? readEntry(line, start + 4) : undefined
    if (list.length > 0 && (entry === undefined || start !== indent.length)) close()
    if (entry === undefined) folded.lines.push(line)
    else {
      indent = line.slice(0, start)
      list.push(entry)
      waiting.push(line)
    }
  }
  close()
  return folded
}

const SPECIAL = new Set(['null', 'Null', 'NULL', 'True', 'TRUE', 'False', 'FALSE'])

/** The map that starts at `at`, after `- { `; undefined: there may be more to it than meets the eye. */
function readEntry(line: string, at: number): Entry | undefined {
  const end = line.endsWith(' }') ? line.length - 2 : line.endsWith(' }\r') ? line.length - 3 : -1
  if (end < 0) return undefined
  const entry: Entry = {}
  for (const pair of line.slice(at, end).split(', ')) {
    const colon = pair.indexOf(': ')
    const key = pair.slice(0, colon)
    const word = pair.slice(colon + 2)
    if (colon < 1 || !/^[a-z][A-Za-z]*$/.test(key) || Object.hasOwn(entry, key)) return undefined
    if (/^(?:0|[1-9]\d{0,14})$/.test(word)) entry[key] = Number(word)
    else if (word === 'true' || word === 'false') entry[key] = word === 'true'
    else if (/^[A-Za-z][\w./-]*$/.test(word) && !SPECIAL.has(word)) entry[key] = word
    else return undefined
  }
  return entry
}

/** The value with the lists in place of their marks; `used` gets the number of each. */
function unfold(value: unknown, lists: readonly Entry[][], used: number[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      if (typeof item !== 'string' || !item.startsWith(MARK)) return [unfold(item, lists, used)]
      const number = Number(item.slice(1))
      used.push(number)
      return lists[number] ?? []
    })
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, unfold(part, lists, used)]),
  )
}

/** The issue with its line in the whole text. */
function unfoldLine(issue: ScenarioIssue, { lists, at }: Folded): ScenarioIssue {
  if (issue.line === undefined) return issue
  let line = issue.line
  for (const [i, list] of lists.entries()) if ((at[i] ?? 0) < issue.line) line += list.length - 1
  return { ...issue, line }
}
