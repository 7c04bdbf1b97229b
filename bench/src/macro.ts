/**
 * The macro benchmark: whole teardowns by the live engine, in both forms of its code, against the native C
 * reference, as ratios.
 *
 *   node src/macro.ts [--rounds N] [--pages N] [--processes N] [--runs N] [--pcp-batch N] [--json]
 *
 * All do the same work (the scenarios are those on which the tests find the counts of both equal), in
 * turn, round by round (C, wasm, js, then js, wasm, C...), because machines' speed drifts; a ratio is
 * always within one round. One round is one process of the C program and two starts of the live engine, each with
 * a number of runs of which the median counts. Warm are, on both sides, the memory (allocated and touched
 * before the clock starts) and the threads (released together by a barrier), and the code: WebAssembly is
 * compiled before the start, JavaScript during WARMUP_RUNS more runs that do not count; all get as many.
 *
 * By default the per-CPU lists never fill on either side (the specification's standard conditions), so that neither
 * does buddy work: the C program has no buddy merging to compare. `--pcp-batch 63` empties them at 63 pages on both
 * sides; ours then merges every page, which C does not.
 */
import { parseArgs } from 'node:util'

import { type NativeConfig, nativeArgs } from '../../packages/core/test/native-ref/native-config.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { WARMUP_RUNS, measureLive } from './live.ts'
import { buildNative, runNative } from './native.ts'
import { positive } from './options.ts'
import {
  PCP_NEVER_FULL,
  STANDARD_CASES,
  type StandardCase,
  standardConfig,
} from './standard-config.ts'
import { type Summary, ratios, summarise } from './statistics.ts'
import { printTable } from './table.ts'

interface Options {
  rounds: number
  runs: number
  pages: number
  processes: number
  pcpBatch: number
  json: boolean
}

interface Row extends StandardCase {
  cpus: number
}

const CONTENDERS = ['C', 'wasm', 'js'] as const
type Contender = (typeof CONTENDERS)[number]
/** ns per page of wall time, of each contender in one round. */
type Round = Record<Contender, number>

interface Result extends Row {
  ns: Record<Contender, Summary>
  /** To C, within each round. */
  ratio: Record<'wasm' | 'js', Summary>
  ratios: Record<'wasm' | 'js', number[]>
}

const ROWS: readonly Row[] = [1, 2].flatMap((cpus) =>
  STANDARD_CASES.map((each) => ({
    ...each,
    label: `${each.label}, ${cpus} ${cpus === 1 ? 'thread' : 'threads'}`,
    cpus,
  })),
)

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      runs: { type: 'string', default: '5' },
      pages: { type: 'string', default: '262144' },
      processes: { type: 'string', default: '4' },
      'pcp-batch': { type: 'string', default: String(PCP_NEVER_FULL) },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    rounds: positive('rounds', values.rounds),
    runs: positive('runs', values.runs),
    pages: positive('pages', values.pages),
    processes: positive('processes', values.processes),
    pcpBatch: positive('pcp-batch', values['pcp-batch']),
    json: values.json,
  }
}

function configOf({ strategy, order }: Row, { pages, processes, pcpBatch }: Options): NativeConfig {
  return standardConfig({ strategy, order, pages, procs: processes, 'pcp-batch': pcpBatch })
}

/** One round of all; C goes first in even rounds, last in odd ones. */
async function measureRound(row: Row, options: Options, round: number): Promise<Round> {
  const config = configOf(row, options)
  const measured: Round = { C: 0, wasm: 0, js: 0 }
  for (const each of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
    measured[each] =
      each === 'C'
        ? await measureNative(config, row.cpus, options.runs)
        : await measureLive(config, row.cpus, options.runs, each)
  }
  return measured
}

async function measureNative(config: NativeConfig, cpus: number, runs: number): Promise<number> {
  const args = [
    ...nativeArgs(config),
    '--cpus',
    String(cpus),
    '--warmup',
    String(WARMUP_RUNS),
    '--runs',
    String(runs),
  ]
  const { ns_per_page: perPage } = await runNative(args)
  return perPage.median
}

async function measureRow(row: Row, options: Options): Promise<Result> {
  const rounds: Round[] = []
  for (let round = 0; round < options.rounds; round++) {
    rounds.push(await measureRound(row, options, round))
    progress(`${row.label}: round ${round + 1} of ${options.rounds}`)
  }
  const nsOf = (each: Contender): number[] => rounds.map((round) => round[each])
  const wasm = ratios(nsOf('wasm'), nsOf('C'))
  const js = ratios(nsOf('js'), nsOf('C'))
  return {
    ...row,
    ns: { C: summarise(nsOf('C')), wasm: summarise(nsOf('wasm')), js: summarise(nsOf('js')) },
    ratio: { wasm: summarise(wasm), js: summarise(js) },
    ratios: { wasm, js },
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}

function printResults(results: readonly Result[]): string {
  const spread = ({ median, min, max }: Summary, digits: number) =>
    `${median.toFixed(digits)} [${min.toFixed(digits)}..${max.toFixed(digits)}]`
  const head = [
    'median [min..max]',
    'C, ns/page',
    'wasm, ns/page',
    'js, ns/page',
    'wasm / C',
    'js / C',
  ]
  const rows = results.map(({ label, ns, ratio }) => [
    label,
    spread(ns.C, 1),
    spread(ns.wasm, 1),
    spread(ns.js, 1),
    spread(ratio.wasm, 2),
    spread(ratio.js, 2),
  ])
  const each = results.flatMap(({ label, ratios: { wasm, js } }) => [
    `${label}, wasm: ${wasm.map((ratio) => ratio.toFixed(2)).join(' ')}`,
    `${label}, js:   ${js.map((ratio) => ratio.toFixed(2)).join(' ')}`,
  ])
  return [printTable([head, ...rows]), '', 'ratios, round by round', ...each].join('\n')
}

async function main(): Promise<void> {
  const options = readOptions()
  const build = buildNative()
  if (build.state === 'unavailable') {
    console.error(`The comparison with native C needs a C compiler. ${build.reason}`)
    process.exitCode = 1
    return
  }
  const conditions = await readConditions()
  const results: Result[] = []
  for (const row of ROWS) results.push(await measureRow(row, options))
  progress('')
  if (options.json) {
    console.log(JSON.stringify({ conditions, compiler: build.compiler, options, results }, null, 2))
    return
  }
  const { processes, pages, rounds, runs } = options
  console.log(describeConditions(conditions))
  console.log(
    `${processes} x ${pages} pages, ${rounds} rounds of ${runs} runs; C by ${build.compiler}`,
  )
  console.log(`\n${printResults(results)}`)
}

await main()
