/**
 * How long it takes until a user's strategy file can run: milliseconds of each step, in a fresh process each time.
 *
 *   node src/load.ts [--rounds N] [--file FILE] [--json]
 *
 * Beside the time stands the processor time of the thread, which others on the machine change less. V8 compiles WebAssembly on
 * further threads, whose time is not in it.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import type { LoadStep } from './load/steps.ts'
import { positive } from './options.ts'
import { summarise } from './statistics.ts'
import { printTable } from './table.ts'

const STEPS = fileURLToPath(new URL('load/steps.ts', import.meta.url))
const EXAMPLE = fileURLToPath(new URL('../../docs/strategies/pages-per-hold.ts', import.meta.url))

function stepsOnce(file: string): LoadStep[] {
  return JSON.parse(
    execFileSync(process.execPath, [STEPS, file], { encoding: 'utf8' }),
  ) as LoadStep[]
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      file: { type: 'string', default: EXAMPLE },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const conditions = await readConditions()
  const all = Array.from({ length: rounds }, () => withTotal(stepsOnce(values.file)))
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds: all }, null, 2))
    return
  }
  console.log(describeConditions(conditions))
  const head = ['step', 'median, ms', 'min', 'max', 'median CPU, ms', 'min', 'max']
  const rows = (all[0] ?? []).map(({ step }, i) => {
    const column = (of: (each: LoadStep) => number): string[] => {
      const { median, min, max } = summarise(all.flatMap((steps) => steps.slice(i, i + 1).map(of)))
      return [median, min, max].map((ms) => ms.toFixed(0))
    }
    return [step, ...column(({ ms }) => ms), ...column(({ cpuMs }) => cpuMs)]
  })
  console.log(printTable([head, ...rows]))
}

function withTotal(steps: readonly LoadStep[]): LoadStep[] {
  const sum = (of: (each: LoadStep) => number): number => steps.reduce((n, each) => n + of(each), 0)
  return [...steps, { step: 'total', ms: sum(({ ms }) => ms), cpuMs: sum(({ cpuMs }) => cpuMs) }]
}

await main()
