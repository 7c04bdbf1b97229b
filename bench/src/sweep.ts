/**
 * Sweeps: how many points a second the pool hands out one by one, points that do nothing and small ones, and whether its memory
 * stays what it is. What a second core brings to a whole sweep is in sweep-command.ts.
 *
 * One thread and several take turns, in chunks of the same points; processor time of the whole process is counted too, the
 * main thread's included, which has a core for itself beside one thread.
 *
 *   node src/sweep.ts [--points N] [--chunk N] [--threads N] [--pages N] [--json]
 */
import { findProfile, type MachineProfile, overrideScenario, presetScenario } from '@mmgather/core'
import { openSweepPool, type SweepPool, type SweepTask } from '@mmgather/workers'
import { parseArgs } from 'node:util'

import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { summarise } from './statistics.ts'
import { printTable } from './table.ts'

/** Points at the pool for each thread, as the command has them. */
const AHEAD = 3

interface Chunk {
  pointsPerSecond: number
  /** Of all threads together. */
  cpuMsPerPoint: number
}

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '10000' },
    chunk: { type: 'string', default: '500' },
    threads: { type: 'string', default: '2' },
    pages: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
  },
})
const points = positive('points', values.points)
const chunk = positive('chunk', values.chunk)
const threads = positive('threads', values.threads)

const scenario = overrideScenario(presetScenario('exit-order0'), {
  cpus: 2,
  processes: 2,
  pages: positive('pages', values.pages),
})

function profileOf(name: string): MachineProfile {
  const found = findProfile(name)
  if (found === undefined) throw new Error('the profile does not ship')
  return found
}

const profile = profileOf('skylake-104')

function taskOf(seed: number): SweepTask {
  return {
    scenario: { ...scenario, seed },
    profile,
    options: { verify: true },
    arrivalJitterNs: 1000,
  }
}

async function runChunk(pool: SweepPool, lanes: number, first: number): Promise<Chunk> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let next = first
  const lane = async (): Promise<void> => {
    while (next < first + chunk) {
      const { answers } = await pool.run([taskOf(next++)])
      for (const { error, text } of answers) if (error !== undefined) throw new Error(text)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  return { pointsPerSecond: (chunk / ms) * 1000, cpuMsPerPoint: (user + system) / 1000 / chunk }
}

interface Measured {
  threads: number
  chunks: Chunk[]
}

/** Takes turns; the first turn of each is for warming up and does not count. */
async function measure(entry?: URL): Promise<{ measured: Measured[]; rssMib: number[] }> {
  const data = { strategyFiles: [] }
  const measured = [1, threads].map((count): Measured => ({ threads: count, chunks: [] }))
  const pools = await Promise.all(measured.map((each) => openSweepPool(data, each.threads, entry)))
  const rssMib: number[] = []
  for (let done = 0; done < points + chunk; done += chunk) {
    for (const [i, each] of measured.entries()) {
      const found = await runChunk(pools[i] as SweepPool, each.threads * AHEAD, done)
      if (done > 0) each.chunks.push(found)
    }
    rssMib.push(process.memoryUsage().rss / 2 ** 20)
  }
  await Promise.all(pools.map((pool) => pool.close()))
  return { measured, rssMib }
}

function row(name: string, { threads: count, chunks }: Measured): string[] {
  const rate = summarise(chunks.map(({ pointsPerSecond }) => pointsPerSecond))
  const cpu = summarise(chunks.map(({ cpuMsPerPoint }) => cpuMsPerPoint))
  return [
    `${name}, ${count} thread${count > 1 ? 's' : ''}`,
    `${rate.median.toFixed(0)} [${rate.min.toFixed(0)}, ${rate.max.toFixed(0)}]`,
    `${cpu.median.toFixed(2)} [${cpu.min.toFixed(2)}, ${cpu.max.toFixed(2)}]`,
  ]
}

const conditions = await readConditions()
const nothing = await measure(new URL('sweep-noop-worker.ts', import.meta.url))
const small = await measure()
if (values.json) console.log(JSON.stringify({ conditions, nothing, small }))
else {
  console.log(describeConditions(conditions))
  console.log(
    printTable([
      [`${points} points each, in chunks of ${chunk}`, 'points a second', 'ms of CPU a point'],
      ...nothing.measured.map((each) => row('nothing to do', each)),
      ...small.measured.map((each) => row(`2 x ${values.pages} pages`, each)),
    ]),
  )
  const [first = 0, last = 0] = [small.rssMib[1], small.rssMib.at(-1)]
  console.log(
    `resident memory: ${first.toFixed(0)} MiB after the first turns, ${last.toFixed(0)} MiB at the end`,
  )
}
