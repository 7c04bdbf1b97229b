/**
 * Strategies side by side, with the change of each figure to the first.
 */
import { changeText, metricText } from '../numbers.ts'
import type { ComparedCell, ComparisonData, ComparisonRowData, ReportData } from '../report-data.ts'
import { el, isolated, section } from './dom.ts'
import { captioned } from './table.ts'

/** Changes below this are not coloured. */
const NOTABLE = 0.005

export function comparisonSection({ comparisons }: ReportData): HTMLElement | undefined {
  if (comparisons.length === 0) return undefined
  return section('comparison', 'Strategies', ...comparisons.map(comparisonTable))
}

function comparisonTable({ title, columns, rows, note }: ComparisonData): HTMLElement {
  const head = el(
    'tr',
    {},
    el('th', { scope: 'col' }, 'figure'),
    ...columns.map((name) => el('th', { scope: 'col' }, isolated(name))),
  )
  let group = ''
  const body = rows.flatMap((row) => {
    const isNew = row.group !== group
    group = row.group
    const line = el(
      'tr',
      {},
      el('th', { scope: 'row' }, row.name),
      ...row.values.map((cell, i) => cellOf(cell, row, i)),
    )
    if (!isNew || row.group === 'changes') return [line]
    return [
      el(
        'tr',
        { class: 'group' },
        el('th', { scope: 'rowgroup', colspan: columns.length + 1 }, row.group),
      ),
      line,
    ]
  })
  const table = el(
    'table',
    { class: 'comparison' },
    el('thead', {}, head),
    el('tbody', {}, ...body),
  )
  return el('div', {}, captioned(title, table), el('p', { class: 'note' }, note))
}

function cellOf(
  cell: ComparedCell | null,
  { unit, better }: ComparisonRowData,
  column: number,
): HTMLElement {
  if (cell === null) return el('td', {}, column === 0 ? 'baseline' : '–')
  const { median, min, max, change, isWithinSpread } = cell
  const figure = median === undefined ? undefined : el('span', {}, metricText(median, unit))
  const spread =
    min === undefined || max === undefined || min === max
      ? undefined
      : el(
          'small',
          {},
          median === undefined
            ? `${changeText(min)} to ${changeText(max)}`
            : `${metricText(min, unit)} to ${metricText(max, unit)}`,
        )
  const changed =
    change === undefined
      ? undefined
      : el(
          'b',
          { class: isWithinSpread === true ? 'same' : judged(change, better) },
          `${isWithinSpread === true ? '~' : ''}${changeText(change)}`,
        )
  return el('td', {}, figure, ' ', changed, spread)
}

/** Where less (or more) is better, changes are good or bad; else they are just changes. */
function judged(change: number | null, better: ComparisonRowData['better']): string {
  if (change === null || Math.abs(change) < NOTABLE) return 'same'
  if (better === undefined) return 'changed'
  return change < 0 === (better === 'less') ? 'good' : 'bad'
}
