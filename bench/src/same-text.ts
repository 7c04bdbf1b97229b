/**
 * The compiler alone: kernel text as WebAssembly against C that is written from the same text, on the same image of a
 * machine, on one thread, in turn; beside them the native C reference, which is another program.
 *
 *   node src/same-text.ts [--rounds N] [--runs N] [--pages N] [--processes N] [--json]
 *
 * Each run restores the image, which leaves both with the caches that copying leaves, and tears it down. A round is a
 * number of runs of each, of which the median counts; a ratio is always within one round. The WebAssembly is the module
 * that the live engine's threads run, on this thread, with the clock that they have.
 */
import {
  bindLiveCpu,
  bindMachine,
  cpuAddress,
  createMachine,
  instantiateKernel,
  parseScenario,
  populate,
} from '@mmgather/core'
import { compileKernel } from '@mmgather/core/forms'
import { parseArgs } from 'node:util'

import { type NativeConfig, nativeArgs } from '../../packages/core/test/native-ref/native-config.ts'
import { toScenario } from '../../packages/core/test/native-ref/to-scenario.ts'
import { optimised } from '../../packages/workers/src/kernel-code.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { buildNative, runNative } from './native.ts'
import { positive } from './options.ts'
import { buildText, readText, TextProgram } from './same-text/program.ts'
import { type Summary, ratios, summarise } from './statistics.ts'
import { printTable } from './table.ts'

/** Runs that do not count, of each in each round: memory and branch predictors. */
const WARMUP_RUNS = 2

interface Options {
  rounds: number
  runs: number
  pages: number
  processes: number
  json: boolean
}

interface Row {
  label: string
  strategy: NativeConfig['strategy']
  order: number
}

const ROWS: readonly Row[] = [
  { label: 'order 0, linux-6.5-laf', strategy: 'baseline', order: 0 },
  { label: 'order 3, range-v1', strategy: 'range', order: 3 },
]

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      runs: { type: 'string', default: '5' },
      pages: { type: 'string', default: '262144' },
      processes: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    rounds: positive('rounds', values.rounds),
    runs: positive('runs', values.runs),
    pages: positive('pages', values.pages),
    processes: positive('processes', values.processes),
    json: values.json,
  }
}

/** The standard conditions of the macro benchmark: per-CPU lists that never fill. */
function configOf({ strategy, order }: Row, { pages, processes }: Options): NativeConfig {
  return {
    strategy,
    order,
    pages,
    procs: processes,
    shared: 1,
    lruvecs: 1,
    'lruvec-run': 0,
    'swap-cluster-max': 32,
    'max-batches': 0,
    'pcp-batch': 16_777_216,
    'hole-every': 0,
    'swapcache-every': 0,
    'mlocked-every': 0,
    'nolru-every': 0,
    'dirty-every': 0,
  }
}

/** One contender: runs once, nanoseconds. */
type Run = () => number | Promise<number>

/** The machine of a configuration, and the WebAssembly that tears it down from its image. */
function wasmContender(config: NativeConfig): { run: Run; image: Int32Array } {
  const scenario = parseScenario(toScenario(config))
  const machine = createMachine(scenario)
  populate(machine, scenario)
  const image = machine.words.slice()
  bindMachine(machine)
  bindLiveCpu({ cpu: cpuAddress(0), clockNs: () => performance.now() * 1e6 })
  const bytes = compileKernel({ strategy: scenario.strategy, read: readText })
  const kernel = instantiateKernel(optimised(bytes), machine)
  const run = (): number => {
    machine.words.set(image)
    const start = process.hrtime.bigint()
    kernel.cpuMain(cpuAddress(0))
    return Number(process.hrtime.bigint() - start)
  }
  return { run, image }
}

async function medianOf(run: Run, runs: number): Promise<number> {
  const times: number[] = []
  for (let i = -WARMUP_RUNS; i < runs; i++) {
    const ns = await run()
    if (i >= 0) times.push(ns)
  }
  return summarise(times).median
}

interface Round {
  wasm: number
  text: number
  reference: number
}

interface Result extends Row {
  ns: Record<keyof Round, Summary>
  /** WebAssembly to C of the same text, and that to the reference, within each round. */
  toText: Summary
  toReference: Summary
}

async function measureRow(row: Row, options: Options): Promise<Result> {
  const config = configOf(row, options)
  const pages = options.pages * options.processes
  const { run, image } = wasmContender(config)
  const build = buildText(row.strategy === 'baseline' ? 'linux-6.5-laf' : 'range-v1')
  if (build.state === 'unavailable') throw new Error(build.reason)
  const program = new TextProgram(build, image, 1)
  const reference = async (): Promise<number> => {
    const counts = ['--cpus', '1', '--warmup', String(WARMUP_RUNS), '--runs', String(options.runs)]
    const result = await runNative([...nativeArgs(config), ...counts])
    return result.ns_per_page.median
  }
  const rounds: Round[] = []
  try {
    for (let i = 0; i < options.rounds; i++) {
      const round: Round = { wasm: 0, text: 0, reference: 0 }
      const turns = [
        async () => (round.wasm = (await medianOf(run, options.runs)) / pages),
        async () => (round.text = (await medianOf(() => program.run(), options.runs)) / pages),
        async () => (round.reference = await reference()),
      ]
      for (const turn of i % 2 === 0 ? turns : turns.toReversed()) await turn()
      rounds.push(round)
    }
  } finally {
    await program.close()
  }
  const of = (each: keyof Round): number[] => rounds.map((round) => round[each])
  return {
    ...row,
    ns: {
      wasm: summarise(of('wasm')),
      text: summarise(of('text')),
      reference: summarise(of('reference')),
    },
    toText: summarise(ratios(of('wasm'), of('text'))),
    toReference: summarise(ratios(of('text'), of('reference'))),
  }
}

function spread({ median, min, max }: Summary, digits: number): string {
  return `${median.toFixed(digits)} [${min.toFixed(digits)}..${max.toFixed(digits)}]`
}

async function main(): Promise<void> {
  const options = readOptions()
  const native = buildNative()
  if (native.state === 'unavailable') {
    console.error(`The comparison with C needs a C compiler. ${native.reason}`)
    process.exitCode = 1
    return
  }
  const conditions = await readConditions()
  const results: Result[] = []
  for (const row of ROWS) results.push(await measureRow(row, options))
  if (options.json) {
    console.log(JSON.stringify({ conditions, options, results }, null, 2))
    return
  }
  const head = ['ns/page, one thread', 'wasm', 'C, same text', 'C, reference']
  const more = ['wasm / C, same text', 'C, same text / reference']
  const rows = results.map(({ label, ns, toText, toReference }) => [
    label,
    spread(ns.wasm, 1),
    spread(ns.text, 1),
    spread(ns.reference, 1),
    spread(toText, 2),
    spread(toReference, 2),
  ])
  const { processes, pages, rounds, runs } = options
  console.log(describeConditions(conditions))
  console.log(`${processes} x ${pages} pages, ${rounds} rounds of ${runs} runs, median [min..max]`)
  console.log(printTable([[...head, ...more], ...rows]))
}

await main()
