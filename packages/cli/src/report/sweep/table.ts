/**
 * A journal for terminals: a line for each combination, with a bar for the time that goes by waiting; a grid where there are two axes.
 *
 * Invariant: no line has more than 80 columns; columns that do not fit are left out, the bar first.
 */
import type { Axis, Journal, Spread } from '@mmgather/core'
import { shellWords } from '../../shell.ts'
import { columns } from '../columns.ts'
import { labelled, LABEL_WIDTH } from '../head.ts'
import type { Paint } from '../paint.ts'
import { countText, percentText, timeText } from '../units.ts'
import { wrapCommand } from '../wrap.ts'
import { bar } from './bar.ts'
import { type Combination, combinationsOf } from './combinations.ts'
import { failureLines } from './failures.ts'
import { gridLines } from './grid.ts'
import { axisText, entryText, sizeText } from './words.ts'

const WIDTH = 80
const GAP = 2
const VALUE_MAX = 20
const BAR_MIN = 8
const BAR_MAX = 30

export function sweepLines(journal: Journal, paint: Paint): string[] {
  const { header, entries } = journal
  const combinations = combinationsOf(journal)
  const failures = entries.flatMap((entry) =>
    'error' in entry ? [{ point: entry.point, ...entry.error }] : [],
  )
  const { axes, seeds } = header
  const counts = `${countText(entries.length)} of ${sizeText(axes, seeds)}`
  const without = failures.length === 0 ? '' : `, ${countText(failures.length)} without figures`
  const sections = [
    [
      ...labelled('sweep', header.name),
      ...labelled('scenario', `${header.scenario.name}${setText(header.set)}`),
      ...axes.flatMap((axis) => labelled('axis', axisText(axis))),
      ...labelled('points', counts + without),
      ...failureLines(failures, ' '.repeat(LABEL_WIDTH)),
      ...labelled('version', header.version),
    ],
    tableLines(combinations, axes, paint),
    ...gridLines(combinations, axes, paint),
    [paint('bold', 'REPRODUCE'), ...wrapCommand(shellWords(header.reproduce))],
  ].filter((lines) => lines.length > 0)
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
}

function setText(set: Journal['header']['set']): string {
  const words = Object.entries(set).map(([key, value]) => `${key}=${value}`)
  return words.length === 0 ? '' : ` with ${words.join(' ')}`
}

interface Column {
  title: string
  of: (combination: Combination) => string
}

const FIGURES: readonly Column[] = [
  { title: 'teardown', of: ({ teardownNs }) => timeText(teardownNs.median) },
  { title: 'spread', of: ({ teardownNs }) => spreadText(teardownNs) },
  {
    title: 'per page',
    of: ({ perPageNs }) => (perPageNs === null ? '-' : timeText(perPageNs.median)),
  },
  { title: 'most for', of: ({ waitedMost }) => waitedMost ?? '-' },
  { title: 'waiting', of: ({ waitShare }) => percentText(waitShare.median) },
]

function tableLines(
  combinations: readonly Combination[],
  axes: readonly Axis[],
  paint: Paint,
): string[] {
  if (combinations.length === 0) return ['no point has figures']
  const hasSeeds = combinations.some(({ results }) => results.length > 1)
  const wanted: Column[] = [
    ...axes.map(axisColumn),
    ...FIGURES.filter(({ title }) => hasSeeds || title !== 'spread'),
  ]
  const shown = fitting(wanted, combinations)
  const rows = [
    shown.map(({ title }) => title),
    ...combinations.map((each) => shown.map(({ of }) => of(each))),
  ]
  const alignments = shown.map((_, i) =>
    i === 0 && axes.length > 0 ? ('left' as const) : ('right' as const),
  )
  const lines = columns(rows, alignments, [], GAP)
  const [head = '', ...rest] = lines
  const used = Math.max(...lines.map(({ length }) => length))
  const bars = barsOf(combinations, Math.min(BAR_MAX, WIDTH - used - GAP))
  return [
    paint('bold', head),
    ...rest.map((line, i) => `${line.padEnd(used + GAP)}${bars[i] ?? ''}`.trimEnd()),
  ]
}

/** Of the share of waiting; none if there is none, or if they would be too short to tell anything. */
function barsOf(combinations: readonly Combination[], width: number): string[] {
  if (width < BAR_MIN) return []
  return combinations.map(({ waitShare }) => bar(waitShare.median, width))
}

/** Linked keys have one column. */
function axisColumn({ keys }: Axis): Column {
  return {
    title: keys.join('+').slice(0, VALUE_MAX),
    of: ({ axes }) => entryText(keys.map((key) => axes[key] ?? '')).slice(0, VALUE_MAX),
  }
}

/** The first ones, as many as there is room for. */
function fitting(wanted: readonly Column[], combinations: readonly Combination[]): Column[] {
  let used = 0
  const shown: Column[] = []
  for (const column of wanted) {
    const width = combinations.reduce(
      (max, each) => Math.max(max, column.of(each).length),
      column.title.length,
    )
    used += width + (shown.length > 0 ? GAP : 0)
    if (used > WIDTH) break
    shown.push(column)
  }
  return shown
}

/** How far apart the seeds are. */
function spreadText({ min, max, median }: Spread): string {
  return median === 0 || min === max ? '-' : percentText((max - min) / median)
}
