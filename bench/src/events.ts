/**
 * The event rate of the virtual engine beside that of two published event simulators, on the hold model.
 *
 *   node src/events.ts [--rounds N] [--events N] [--json]
 *
 * Each simulator has a thread of its own; they take turns, round by round, after one round that does not count. All must
 * end the same number of holds at the same clock.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import { describeConditions, readConditions } from './conditions.ts'
import { expectedHolds, type HoldModel, type HoldResult } from './events/hold-model.ts'
import { SIMULATORS } from './events/simulators.ts'
import { positive } from './options.ts'
import { ratios, type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const ENTITIES = [8, 80, 1024] as const
/** What the project wants of the virtual engine, against the better of the others. */
const GOAL = 3

interface Result {
  entities: number
  /** By simulator: millions of events a second, of each round. */
  rates: Record<string, number[]>
  /** Ours against the best of the others, in each round. */
  ratio: number[]
}

async function runRound(name: string, worker: Worker, model: HoldModel): Promise<number> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  worker.postMessage(model)
  // A worker that throws rejects this by its 'error' event.
  const [{ ns, ...found }] = (await once(worker, 'message')) as [HoldResult]
  const expected = expectedHolds(model)
  if (found.events !== expected.events || found.clock !== expected.clock)
    throw new Error(`${name}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  return (found.events / ns) * 1e3
}

async function measure(model: HoldModel, rounds: number): Promise<Result> {
  const names = Object.keys(SIMULATORS)
  const file = new URL('./events/worker.ts', import.meta.url)
  const workers = names.map((name) => new Worker(file, { workerData: name }))
  const rates: Record<string, number[]> = {}
  try {
    for (let round = -1; round < rounds; round++) {
      for (const [i, name] of names.entries()) {
        const rate = await runRound(name, workers[i] as Worker, model)
        if (round >= 0) (rates[name] ??= []).push(rate)
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  const [ours = [], ...others] = Object.values(rates)
  const best = ours.map((_, round) => Math.max(...others.map((each) => each[round] ?? 0)))
  return { entities: model.entities, rates, ratio: ratios(ours, best) }
}

function printResults(results: readonly Result[]): string {
  const spread = ({ median, min, max }: Summary, digits: number) =>
    `${median.toFixed(digits)} [${min.toFixed(digits)}..${max.toFixed(digits)}]`
  const names = Object.keys(SIMULATORS)
  const head = [
    'million events/s, median [min..max]',
    ...names,
    'ours / better one',
    `goal: ${GOAL}`,
  ]
  const rows = results.map(({ entities, rates, ratio }) => [
    `${entities} entities`,
    ...names.map((name) => spread(summarise(rates[name] ?? []), 3)),
    spread(summarise(ratio), 1),
    summarise(ratio).median >= GOAL ? 'reached' : 'missed',
  ])
  return printTable([head, ...rows])
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      events: { type: 'string', default: '200000' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const events = positive('events', values.events)
  const conditions = await readConditions()
  const results: Result[] = []
  for (const entities of ENTITIES) {
    const holds = Math.max(1, Math.round(events / entities))
    results.push(await measure({ entities, holds }, rounds))
  }
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, events, results }, null, 2))
    return
  }
  console.log(describeConditions(conditions))
  console.log(`hold model, ${events} events in each of ${rounds} rounds`)
  console.log(`\n${printResults(results)}`)
}

await main()
