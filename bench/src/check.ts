/**
 * How fast a check explores: executions a second of the world that the project's goal is stated for (two CPUs, an order-3
 * folio shared by fork, `range-v1`), and what a second thread brings on a larger one.
 *
 *   node src/check.ts [--rounds N] [--executions N] [--json]
 *
 * The first is code that is warm, compiled and as JavaScript: the same exploration again and again in one session; `per CPU second` leaves out the time in
 * which others had the core. The second is whole checks of `--executions`, threads and their start-up included, in turn; beside
 * them two checks on one thread each that share nothing, at once: what the machine itself gains by a second thread.
 */
import {
  type CheckKernel,
  CheckSession,
  checkWorldScenario,
  findCheckWorld,
  kernelModule,
  parseScenario,
  resolveCheckOptions,
  type Scenario,
} from '@mmgather/core'
import { compileCheckKernel } from '@mmgather/core/forms'
import { runCheckInThreads } from '@mmgather/workers'
import { parseArgs } from 'node:util'

import { readSource } from '../../scripts/kernel-files.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { ratios, type Summary, summarise } from './statistics.ts'
import { printTable } from './table.ts'

const STRATEGY = 'range-v1'
/** One exploration is tens of milliseconds. */
const EXPLORATIONS = 10
const WARMUP_ROUNDS = 2

function sharedOrder3(): Scenario {
  const world = findCheckWorld('shared-order3')
  if (world === undefined) throw new RangeError('no world shared-order3')
  return checkWorldScenario(world, STRATEGY)
}

/** Three CPUs, a folio of 8 pages shared by fork: more executions than anybody waits for. */
function sharedBy3(): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'shared-order3-by-3',
    strategy: STRATEGY,
    seed: 1,
    tunables: { mmuGatherBundle: 3, maxGatherBatch: 4, maxGatherBatchCount: 1 },
    machine: { cpus: 3, pcp: { count: 2, high: 65536 } },
    processes: [
      {
        memcg: 'root',
        count: 3,
        share: 3,
        vmas: [{ kind: 'anon', pages: 8, folios: [{ order: 3, count: 1 }] }],
      },
    ],
  })
}

interface Speed {
  executions: number
  stepsPerExecution: number
  /** Executions a second of the wall clock, and of this process's CPU time. */
  perSecond: Summary
  perCpuSecond: Summary
}

/** Explorations again and again on this thread. @param kernel - absent: as JavaScript. */
function measureWarm(scenario: Scenario, rounds: number, kernel?: CheckKernel): Speed {
  const options = resolveCheckOptions({ ...(kernel && { kernel }) })
  const session = new CheckSession(scenario, options)
  const perSecond: number[] = []
  const perCpuSecond: number[] = []
  let executions = 0
  let steps = 0
  try {
    for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
      const cpu = process.cpuUsage()
      const start = performance.now()
      for (let i = 0; i < EXPLORATIONS; i++) {
        const { part } = session.explore({})
        executions = part.executions
        steps = part.steps
      }
      const seconds = (performance.now() - start) / 1e3
      const { user, system } = process.cpuUsage(cpu)
      if (round < 0) continue
      perSecond.push((EXPLORATIONS * executions) / seconds)
      perCpuSecond.push((EXPLORATIONS * executions * 1e6) / (user + system))
    }
  } finally {
    session.dispose()
  }
  return {
    executions,
    stepsPerExecution: steps / executions,
    perSecond: summarise(perSecond),
    perCpuSecond: summarise(perCpuSecond),
  }
}

interface Jobs {
  executions: number
  /** Seconds of a whole check. */
  one: Summary
  two: Summary
  /** One thread's time as a multiple of two threads'. */
  gain: Summary
  /** Twice one thread's time as a multiple of that of two checks at once. */
  ceiling: Summary
  /** `gain`, of `ceiling`. */
  share: Summary
}

async function measureJobs(
  scenario: Scenario,
  rounds: number,
  executionsMax: number,
): Promise<Jobs> {
  const [one, two, apart]: [number[], number[], number[]] = [[], [], []]
  let executions = 0
  const check = async (jobs: number): Promise<void> => {
    ;({ executions } = await runCheckInThreads(scenario, { jobs, values: 'plain', executionsMax }))
  }
  const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    await work()
    return (performance.now() - start) / 1e3
  }
  for (let round = 0; round < rounds; round++) {
    one.push(await secondsOf(() => check(1)))
    two.push(await secondsOf(() => check(2)))
    apart.push(await secondsOf(() => Promise.all([check(1), check(1)])))
  }
  const gains = ratios(one, two)
  const ceilings = ratios(one, apart).map((ratio) => 2 * ratio)
  return {
    executions,
    one: summarise(one),
    two: summarise(two),
    gain: summarise(gains),
    ceiling: summarise(ceilings),
    share: summarise(ratios(gains, ceilings)),
  }
}

function cells({ median, min, max }: Summary, digits: number): string[] {
  return [median, min, max].map((value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      executions: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  const conditions = await readConditions()
  const module = kernelModule(compileCheckKernel({ strategy: STRATEGY, read: readSource }))
  const speed = measureWarm(sharedOrder3(), rounds, { strategy: STRATEGY, module })
  const js = measureWarm(sharedOrder3(), rounds)
  const jobs = await measureJobs(sharedBy3(), rounds, positive('executions', values.executions))
  if (values.json) {
    console.log(JSON.stringify({ conditions, rounds, speed, js, jobs }, null, 2))
    return
  }
  console.log(describeConditions(conditions))
  const steps = speed.stepsPerExecution.toFixed(1)
  console.log(
    printTable([
      [`shared-order3, ${speed.executions} executions of ${steps} steps`, 'median', 'min', 'max'],
      ['executions a second', ...cells(speed.perSecond, 0)],
      ['executions a CPU second', ...cells(speed.perCpuSecond, 0)],
      ['the same as JavaScript', ...cells(js.perCpuSecond, 0)],
      [`shared-order3-by-3, plain values, ${jobs.executions} executions`, 'median', 'min', 'max'],
      ['one thread, s', ...cells(jobs.one, 2)],
      ['two threads, s', ...cells(jobs.two, 2)],
      ['one / two', ...cells(jobs.gain, 2)],
      ['2 x one / two checks at once', ...cells(jobs.ceiling, 2)],
      ['the first ratio of the second', ...cells(jobs.share, 2)],
    ]),
  )
}

await main()
