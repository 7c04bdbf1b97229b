/**
 * A comparison for people: a row per figure, a column per strategy, the change to the first beside each other one.
 *
 * Owns what is shown and in which order. Invariants: no line has more than 80 columns, so that many strategies take
 * several tables, each with the first strategy again; a figure that is equal everywhere is left out and counted.
 */
import type { ComparedValue, Comparison, ComparisonRow } from '@mmgather/core'
import { columns } from './columns.ts'
import {
  LABEL_WIDTH,
  labelled,
  outcomeText,
  seedsText,
  violationLines,
  virtualMachineText,
} from './head.ts'
import type { Paint } from './paint.ts'
import { changeText, countText, shortCountText, timeText } from './units.ts'
import { warningLines, wrapCommand } from './wrap.ts'

export interface ComparisonText {
  comparison: Comparison
  /** Show figures that are equal everywhere too. */
  showsAll: boolean
  /** The words of the command that does the same again. */
  reproduce: readonly string[]
}

/** Strategies in one table, the first included. */
const TABLE_STRATEGIES = 3
const NAME_WIDTH = 22
/** Of a strategy: figure and change, or smallest and largest. */
const CELL_WIDTH = 18
const CHANGE_WIDTH = 8

const TITLES = { time: 'TIME', counters: 'COUNTS', locks: 'LOCKS' } as const
const LOCK_FIGURES: Record<string, string> = {
  acquisitions: 'acquired',
  contended: 'contended',
  waitNs: 'waited',
}

/** The lines, without line ends. */
export function comparisonLines(text: ComparisonText, paint: Paint): string[] {
  const { comparison, showsAll, reproduce } = text
  const shown = comparison.rows.filter((row) => showsAll || isOfInterest(row, comparison))
  const tables = chunksOfOthers(comparison.strategies.length).map((indices) =>
    tableLines(comparison, shown, indices, paint),
  )
  const sections = [
    headLines(comparison, paint),
    ...tables,
    notes(comparison, shown),
    ...(comparison.warnings.length > 0 ? [warningLines(comparison.warnings, paint)] : []),
    [paint('bold', 'REPRODUCE'), ...wrapCommand(reproduce)],
  ].filter((lines) => lines.length > 0)
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
}

/** Equal figures say nothing about strategies; with one strategy, those that are not 0 are all there is. */
function isOfInterest(row: ComparisonRow, { strategies }: Comparison): boolean {
  if (strategies.length > 1) return !row.isEqual
  return row.values.some((value) => value !== null && value.max > 0)
}

/** Which strategies each table has: the first and some others. */
function chunksOfOthers(strategies: number): number[][] {
  const others = Array.from({ length: strategies - 1 }, (_, i) => i + 1)
  const size = TABLE_STRATEGIES - 1
  const chunks = Array.from({ length: Math.max(1, Math.ceil(others.length / size)) }, (_, i) =>
    others.slice(i * size, (i + 1) * size),
  )
  return chunks.map((chunk) => [0, ...chunk])
}

function headLines(comparison: Comparison, paint: Paint): string[] {
  const { scenario, engine, cpus, virtual, seed, runs, strategies } = comparison
  const where = virtual === undefined ? '' : ` of ${virtualMachineText(virtual)}`
  const each = strategies.length === 1 ? '' : ' of each strategy'
  const lines = [
    ...labelled('scenario', scenario),
    ...labelled('engine', `${engine}, ${countText(cpus)} CPU${cpus === 1 ? '' : 's'}${where}`),
    ...labelled('runs', `${countText(runs)}${each}, ${seedsText(seed, runs, virtual)}`),
  ]
  const endings = strategies.filter(({ outcome }) => outcome.kind !== 'completed')
  if (endings.length === 0)
    return [...lines, `${'outcome'.padEnd(LABEL_WIDTH)}${paint('green', 'completed')}`]
  return [
    ...lines,
    ...endings.flatMap(({ strategy, outcome }) => {
      const { style, text } = outcomeText(outcome, runs, true)
      const [first = '', ...rest] = labelled('outcome', `${strategy}: ${text}`)
      const painted = [first, ...rest].map((line) => paint(style, line))
      return [...painted, ...violationLines(outcome)]
    }),
  ]
}

function tableLines(
  { strategies, runs }: Comparison,
  rows: readonly ComparisonRow[],
  indices: readonly number[],
  paint: Paint,
): string[] {
  const names = indices.map((i) =>
    (strategies[i]?.strategy ?? '').slice(0, CELL_WIDTH).padStart(CELL_WIDTH),
  )
  const groups = (['time', 'counters', 'locks'] as const).map((group) => {
    const own = rows.filter((row) => row.group === group)
    return { title: TITLES[group], own }
  })
  let isFirst = true
  return groups.flatMap(({ title, own }) => {
    if (own.length === 0) return []
    const head = isFirst ? [title.padEnd(NAME_WIDTH), ...names].join(' ') : title
    const before = isFirst ? [] : ['']
    isFirst = false
    const cells = own.flatMap((row) => rowCells(row, indices, runs > 1))
    const alignments = ['left' as const, ...indices.map(() => 'right' as const)]
    const widths = [NAME_WIDTH, ...indices.map(() => CELL_WIDTH)]
    return [...before, paint('bold', head.trimEnd()), ...columns(cells, alignments, widths, 1)]
  })
}

/** The line of a figure, and one with its spreads if it has any. */
function rowCells(row: ComparisonRow, indices: readonly number[], hasSpreads: boolean): string[][] {
  const values = indices.map((i) => row.values[i] ?? null)
  const line = [nameOf(row), ...values.map((value, n) => valueCell(row, value, n === 0))]
  const isSpread = values.some((value) => value !== null && value.min !== value.max)
  if (!hasSpreads || !isSpread) return [line]
  return [line, ['', ...values.map((value) => spreadCell(row, value))]]
}

function nameOf({ group, key }: ComparisonRow): string {
  if (key === 'perPage') return 'per page'
  if (group !== 'locks') return key
  const [lock = '', figure = ''] = key.split('.')
  return `${lock} ${LOCK_FIGURES[figure] ?? figure}`
}

function valueCell(row: ComparisonRow, value: ComparedValue | null, isFirst: boolean): string {
  if (value === null) return isFirst ? '-' : '-'.padEnd(CHANGE_WIDTH + 2)
  const figure = figureText(row, value.median)
  if (isFirst) return figure
  if (value.verdict === 'no-baseline') return figure.padEnd(figure.length + CHANGE_WIDTH + 1)
  const mark = value.verdict === 'within-spread' && value.change !== 0 ? '~' : ''
  return `${figure} ${`${mark}${changeText(value.change)}`.padStart(CHANGE_WIDTH)}`
}

function spreadCell(row: ComparisonRow, value: ComparedValue | null): string {
  if (value === null || value.min === value.max) return ''
  return `${figureText(row, value.min)}..${figureText(row, value.max)}`
}

/** At most 8 characters. */
function figureText({ unit }: ComparisonRow, value: number): string {
  return unit === 'ns' ? timeText(value) : shortCountText(value, 8)
}

function notes({ rows, strategies }: Comparison, shown: readonly ComparisonRow[]): string[] {
  const hidden = rows.length - shown.length
  const isWithin = shown.some(({ values }) =>
    values.some((value) => value?.verdict === 'within-spread'),
  )
  return [
    ...(isWithin ? ['~ within the spread: the runs [smallest..largest] of the two overlap'] : []),
    ...(strategies.length === 1 ? ['one strategy: there is nothing to compare it to'] : []),
    ...(hidden > 0 ? [hiddenText(hidden, strategies.length)] : []),
  ]
}

function hiddenText(hidden: number, strategies: number): string {
  const what = strategies === 1 ? 'that are 0' : 'that are equal under all strategies'
  return `${hidden} figures ${what} are left out; --all shows them`
}
