/**
 * What is wrong with a scenario: one error that carries every issue found, each with the path of the field.
 *
 * Owns the public error type and how it is written out. Invariant: an error has at least one issue; `message` holds
 * them one per line, at most `LINES_MAX` of them.
 */

/** One thing that is wrong with a scenario. */
export interface ScenarioIssue {
  /** The field, as `processes[0].vmas[1].pages`; empty: the scenario as a whole. */
  path: string
  /** What is wrong, without the value. */
  message: string
  /** What stands there now. Absent where the field is missing or the value says nothing. */
  value?: unknown
  /** What may stand there. */
  allowed?: string
  /** A way out. */
  hint?: string
  /** Line in the text, counted from 1. Present only if the scenario came as text. */
  line?: number
  /** Column in the text, counted from 1. */
  column?: number
}

const LINES_MAX = 50
const VALUE_MAX = 60

/** Thrown for every scenario that cannot be used, with all that is wrong with it. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  readonly issues: readonly ScenarioIssue[]
  /** Where the text came from (a file's path), as given to `parseScenarioText`. */
  readonly source: string | undefined

  constructor(issues: readonly ScenarioIssue[], source?: string) {
    const lines = issues.slice(0, LINES_MAX).map((issue) => formatScenarioIssue(issue, source))
    if (issues.length > LINES_MAX) lines.push(`... and ${issues.length - LINES_MAX} more`)
    super(lines.join('\n'))
    this.issues = issues
    this.source = source
  }
}

/** One issue as a line: `source:line:column: path: what is wrong (got X); allowed ...; hint`. */
export function formatScenarioIssue(issue: ScenarioIssue, source?: string): string {
  const place: string[] = []
  if (source !== undefined) place.push(source)
  if (issue.line !== undefined && issue.column !== undefined) {
    place.push(String(issue.line), String(issue.column))
  }
  const got = issue.value === undefined ? '' : ` (got ${showValue(issue.value)})`
  const allowed = issue.allowed === undefined ? '' : `; allowed ${issue.allowed}`
  const hint = issue.hint === undefined ? '' : `; ${issue.hint}`
  const head = [place.join(':'), issue.path].filter((part) => part !== '')
  return [...head, `${issue.message}${got}${allowed}${hint}`].join(': ')
}

/** A value in a few characters, on one line. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return shorten(JSON.stringify(value))
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `a list of ${value.length}` : 'a map'
    default:
      return typeof value
  }
}

function shorten(text: string): string {
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX - 3)}...`
}
