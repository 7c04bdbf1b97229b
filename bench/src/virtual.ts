/**
 * What a simulated page costs the host: the virtual engine at 1 to 1,024 CPUs against the live engine on one, as ratios.
 *
 *   node src/virtual.ts [--rounds N] [--pages N] [--runs N] [--json]
 *
 * The same teardown everywhere, under the specification's standard conditions (per-CPU lists that never fill, one
 * lruvec): `--pages` in all, dealt to as many processes as there are CPUs. All take turns, round by round; a ratio is
 * always within one round. The virtual engine runs as users get it, in its thread, from its bundle; its time is that of
 * the event loop, without building and checking the machine, as the live engine's is from its start barrier on.
 */
import { parseArgs } from 'node:util'

import { parseScenario } from '@mmgather/core'
import { runVirtualInThread } from '@mmgather/workers'

import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'
import { toScenario } from '../../packages/core/test/native-ref/to-scenario.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { measureLive, WARMUP_RUNS } from './live.ts'
import { positive } from './options.ts'
import { ratios, type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'
import { type VirtualCase, CPUS, configOf, GOALS, ROWS } from './virtual-cases.ts'

interface Options {
  rounds: number
  runs: number
  pages: number
  json: boolean
}

/** 8 CPUs with the processes of 1,024: what those processes cost a page is on both sides. */
const SAME_WORK = 'virtual 8, 1024 processes'

/** Host ns per simulated page, of each round. */
type Times = Map<string, number[]>

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      runs: { type: 'string', default: '3' },
      pages: { type: 'string', default: '262144' },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    rounds: positive('rounds', values.rounds),
    runs: positive('runs', values.runs),
    pages: positive('pages', values.pages),
    json: values.json,
  }
}

/** Host ns per page: the median of the runs after those in which V8 compiles. */
async function measureVirtual(config: NativeConfig, cpus: number, runs: number): Promise<number> {
  const input = toScenario(config)
  const scenario = parseScenario({
    ...input,
    machine: { ...input.machine, cpus, lock: 'qspinlock' },
  })
  let times: readonly number[] = []
  const report = await runVirtualInThread(scenario, {
    runs: WARMUP_RUNS + runs,
    verify: false,
    onHostTimes: (hostMs) => {
      times = hostMs
    },
  })
  if (report.outcome.kind !== 'completed')
    throw new Error(`the virtual engine: ${JSON.stringify(report.outcome)}`)
  return (summarise(times.slice(WARMUP_RUNS)).median * 1e6) / report.counters.ptesCleared
}

/** Everything that one round measures, by name. */
function contendersOf(row: VirtualCase, { pages, runs }: Options) {
  const one = configOf(row, 1, pages)
  return new Map<string, () => Promise<number>>([
    ['live js', () => measureLive(one, 1, runs, 'js')],
    ['live wasm', () => measureLive(one, 1, runs, 'wasm')],
    ...CPUS.map((cpus): [string, () => Promise<number>] => [
      `virtual ${cpus}`,
      () => measureVirtual(configOf(row, cpus, pages), cpus, runs),
    ]),
    [SAME_WORK, () => measureVirtual(configOf(row, 1024, pages), 8, runs)],
  ])
}

async function measureRow(row: VirtualCase, options: Options): Promise<Times> {
  const contenders = contendersOf(row, options)
  const times: Times = new Map(Array.from(contenders.keys(), (name) => [name, []]))
  for (let round = 0; round < options.rounds; round++) {
    const order = Array.from(contenders)
    // who follows whom must not be the same in every round
    if (round % 2 === 1) order.reverse()
    for (const [name, measure] of order) times.get(name)?.push(await measure())
  }
  return times
}

function printRow(row: VirtualCase, times: Times): string {
  const of = (name: string): number[] => times.get(name) ?? []
  const spread = ({ median, min, max }: Summary) =>
    `${median.toFixed(2)} [${min.toFixed(2)}..${max.toFixed(2)}]`
  const ns = (name: string) => {
    const { median, min, max } = summarise(of(name))
    return `${median.toFixed(1)} [${min.toFixed(1)}..${max.toFixed(1)}]`
  }
  const against = (name: string, base: string) => summarise(ratios(of(name), of(base)))
  const head = [`${row.label}, host ns per page`, 'median [min..max]', '/ live js', '/ live wasm']
  const rows = Array.from(times.keys(), (name) => [
    `  ${name}`,
    ns(name),
    spread(against(name, 'live js')),
    spread(against(name, 'live wasm')),
  ])
  const at80 = against('virtual 80', 'live js').median
  const growth = against('virtual 1024', 'virtual 8')
  const growth256 = against('virtual 256', 'virtual 8')
  const sameWork = against('virtual 1024', SAME_WORK)
  return [
    printTable([head, ...rows]),
    `  at 80 CPUs ${at80.toFixed(2)} x live js; goal at most ${row.liveMost}: ${at80 <= row.liveMost ? 'reached' : 'missed'}`,
    `  from 8 to 256 CPUs ${spread(growth256)}, to 1,024 ${spread(growth)}, with the same 1,024 processes ${spread(sameWork)}; goal less than ${GOALS.growthMost}: ${growth.median < GOALS.growthMost ? 'reached' : 'missed'}`,
  ].join('\n')
}

async function main(): Promise<void> {
  const options = readOptions()
  const conditions = await readConditions()
  const results: [VirtualCase, Times][] = []
  for (const row of ROWS) results.push([row, await measureRow(row, options)])
  if (options.json) {
    const rows = results.map(([row, times]) => ({ ...row, times: Object.fromEntries(times) }))
    console.log(JSON.stringify({ conditions, options, rows }, null, 2))
    return
  }
  console.log(describeConditions(conditions))
  console.log(`${options.pages} pages, ${options.rounds} rounds of ${options.runs} runs`)
  for (const [row, times] of results) console.log(`\n${printRow(row, times)}`)
}

await main()
