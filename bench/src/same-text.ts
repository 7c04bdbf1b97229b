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
import { parseArgs } from 'node:util'

import { nativeArgs } from '../../packages/core/test/native-ref/native-config.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { buildNative, runNative } from './native.ts'
import { positive } from './options.ts'
import { Image, medianOf } from './same-text/contenders.ts'
import { STANDARD_CASES, type StandardCase, standardConfig } from './standard-config.ts'
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

interface Round {
  wasm: number
  text: number
  reference: number
}

interface Result extends StandardCase {
  ns: Record<keyof Round, Summary>
  /** WebAssembly to C of the same text, and that to the reference, within each round. */
  toText: Summary
  toReference: Summary
}

async function measureRow(row: StandardCase, options: Options): Promise<Result> {
  const { strategy, order } = row
  const config = standardConfig({ strategy, order, pages: options.pages, procs: options.processes })
  const pages = options.pages * options.processes
  const image = new Image(config)
  const run = image.wasm()
  const program = image.c()
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
        async () => (round.wasm = (await medianOf(run, options.runs, WARMUP_RUNS)) / pages),
        async () =>
          (round.text = (await medianOf(() => program.run(), options.runs, WARMUP_RUNS)) / pages),
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
  for (const row of STANDARD_CASES) results.push(await measureRow(row, options))
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
