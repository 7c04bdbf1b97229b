/**
 * What a trace costs: a million events of a run in virtual time, simulated and written to a file, beside the same run without.
 *
 *   node src/trace.ts [--rounds N] [--cpus N] [--pages N] [--json]
 *
 * As many processes as CPUs, order 0. The two take turns, round by round, after one round that does not count. Both run the
 * form of the text that --functions runs, for that is what a trace needs. The file is then read back by protobufjs, which
 * must find every event. Times are elapsed ones; CPU time, which other work on the machine spoils less, is beside them.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { parseScenario, runVirtual, type Scenario, type TraceSummary } from '@mmgather/core'

import { packetsOf } from '../../packages/core/test/trace/support.ts'
import { describeConditions, readConditions } from './conditions.ts'
import { positive } from './options.ts'
import { ratios, type Summary, summarise } from './statistics.ts'

/** Milliseconds of a simulation alone. */
interface Times {
  elapsedMs: number
  cpuMs: number
}

interface Round {
  traced: Times
  plain: Times
}

function now(): Times {
  const { user, system } = process.cpuUsage()
  return { elapsedMs: performance.now(), cpuMs: (user + system) / 1000 }
}

function simulate(scenario: Scenario, file?: string): { times: Times; summary?: TraceSummary } {
  let begun = now()
  let ended = begun
  let summary: TraceSummary | undefined
  const fd = file === undefined ? undefined : openSync(file, 'w')
  runVirtual(scenario, {
    functions: true,
    onPopulated: () => (begun = now()),
    onSimulated: () => (ended = now()),
    ...(fd !== undefined && {
      trace: { format: 'perfetto', write: (bytes) => void writeSync(fd, bytes) },
      // the last bytes are written before this
      onTraced: (made) => {
        summary = made
        ended = now()
      },
    }),
  })
  if (fd !== undefined) closeSync(fd)
  const times = {
    elapsedMs: ended.elapsedMs - begun.elapsedMs,
    cpuMs: ended.cpuMs - begun.cpuMs,
  }
  return { times, ...(summary && { summary }) }
}

function measure(scenario: Scenario, file: string, count: number): [Round[], TraceSummary] {
  const rounds: Round[] = []
  let last: TraceSummary | undefined
  for (let i = -1; i < count; i++) {
    const { times: traced, summary } = simulate(scenario, file)
    const { times: plain } = simulate(scenario)
    last = summary
    if (i >= 0) rounds.push({ traced, plain })
  }
  if (last === undefined) throw new Error('the run ended without a trace')
  return [rounds, last]
}

function timesText(which: keyof Times, events: number, rounds: readonly Round[]): string {
  const spread = ({ median, min, max }: Summary): string =>
    `${median.toFixed(2)} [${min.toFixed(2)}..${max.toFixed(2)}]`
  const traced = rounds.map((round) => round.traced[which])
  const plain = rounds.map((round) => round.plain[which])
  const rate = summarise(traced.map((ms) => events / ms / 1000))
  return (
    `${which === 'cpuMs' ? 'CPU time' : 'elapsed'}, median [min..max]: ${spread(rate)} million events a second; ` +
    `with a trace / without ${spread(summarise(ratios(traced, plain)))}`
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '10' },
      cpus: { type: 'string', default: '64' },
      pages: { type: 'string', default: '272' },
      json: { type: 'boolean', default: false },
    },
  })
  const cpus = positive('cpus', values.cpus)
  const conditions = await readConditions()
  const scenario = parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus },
    processes: [{ count: cpus, vmas: [{ kind: 'anon', pages: positive('pages', values.pages) }] }],
  })
  const folder = mkdtempSync(join(tmpdir(), 'mmgather-bench-'))
  const file = join(folder, 'trace.pftrace')
  try {
    const [rounds, { events, bytes }] = measure(scenario, file, positive('rounds', values.rounds))
    const read = packetsOf(readFileSync(file)).filter((packet) => packet.trackEvent !== undefined)
    const found = { events, bytes, bytesPerEvent: bytes / events, eventsReadBack: read.length }
    if (values.json) console.log(JSON.stringify({ conditions, ...found, rounds }, null, 2))
    else {
      console.log(describeConditions(conditions))
      console.log(`${events} events, ${bytes} bytes, ${(bytes / events).toFixed(1)} an event`)
      console.log(`${read.length} events read back`)
      for (const which of ['elapsedMs', 'cpuMs'] as const)
        console.log(timesText(which, events, rounds))
    }
    if (read.length !== events) throw new Error('the reader found another number of events')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

await main()
