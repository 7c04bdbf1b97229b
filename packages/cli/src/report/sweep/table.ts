/**
 * A journal for terminals: a line for each combination, with a bar for the time that goes by waiting; a grid where there
 * are two axes.
 *
 * Invariant: no line has more than 80 columns: where the values of the axes do not fit beside the figures, they stand
 * above them.
 */
import type { Axis, Journal, Spread } from '@mmgather/core'
import { shellWords } from '../../shell.ts'
import { columns } from '../columns.ts'
import { labelled, LABEL_WIDTH } from '../head.ts'
import type { Paint } from '../paint.ts'
import { countText, percentText, timeText } from '../units.ts'
import { wrapCommand, wrapWords } from '../wrap.ts'
import { bar } from './bar.ts'
import { type Combination, combinationsOf } from './combinations.ts'
import { failureLines } from './failures.ts'
import { gridLines } from './grid.ts'
import { axisText, entryText, sizeText } from './words.ts'

const WIDTH = 80
const GAP = 2
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
  const figures = FIGURES.filter(({ title }) => hasSeeds || title !== 'spread')
  const beside = aligned([...axes.map(axisColumn), ...figures], combinations)
  if (beside.every(({ length }) => length <= WIDTH)) return withBars(beside, combinations, paint)
  // the values above the figures
  const [head = '', ...below] = aligned([{ title: '', of: () => '' }, ...figures], combinations)
  const [first = '', ...lines] = withBars([head, ...below], combinations, paint)
  return [first, ...combinations.flatMap((each, i) => [...valueLines(each, axes), lines[i] ?? ''])]
}

/** The titles, then a line for each combination. */
function aligned(shown: readonly Column[], combinations: readonly Combination[]): string[] {
  const rows = [
    shown.map(({ title }) => title),
    ...combinations.map((each) => shown.map(({ of }) => of(each))),
  ]
  return columns(
    rows,
    shown.map((_, i) => (i === 0 ? 'left' : 'right')),
    [],
    GAP,
  )
}

/** Bars of the share of waiting, unless they would be too short to tell anything. */
function withBars(
  [head = '', ...lines]: readonly string[],
  combinations: readonly Combination[],
  paint: Paint,
): string[] {
  const used = Math.max(head.length, ...lines.map(({ length }) => length))
  const width = Math.min(BAR_MAX, WIDTH - used - GAP)
  const bars = combinations.map(({ waitShare }) =>
    width < BAR_MIN ? '' : bar(waitShare.median, width),
  )
  return [
    paint('bold', head),
    ...lines.map((line, i) => `${line.padEnd(used + GAP)}${bars[i] ?? ''}`.trimEnd()),
  ]
}

/** Linked keys have one column. */
function axisColumn({ keys }: Axis): Column {
  return {
    title: keys.join('+'),
    of: ({ axes }) => entryText(keys.map((key) => axes[key] ?? '')),
  }
}

function valueLines(combination: Combination, axes: readonly Axis[]): string[] {
  const words = axes.map(axisColumn).map(({ title, of }) => `${title}=${of(combination)}`)
  return wrapWords(words.join(' '), '', '  ')
}

/** How far apart the seeds are. */
function spreadText({ min, max, median }: Spread): string {
  return median === 0 || min === max ? '-' : percentText((max - min) / median)
}
