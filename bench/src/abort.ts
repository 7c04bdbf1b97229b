/**
 * How soon a run ends that is given up: milliseconds from the signal to the settled promise of `runLive`, which is after the
 * last CPU has left the kernel text and its threads are gone.
 *
 *   node src/abort.ts [--rounds N] [--cpus N] [--pages N] [--json]
 *
 * Each round gives up another run, at another moment of it. (How much a CPU still does is counted in core's tests.)
 */
import { parseScenario, type Scenario } from '@mmgather/core'
import { type KernelCode, runLive } from '@mmgather/workers'
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const CODES: readonly KernelCode[] = ['wasm', 'js']
/** Moments of a run that runs are given up at, as shares of its pages. */
const MOMENTS = 7

/** Two processes a CPU, all under one lruvec: most of the time CPUs wait for its lock. */
function scenarioOf(cpus: number, pages: number): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'abort',
    strategy: 'linux-6.5-laf',
    machine: { cpus },
    processes: [
      { name: 'worker', count: 2 * cpus, vmas: [{ kind: 'anon', pages, folios: [{ order: 0 }] }] },
    ],
  })
}

/** Milliseconds; undefined: the run was done before. */
async function giveUp(
  scenario: Scenario,
  code: KernelCode,
  share: number,
): Promise<number | undefined> {
  const controller = new AbortController()
  let since = 0
  const report = await runLive(scenario, {
    code,
    signal: controller.signal,
    progressIntervalMs: 1,
    onProgress: ({ fraction, ptesCleared }) => {
      if (since !== 0 || ptesCleared === 0 || fraction < share) return
      since = performance.now()
      controller.abort()
    },
  })
  return report.outcome.kind === 'interrupted' ? performance.now() - since : undefined
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '30' },
      cpus: { type: 'string', default: '2' },
      pages: { type: 'string', default: '262144' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const scenario = scenarioOf(positive('cpus', values.cpus), positive('pages', values.pages))
  const conditions = await readConditions()
  const times: Record<KernelCode, number[]> = { wasm: [], js: [] }
  for (let round = 0; round < rounds; round++) {
    for (const code of CODES) {
      const ms = await giveUp(scenario, code, (round % MOMENTS) / (MOMENTS + 1))
      if (ms !== undefined) times[code].push(ms)
    }
  }
  const results = CODES.map((code) => ({ code, n: times[code].length, ms: summarise(times[code]) }))
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, results }, null, 2))
    return
  }
  const row = (code: string, n: number, { median, min, max }: Summary): string[] => [
    code,
    String(n),
    ...[median, min, max].map((ms) => ms.toFixed(1)),
  ]
  console.log(describeConditions(conditions))
  const head = ['signal to report', 'runs', 'median, ms', 'min', 'max']
  console.log(printTable([head, ...results.map(({ code, n, ms }) => row(code, n, ms))]))
}

await main()
