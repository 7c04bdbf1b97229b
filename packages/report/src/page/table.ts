/**
 * A table whose columns sort: a button in each head, `aria-sort` on the one that is sorted by.
 *
 * Rows sort by the values, not by their texts; equal ones keep their order.
 */
import { el, isolated } from './dom.ts'

export interface Cell {
  text: string
  /** To sort by; absent: the text. */
  value?: number
}

export interface Column {
  title: string
  /** Explains it on hover. */
  hint?: string
}

export function sortableTable(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  sortedBy: { column: number; isAscending: boolean },
): HTMLElement {
  const body = el('tbody')
  const heads = columns.map(({ title, hint }) => el('th', { scope: 'col', title: hint }, title))
  let { column, isAscending } = sortedBy
  const show = (): void => {
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute('aria-sort', isAscending ? 'ascending' : 'descending')
      else head.removeAttribute('aria-sort')
    })
    const sorted = rows.toSorted((a, b) => compare(a[column], b[column]) * (isAscending ? 1 : -1))
    body.replaceChildren(...sorted.map(rowOf))
  }
  heads.forEach((head, i) => {
    const sort = el('button', { type: 'button', class: 'sort' }, head.textContent ?? '')
    sort.addEventListener('click', () => {
      isAscending = i === column ? !isAscending : i === 0
      column = i
      show()
    })
    head.replaceChildren(sort)
  })
  show()
  const table = el('table', { class: 'sortable' }, el('thead', {}, el('tr', {}, ...heads)), body)
  return captioned(label, table)
}

/** A table that scrolls by itself where it is too wide, under a caption that does not. */
export function captioned(label: string, table: HTMLTableElement): HTMLElement {
  const scroll = el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    table,
  )
  return el('div', {}, el('p', { class: 'caption' }, isolated(label)), scroll)
}

function rowOf(cells: readonly Cell[]): HTMLElement {
  const [first, ...rest] = cells
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, isolated(first?.text ?? '')),
    ...rest.map(({ text }) => el('td', {}, text)),
  )
}

function compare(a: Cell | undefined, b: Cell | undefined): number {
  if (a?.value !== undefined || b?.value !== undefined) return (a?.value ?? -1) - (b?.value ?? -1)
  const [x, y] = [a?.text ?? '', b?.text ?? '']
  if (x === y) return 0
  return x < y ? -1 : 1
}
