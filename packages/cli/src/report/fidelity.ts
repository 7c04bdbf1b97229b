/**
 * The rows of the fidelity suite for people: a block for each kernel and workload, then what they come to.
 *
 * Worked examples have a line each unless all their counters are asked for; one that differs is shown in any case.
 * Invariant: no line has more than 80 columns.
 */
import type { FidelityReport, FidelityRow } from '@mmgather/core'
import { columns } from './columns.ts'
import type { Paint } from './paint.ts'
import { wrapWords } from './wrap.ts'

/** The lines, without line ends. */
export function fidelityLines(report: FidelityReport, showsAll: boolean, paint: Paint): string[] {
  const blocks = Map.groupBy(report.rows, ({ kernel, workload }) => `${kernel} ${workload}`)
  const lines = [...blocks.values()].flatMap((rows) => blockLines(rows, showsAll, paint))
  return [...lines, ...summaryLines(report, paint)]
}

function blockLines(rows: readonly FidelityRow[], showsAll: boolean, paint: Paint): string[] {
  const [first] = rows
  if (first === undefined) return []
  const name = `${first.kernel}, ${first.workload}`
  const wrong = rows.filter((row) => row.ours !== row.real)
  if (first.kind === 'example' && !showsAll && wrong.length === 0)
    return [`${name}: ${rows.length} counters equal`]
  const shown = first.kind === 'example' && !showsAll ? wrong : rows
  const head = ['function', 'real', 'ours', 'difference', '']
  const table = columns(
    [head, ...shown.map(cells)],
    ['left', 'right', 'right', 'right', 'left'],
    [0, 6, 6],
  )
  const title = first.kind === 'real' ? `Linux ${name}` : name
  return [paint('bold', title), ...table.map((line) => `  ${line}`), '']
}

function cells(row: FidelityRow): string[] {
  const { ours, real, repeatsAgree } = row
  const difference = ours === null ? '-' : String(ours - real)
  return [
    row.function,
    String(real),
    ours === null ? '-' : String(ours),
    difference,
    repeatsAgree ? '' : 'repeats differ',
  ]
}

function summaryLines(report: FidelityReport, paint: Paint): string[] {
  const { rows, differences, unsettled, fitted } = report
  const counted = rows.filter(({ ours, repeatsAgree }) => ours !== null && repeatsAgree).length
  const lines = [
    paint('bold', 'RESULT'),
    `${counted - differences} of ${counted} counts are equal, ${differences} differ`,
  ]
  if (unsettled > 0) lines.push(`${unsettled} have repeats that do not agree: medians, not judged`)
  for (const [workload, what] of Object.entries(fitted))
    lines.push(...wrapWords(`${workload}: ${what}`, '', ''))
  lines.push(...wrapWords(`Real counts: ${report.origin}.`, '', ''))
  return lines
}
