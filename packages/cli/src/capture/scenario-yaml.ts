/**
 * Writes a captured scenario as YAML: one line for every run and every group of folios, for there may be millions.
 *
 * Owns the layout of the file; scalars are quoted by the YAML library. The text is produced line by line, so that it
 * can be written without holding all of it. Invariant: parsing the text gives the scenario back.
 */
import { stringify } from 'yaml'
import type { ProcessGroupInput, ScenarioInput, VmaInput } from '@mmgather/core'
import type { Capture } from './capture.ts'

type Scalar = string | number | boolean
type Entry = Record<string, unknown>

const COMMENT_WIDTH = 98

export function captureToYaml(capture: Capture): string {
  return [...captureYamlLines(capture)].join('')
}

/** The file's lines, each with its line end. */
export function* captureYamlLines(capture: Capture): Generator<string> {
  const { kernel, date } = capture.about
  yield* comment(`Captured from Linux ${kernel}${date === undefined ? '' : ` on ${date}`}.`, '')
  for (const note of capture.notes) yield* comment(note, '  ')
  yield* scenarioLines(capture.scenario)
}

function* scenarioLines(scenario: ScenarioInput): Generator<string> {
  const quote = createQuoter()
  const { folios, processes, ...head } = scenario
  yield stringify(head, { lineWidth: 0 })
  if (folios !== undefined && folios.length > 0) yield* listLines('folios', folios, '', quote)
  yield 'processes:\n'
  for (const group of processes) yield* groupLines(group, quote)
}

function* groupLines(group: ProcessGroupInput, quote: Quoter): Generator<string> {
  const { vmas = [], ...rest } = group
  yield `  - ${blockOf(rest, '    ')}`
  if (vmas.length === 0) yield '    vmas: []\n'
  else {
    yield '    vmas:\n'
    for (const vma of vmas) yield* vmaLines(vma, quote)
  }
}

function* vmaLines(vma: VmaInput, quote: Quoter): Generator<string> {
  const { runs, swapRuns, ...rest } = vma
  const empty = runs?.length === 0
  if ((runs === undefined || empty) && swapRuns === undefined) {
    yield `      - ${flow(empty ? { ...rest, runs } : rest, quote)}\n`
    return
  }
  yield `      - ${blockOf(rest, '        ')}`
  if (runs !== undefined) yield* listLines('runs', runs, '        ', quote)
  if (swapRuns !== undefined) yield* listLines('swapRuns', swapRuns, '        ', quote)
}

function* listLines(
  key: string,
  entries: readonly object[],
  indent: string,
  quote: Quoter,
): Generator<string> {
  if (entries.length === 0) {
    yield `${indent}${key}: []\n`
    return
  }
  yield `${indent}${key}:\n`
  for (const entry of entries) yield `${indent}  - ${flow(entry, quote)}\n`
}

/** A map in block style whose first line follows a list's dash. */
function blockOf(entry: Entry | Omit<ProcessGroupInput, 'vmas'>, indent: string): string {
  const lines = stringify(entry, { lineWidth: 0 }).trimEnd().split('\n')
  return `${lines.join(`\n${indent}`)}\n`
}

function flow(entry: object, quote: Quoter): string {
  const parts = Object.entries(entry).map(([key, value]) => `${key}: ${flowValue(value, quote)}`)
  return `{ ${parts.join(', ')} }`
}

function flowValue(value: unknown, quote: Quoter): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') {
    return quote(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => flowValue(item, quote)).join(', ')}]`
  return typeof value === 'object' && value !== null ? flow(value, quote) : 'null'
}

type Quoter = (value: Scalar) => string

/** Quotes where YAML needs it. The same few strings come again and again. */
function createQuoter(): Quoter {
  const known = new Map<string, string>()
  return (value) => {
    if (typeof value !== 'string') return String(value)
    const quoted = known.get(value) ?? quoteInFlow(value)
    known.set(value, quoted)
    return quoted
  }
}

function quoteInFlow(value: string): string {
  const list = stringify([value], {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: false,
  })
  return list.trim().slice(1, -1)
}

/** A paragraph as comment lines, whose later ones are indented. Any white space is a place to break. */
function* comment(text: string, indent: string): Generator<string> {
  let line = '#'
  for (const word of text.split(/\s+/)) {
    if (line.length + 1 + word.length > COMMENT_WIDTH && line.trim() !== '#') {
      yield `${line}\n`
      line = `#${indent}`
    }
    line += ` ${word}`
  }
  yield `${line}\n`
}
