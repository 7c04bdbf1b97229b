/**
 * The journal of a sweep: JSON lines, appended to and never changed.
 *
 * Owns the format. The first line is a header; another one follows where the sweep was continued with other axes or
 * seeds, and the last one counts. Every other line is a finished point: `key`, `point`, and `result` or `error`. Of lines
 * about one point the last counts: a point is run again if a thread died of it, or if its strategy file has changed.
 * Every line ends in a newline; what stands behind the last newline was being written when the sweep was killed.
 * Invariant: a line about a point depends on the point and on the version alone, so lines of one key are the same bytes,
 * and in which order lines stand says nothing.
 */
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Axis, AxisValues } from './axis.ts'
import type { SweepPoint } from './points.ts'
import type { SweepPointError, SweepResult } from './result.ts'

export const SWEEP_JOURNAL_SCHEMA = 'mmgather/sweep-journal@1'

/** What holds for all points of a journal. */
export interface JournalHeader {
  schema: typeof SWEEP_JOURNAL_SCHEMA
  /** Version of mmgather. */
  version: string
  /** Of what may not change when the sweep is continued: `journalIdText`, hashed. */
  id: string
  name: string
  description: string
  /** As its file or preset has it; each point has `set` and its own values in place of these. */
  scenario: Scenario
  /** Values of all points, as flags and the sweep file set them. */
  set: AxisValues
  axes: Axis[]
  seeds: number
  options: SweepOptions
  /** The command that does the same again. */
  reproduce: string
}

/** Options of all runs. */
export interface SweepOptions {
  /** Were the invariants checked after each run? */
  verify: boolean
  timeMaxNs?: number
  eventsMax?: number
}

export interface JournalResult {
  key: string
  point: SweepPoint
  result: SweepResult
}

export interface JournalError {
  key: string
  point: SweepPoint
  error: SweepPointError
}

/** A finished point. */
export type JournalEntry = JournalResult | JournalError

export type JournalLine = { header: JournalHeader } | { entry: JournalEntry }

/** A journal that was read. */
export interface Journal {
  /** The last one. */
  header: JournalHeader
  /** The last line of each point, in the order in which the points were first written. */
  entries: JournalEntry[]
}

/** The text cannot be, or is not, that of a journal. */
export class JournalFormatError extends Error {
  override readonly name = 'JournalFormatError'
}

/** The line of a header, with its end. */
export function headerLine(header: JournalHeader): string {
  return `${JSON.stringify(header)}\n`
}

/**
 * The line of a point, with its end.
 * @param outcome - `{"result":...}` or `{"error":...}`, as JSON.
 */
export function entryLine(key: string, point: SweepPoint, outcome: string): string {
  return `{"key":${JSON.stringify(key)},"point":${JSON.stringify(point)},${outcome.slice(1)}\n`
}

const START = `{"schema":"${SWEEP_JOURNAL_SCHEMA}"`

/** Could a text that was cut off here go on as a journal? */
export function isJournalStart(text: string): boolean {
  return text.length < START.length ? START.startsWith(text) : text.startsWith(START)
}

/**
 * Reads a line, without its end.
 * @param number - of the line, from 1; the first one must be a header.
 * @throws JournalFormatError
 */
export function parseJournalLine(line: string, number: number): JournalLine {
  if (number === 1 && !line.startsWith(START))
    throw new JournalFormatError(otherJournal(line) ?? 'is no journal of a sweep')
  const value = parsed(line)
  if (isHeader(value)) return { header: value }
  if (isEntry(value)) return { entry: value }
  throw new JournalFormatError(`line ${number} is damaged; take it out, and its point is run again`)
}

/** Names the format of a journal of a version that this one does not read. */
function otherJournal(line: string): string | undefined {
  const schema = /^\{"schema":"(mmgather\/sweep-journal@\d+)"/.exec(line)?.[1]
  return (
    schema && `is a journal in the format ${schema}; this version reads ${SWEEP_JOURNAL_SCHEMA}`
  )
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isHeader(value: unknown): value is JournalHeader {
  return isMap(value) && value['schema'] === SWEEP_JOURNAL_SCHEMA && isMap(value['scenario'])
}

function isEntry(value: unknown): value is JournalEntry {
  if (!isMap(value) || typeof value['key'] !== 'string') return false
  return isMap(value['point']) && (isMap(value['result']) || isMap(value['error']))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Gathers the lines of a journal. */
export class JournalCollector {
  #header: JournalHeader | undefined
  readonly #entries = new Map<string, JournalEntry>()

  add(line: JournalLine): void {
    if ('header' in line) this.#header = line.header
    else this.#entries.set(pointText(line.entry.point), line.entry)
  }

  /** @throws JournalFormatError if there was no header. */
  journal(): Journal {
    if (this.#header === undefined) throw new JournalFormatError('is empty')
    return { header: this.#header, entries: [...this.#entries.values()] }
  }
}

/**
 * Reads the text of a whole journal. What stands behind the last newline is left out.
 * @throws JournalFormatError
 */
export function parseJournal(text: string): Journal {
  const collector = new JournalCollector()
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  lines.pop()
  lines.forEach((line, i) => collector.add(parseJournalLine(line, i + 1)))
  return collector.journal()
}

/** Which point an entry is about: points of one journal are the same if these texts are. */
export function pointText(point: SweepPoint): string {
  return canonicalJson(point)
}

/** All that the result of a point follows from. Its hash is the point's key. */
export interface PointContent {
  version: string
  /** With every value of the point, its seed included. */
  scenario: Scenario
  /** A hash of the machine profile. */
  profile: string
  arrivalJitterNs: number
  options: SweepOptions
  /** A hash of the texts of the strategy file; absent: the strategy ships. */
  strategySource?: string
}

/** The text whose hash is the key of a point. */
export function pointKeyText(content: PointContent): string {
  return canonicalJson(content)
}

/** `pointKeyText` of points that differ in their seed alone, most of which is made once. */
export function pointKeyTextBySeed(content: PointContent): (seed: number) => string {
  const { scenario } = content
  const withHole = pointKeyText({ ...content, scenario: { ...scenario, seed: HOLE as never } })
  const [before, behind, ...more] = withHole.split(JSON.stringify(HOLE))
  // a scenario whose own text has the hole in it
  if (behind === undefined || more.length > 0)
    return (seed) => pointKeyText({ ...content, scenario: { ...scenario, seed } })
  return (seed) => `${before}${seed}${behind}`
}

/** In place of a seed. */
const HOLE = '\0seed'

/** The text whose hash is the `id` of a journal: what all its points share, and what they differ in. */
export function journalIdText(
  header: Pick<JournalHeader, 'version' | 'scenario' | 'set' | 'options'>,
  keys: readonly string[],
): string {
  const { version, scenario, set, options } = header
  return canonicalJson({ version, scenario, set, options, keys: keys.toSorted() })
}
