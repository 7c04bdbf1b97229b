/**
 * What a second thread brings where nothing is shared: processes in memcgs of their own, so with lruvecs and split queues
 * of their own, and per-CPU lists that never fill; beside it the same with one lruvec for all.
 *
 *   node src/scaling.ts [--rounds N] [--runs N] [--pages N] [--json]
 *
 * The live engine in WebAssembly and the native C reference, each on one thread and on two, in turn; twice as many
 * processes on two threads as on one, so that a thread has the same to do. Throughput is pages per wall time; a ratio is
 * within one round. The C program says what a second thread can bring on this machine at all: its cores may be halves of
 * one, and others may use them.
 */
import { parseArgs } from 'node:util'

import { type NativeConfig, nativeArgs } from '../../packages/core/test/native-ref/native-config.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { measureLive, WARMUP_RUNS } from './live.ts'
import { buildNative, runNative } from './native.ts'
import { positive } from './options.ts'
import { standardConfig } from './standard-config.ts'
import { ratios, type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

/** Of each thread. */
const PROCESSES = 2

interface Row {
  label: string
  strategy: NativeConfig['strategy']
  order: number
  /** Do all processes live under one lruvec? */
  isShared: boolean
}

const ROWS: readonly Row[] = [
  { label: 'order 0, linux-6.5-laf, own lruvecs', strategy: 'baseline', order: 0, isShared: false },
  { label: 'order 3, range-v1, own lruvecs', strategy: 'range', order: 3, isShared: false },
  { label: 'order 0, linux-6.5-laf, one lruvec', strategy: 'baseline', order: 0, isShared: true },
  { label: 'order 3, range-v1, one lruvec', strategy: 'range', order: 3, isShared: true },
]

function configOf({ strategy, order, isShared }: Row, cpus: number, pages: number): NativeConfig {
  const procs = cpus * PROCESSES
  return standardConfig({ strategy, order, pages, procs, lruvecs: isShared ? 1 : procs })
}

/** ns of wall time per page. */
type Measure = (config: NativeConfig, cpus: number, runs: number) => Promise<number>

const wasm: Measure = (config, cpus, runs) => measureLive(config, cpus, runs, 'wasm')

const reference: Measure = async (config, cpus, runs) => {
  const counts = ['--cpus', cpus, '--warmup', WARMUP_RUNS, '--runs', runs].map(String)
  return (await runNative([...nativeArgs(config), ...counts])).ns_per_page.median
}

interface Result extends Row {
  /** ns per page on one thread and on two. */
  wasm: readonly [Summary, Summary]
  reference: readonly [Summary, Summary]
  /** Throughput of two threads to that of one. */
  wasmRatio: Summary
  referenceRatio: Summary
}

async function measureRow(row: Row, rounds: number, runs: number, pages: number): Promise<Result> {
  const cells = [wasm, reference].flatMap((measure) =>
    [1, 2].map((cpus) => ({ measure, cpus, times: [] as number[] })),
  )
  for (let round = 0; round < rounds; round++) {
    for (const { measure, cpus, times } of round % 2 === 0 ? cells : cells.toReversed())
      times.push(await measure(configOf(row, cpus, pages), cpus, runs))
  }
  const [wasm1 = [], wasm2 = [], c1 = [], c2 = []] = cells.map(({ times }) => times)
  return {
    ...row,
    wasm: [summarise(wasm1), summarise(wasm2)],
    reference: [summarise(c1), summarise(c2)],
    wasmRatio: summarise(ratios(wasm1, wasm2)),
    referenceRatio: summarise(ratios(c1, c2)),
  }
}

function spread({ median, min, max }: Summary): string {
  return `${median.toFixed(2)} [${min.toFixed(2)}..${max.toFixed(2)}]`
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      runs: { type: 'string', default: '5' },
      pages: { type: 'string', default: '262144' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const runs = positive('runs', values.runs)
  const pages = positive('pages', values.pages)
  const native = buildNative()
  if (native.state === 'unavailable') {
    console.error(`The comparison with native C needs a C compiler. ${native.reason}`)
    process.exitCode = 1
    return
  }
  const conditions = await readConditions()
  const results: Result[] = []
  for (const row of ROWS) results.push(await measureRow(row, rounds, runs, pages))
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, runs, pages, results }, null, 2))
    return
  }
  const pair = ([one, two]: readonly [Summary, Summary]): string =>
    `${one.median.toFixed(1)}, ${two.median.toFixed(1)}`
  const head = ['', 'wasm, ns/page', 'C, ns/page', 'wasm, two / one', 'C, two / one']
  const rows = results.map((each) => [
    each.label,
    pair(each.wasm),
    pair(each.reference),
    spread(each.wasmRatio),
    spread(each.referenceRatio),
  ])
  console.log(describeConditions(conditions))
  console.log(`${PROCESSES} x ${pages} pages a thread, ${rounds} rounds of ${runs} runs`)
  console.log(printTable([head, ...rows]))
}

await main()
