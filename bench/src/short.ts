/**
 * Short runs: what a teardown of a few thousand pages takes in a thread's first run, before its code is warm, and once
 * it is; in both forms of the code, in turn.
 *
 *   node src/short.ts [--rounds N] [--pages N]
 */
import { parseScenario } from '@mmgather/core'
import { type KernelCode, runLive } from '@mmgather/workers'
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import { summarise } from './statistics.ts'
import { printTable } from './table.ts'

const CODES: readonly KernelCode[] = ['wasm', 'js']
const PROCESSES = 4
/** Runs until JavaScript is compiled as far as it gets. */
const WARMUP_RUNS = 200

function scenarioOf(pages: number) {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'short',
    machine: { cpus: 1 },
    processes: [
      { name: 'worker', count: PROCESSES, vmas: [{ kind: 'anon', pages, folios: [{ order: 0 }] }] },
    ],
  })
}

/** ns per page, of the first run of a fresh thread or the median of warm ones. */
async function measure(pages: number, code: KernelCode, warm: boolean): Promise<number> {
  const runs = warm ? { runs: 50, warmup: WARMUP_RUNS } : { runs: 1, warmup: 0 }
  const report = await runLive(scenarioOf(pages), { ...runs, verify: false, code })
  return report.time.teardown.median / report.counters.ptesCleared
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      pages: { type: 'string', default: '512' },
    },
  })
  const [rounds, pages] = [Number(values.rounds), Number(values.pages)]
  const conditions = await readConditions()
  const cases = CODES.flatMap((code) => [false, true].map((warm) => ({ code, warm, ns: [0] })))
  for (const each of cases) each.ns = []
  for (let round = 0; round < rounds; round++)
    for (const each of cases) each.ns.push(await measure(pages, each.code, each.warm))
  console.log(describeConditions(conditions))
  const rows = cases.map(({ code, warm, ns }) => {
    const { median, min, max } = summarise(ns)
    const figures = [median, min, max].map((value) => value.toFixed(0))
    return [`${code}, ${warm ? 'warm' : 'first run of a thread'}`, ...figures]
  })
  const head = [`${PROCESSES} x ${pages} pages, ns/page`, 'median', 'min', 'max']
  console.log(printTable([head, ...rows]))
}

await main()
