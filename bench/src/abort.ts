/**
 * How soon a run ends that is given up, step by step: milliseconds from the signal until the last CPU has left the kernel text,
 * all CPUs have answered, their threads are gone, and the promise of the run has settled with its report.
 *
 *   node src/abort.ts [--rounds N] [--cpus N] [--pages N] [--json]
 *
 * Each round gives up another run, at another moment of it. (How much a CPU still does is counted in core's tests.)
 */
import {
  configurationOf,
  type Machine,
  parseScenario,
  type Scenario,
  scenarioLimits,
} from '@mmgather/core'
import { parseArgs } from 'node:util'

import type { CpuSet } from '../../packages/workers/src/cpu-set.ts'
import { type KernelCode, loadKernel } from '../../packages/workers/src/kernel-code.ts'
import { readLog } from '../../packages/workers/src/log-ring.ts'
import { runLiveWith } from '../../packages/workers/src/run-live.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const CODES: readonly KernelCode[] = ['wasm', 'js']
/** Moments of a run that runs are given up at, as shares of its pages. */
const MOMENTS = 7

/** What happens after the signal, in order. */
const STEPS = ['last CPU has left', 'all have answered', 'threads are gone', 'report'] as const

/** Milliseconds from the signal to each step. */
type Steps = readonly number[]

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

/** Undefined: the run was done before. */
async function giveUp(
  scenario: Scenario,
  code: KernelCode,
  share: number,
): Promise<Steps | undefined> {
  const controller = new AbortController()
  const now = (): bigint => process.hrtime.bigint()
  let up: { set: CpuSet; machine: Machine } | undefined
  let [signal, answered, gone] = [0n, 0n, 0n]
  const options = {
    code,
    signal: controller.signal,
    progressIntervalMs: 1,
    onProgress: ({ fraction, ptesCleared }: { fraction: number; ptesCleared: number }) => {
      if (signal !== 0n || ptesCleared === 0 || fraction < share) return
      signal = now()
      controller.abort()
    },
  }
  const report = await runLiveWith(scenario, options, {
    ...(code === 'wasm' && {
      kernel: await loadKernel(
        scenario.strategy,
        configurationOf(scenarioLimits(scenario).globals),
      ),
    }),
    onUp: (set, machine) => (up = { set, machine }),
    onGivenUp: () => (answered = now()),
    onDown: () => (gone = now()),
  })
  const reported = now()
  if (report.outcome.kind !== 'interrupted' || up === undefined) return undefined
  return [lastLeft(up.set, up.machine), answered, gone, reported].map(
    (time) => Number(time - signal) / 1e6,
  )
}

/** When the last CPU logged that it is out of the text (microseconds, rounded down). */
function lastLeft({ epoch }: CpuSet, machine: Machine): bigint {
  const times = Array.from(
    { length: machine.globals.NR_CPUS },
    (_, cpu) => readLog(machine, cpu).at(-1)?.timeUs ?? 0,
  )
  return epoch + BigInt(Math.max(...times)) * 1000n
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
  const times: Record<KernelCode, Steps[]> = { wasm: [], js: [] }
  for (let round = 0; round < rounds; round++) {
    for (const code of CODES) {
      const steps = await giveUp(scenario, code, (round % MOMENTS) / (MOMENTS + 1))
      if (steps !== undefined) times[code].push(steps)
    }
  }
  const results = CODES.flatMap((code) =>
    STEPS.map((step, i) => ({
      code,
      step,
      n: times[code].length,
      ms: summarise(times[code].map((steps) => steps[i] ?? 0)),
    })),
  )
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, results }, null, 2))
    return
  }
  const row = (name: string, n: number, { median, min, max }: Summary): string[] => [
    name,
    String(n),
    ...[median, min, max].map((ms) => ms.toFixed(1)),
  ]
  console.log(describeConditions(conditions))
  const head = ['from the signal', 'runs', 'median, ms', 'min', 'max']
  const rows = results.map(({ code, step, n, ms }) => row(`${code}: ${step}`, n, ms))
  console.log(printTable([head, ...rows]))
}

await main()
