/**
 * The hot paths of the kernel text, one by one, variants against each other.
 *
 *   node src/micro.ts [PATH...] [--rounds N] [--round-ms N]
 *
 * Variants take turns, round by round, each in a thread of its own that stays alive and idle in between; a
 * ratio is always within one round. The minimum is what the code costs undisturbed; medians show the rest.
 * The modules run from source, unbundled: figures are for comparison with each other, not with `macro`.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import { describeConditions, readConditions } from './conditions.ts'
import type { HotPath } from './hot-paths/hot-path.ts'
import { HOT_PATHS } from './hot-paths/index.ts'
import type { RoundResult, WorkerInput } from './hot-paths/worker.ts'
import { ratios, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const WORKER = new URL('./hot-paths/worker.ts', import.meta.url)

interface Options {
  rounds: number
  roundMs: number
}

interface Contender {
  name: string
  worker: Worker
  results: RoundResult[]
}

function startContender(path: HotPath, variant: string, roundMs: number): Contender {
  const workerData: WorkerInput = { path: path.name, variant, roundMs }
  return { name: variant, worker: new Worker(WORKER, { workerData }), results: [] }
}

async function runRound({ worker }: Contender): Promise<RoundResult> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  worker.postMessage('round')
  // A worker that throws rejects this by its 'error' event.
  const [result] = (await once(worker, 'message')) as [RoundResult]
  return result
}

async function measurePath(path: HotPath, options: Options): Promise<Contender[]> {
  const contenders = path.variants.map(({ name }) => startContender(path, name, options.roundMs))
  try {
    for (const contender of contenders) await runRound(contender)
    for (let round = 0; round < options.rounds; round++) {
      for (const contender of contenders) contender.results.push(await runRound(contender))
    }
  } finally {
    await Promise.all(contenders.map(({ worker }) => worker.terminate()))
  }
  return contenders
}

function printPath(path: HotPath, contenders: readonly Contender[]): string {
  const mins = contenders.map(({ results }) => results.map(({ minNs }) => minNs))
  const base = mins[0] ?? []
  const head = [`${path.name}, ns per ${path.operation}`, 'best', 'median', 'ratio [min..max]']
  const rows = contenders.map(({ name, results }, index) => {
    const ratio = summarise(ratios(mins[index] ?? [], base))
    return [
      `  ${name}`,
      summarise(results.map(({ minNs }) => minNs)).min.toFixed(2),
      summarise(results.map(({ medianNs }) => medianNs)).median.toFixed(2),
      `${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)}]`,
    ]
  })
  return printTable([head, ...rows])
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      'round-ms': { type: 'string', default: '200' },
    },
  })
  const options = { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) }
  const unknown = positionals.filter((name) => !HOT_PATHS.some((path) => path.name === name))
  if (unknown.length > 0) {
    const known = HOT_PATHS.map(({ name }) => `'${name}'`).join(', ')
    console.error(`no hot path named ${unknown.join(', ')}; there are ${known}`)
    process.exitCode = 2
    return
  }
  console.log(describeConditions(await readConditions()))
  const wanted = HOT_PATHS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  )
  for (const path of wanted) console.log(`\n${printPath(path, await measurePath(path, options))}`)
}

await main()
