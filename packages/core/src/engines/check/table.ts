/**
 * A counterexample as a table: a row for each step that matters, a column for each CPU, and the rule that breaks.
 *
 * Rows are the steps on what several CPUs touch, those whose plain text does something worth telling, and the last; runs of
 * other steps of one CPU become one row that says how many they are.
 */

import type { Counterexample, CounterexampleStep } from './counterexample.ts'

export interface TableOptions {
  /** Every step has a row of its own; default false. */
  readonly all?: boolean
  /** Characters of a line; default 120. */
  readonly width?: number
}

interface Row {
  readonly step: string
  readonly cpu: number
  readonly lines: readonly string[]
}

export function counterexampleTable(
  counterexample: Counterexample,
  options: TableOptions = {},
): string {
  const { all = false, width = 120 } = options
  const told = rowsOf(counterexample.steps, all)
  const rows = all ? told : folded(told)
  const stepWidth = Math.max(4, ...rows.map(({ step }) => step.length))
  const { cpus } = counterexample
  const column = Math.max(20, Math.floor((width - stepWidth - 2 * cpus) / cpus))
  const heads = Array.from({ length: cpus }, (_, i) => `CPU ${i}`.padEnd(column))
  const out = [`${'step'.padStart(stepWidth)}  ${heads.join('  ')}`.trimEnd()]
  for (const { step, cpu, lines } of rows) {
    const wrapped = lines.flatMap((line) => wrap(line, column))
    wrapped.forEach((line, i) => {
      const indent = ' '.repeat(cpu * (column + 2))
      out.push(`${(i === 0 ? step : '').padStart(stepWidth)}  ${indent}${line}`.trimEnd())
    })
  }
  return out.join('\n')
}

/** Rows of one CPU in a row, beyond which the middle ones are left out. */
const RUN_MAX = 24
const RUN_ENDS = 8

/** Long runs of rows of one CPU, with their middles left out. */
function folded(rows: readonly Row[]): Row[] {
  const out: Row[] = []
  for (let i = 0; i < rows.length; ) {
    const { cpu } = rows[i] as Row
    let end = i
    while (end < rows.length && rows[end]?.cpu === cpu) end++
    if (end - i <= RUN_MAX) out.push(...rows.slice(i, end))
    else {
      const left = end - i - 2 * RUN_ENDS
      out.push(...rows.slice(i, i + RUN_ENDS))
      out.push({ step: '', cpu, lines: [`(${left} rows left out: --every-step)`] })
      out.push(...rows.slice(end - RUN_ENDS, end))
    }
    i = end
  }
  return out
}

function rowsOf(steps: readonly CounterexampleStep[], all: boolean): Row[] {
  const rows: Row[] = []
  const matters = (i: number): boolean => {
    const step = steps[i] as CounterexampleStep
    return all || step.isShared || step.notes.length > 0 || i === steps.length - 1
  }
  for (let i = 0; i < steps.length; ) {
    const { cpu } = steps[i] as CounterexampleStep
    let end = i
    while (end < steps.length && steps[end]?.cpu === cpu && !matters(end)) end++
    if (end > i) {
      const n = end - i
      rows.push({ step: '', cpu, lines: [`(${n} ${n === 1 ? 'step' : 'steps'} of its own)`] })
      i = end
      continue
    }
    rows.push({ step: `${i}`, cpu, lines: linesOf(steps[i] as CounterexampleStep, steps[i - 1]) })
    i++
  }
  return rows
}

function linesOf(step: CounterexampleStep, before: CounterexampleStep | undefined): string[] {
  const [inner] = step.functions
  const same = before?.cpu === step.cpu && before.functions[0] === inner
  const head = inner === undefined || same ? [] : [`${inner}:`]
  return [...head, ` ${step.what}`, ...step.notes.map((note) => ` ${note}`)]
}

/** Breaks a line at spaces. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const at = line.lastIndexOf(' ', width)
  const cut = at > 1 ? at : width
  return [line.slice(0, cut), ...wrap(`   ${line.slice(cut).trimStart()}`, width)]
}
