/**
 * The files that `mmgather report` reads: reports of runs, and journals of sweeps.
 *
 * Owns the rule which is which: a journal begins with its header, anything else is one JSON document that names its
 * format.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import {
  type Journal,
  JournalCollector,
  JournalFormatError,
  isJournalStart,
  parseJournalLine,
  RUN_REPORT_SCHEMA,
  type RunReport,
} from '@mmgather/core'
import { UsageError } from './errors.ts'
import { readText } from './io/read-text.ts'
import { systemErrorWords } from './io/system-error.ts'
import { journalLines } from './sweep/journal-lines.ts'

export type ReportInput =
  | { kind: 'run'; source: string; report: RunReport }
  | { kind: 'sweep'; source: string; journal: Journal }

const ALLOWED = 'the JSON report of a run, or the journal of a sweep'

/** In the order of the paths; `-` is the JSON report of a run on stdin. @throws UsageError */
export async function readReportInputs(paths: readonly string[]): Promise<ReportInput[]> {
  const inputs: ReportInput[] = []
  for (const path of paths) inputs.push(await readInput(path))
  return inputs
}

async function readInput(path: string): Promise<ReportInput> {
  if (path !== '-' && isJournalStart(firstCharacters(path)))
    return { kind: 'sweep', source: path, journal: readJournal(path) }
  const text = await readText(path, { allowed: ALLOWED, hint: 'see mmgather report --help' })
  const value = parsed(text)
  if (isRunReport(value)) return { kind: 'run', source: path, report: value }
  throw unusable(path, whatItIs(value))
}

function firstCharacters(path: string): string {
  const bytes = Buffer.alloc(64)
  return withFile(path, (fd) => bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0)))
}

/** The journal as far as its lines are whole. */
function readJournal(path: string): Journal {
  return withFile(path, (fd) => {
    const collector = new JournalCollector()
    let number = 0
    for (const { text } of journalLines(fd)) collector.add(parseJournalLine(text, ++number))
    return collector.journal()
  })
}

function withFile<T>(path: string, work: (fd: number) => T): T {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    return work(fd)
  } catch (error) {
    if (error instanceof JournalFormatError) throw unusable(path, error.message)
    const words = systemErrorWords(error)
    throw words === undefined ? error : unusable(path, words)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRunReport(value: unknown): value is RunReport {
  return schemaOf(value) === RUN_REPORT_SCHEMA
}

function schemaOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
}

function whatItIs(value: unknown): string {
  const schema = schemaOf(value)
  if (value === undefined) return 'is no JSON document, and no journal'
  return typeof schema === 'string'
    ? `is a document in the format ${schema}`
    : 'is JSON, but names no format of mmgather'
}

function unusable(path: string, problem: string): UsageError {
  return new UsageError({
    field: path === '-' ? 'stdin' : path,
    problem,
    allowed: ALLOWED,
    hint: 'made by mmgather run --out, or mmgather sweep --out',
  })
}
