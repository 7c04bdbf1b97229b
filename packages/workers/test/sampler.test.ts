/**
 * Traces of live runs: the last sample, read back by an independent reader, has the report's counts, whatever the form of the
 * text; a run is not lost by its trace.
 */
import {
  COUNTER_KEYS,
  EVENT_KEYS,
  LOCK_CLASS_KEYS,
  type RunReport,
  type Scenario,
} from '@mmgather/core'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

import { packetsOf, readPackets, type Reading } from '../../core/test/trace/support.ts'
import {
  type RunLiveOptions,
  type SampledTraceFile,
  type SampledTraceResult,
  SamplerLostError,
} from '../src/index.ts'
import { type LiveHooks, runLiveWith } from '../src/run-live.ts'
import { checkNoThreadLeft, forkShared, separate } from './support.ts'

afterEach(checkNoThreadLeft)

let files = 0

type Ended = SampledTraceResult | SamplerLostError | undefined

async function traced(
  scenario: Scenario,
  options: Omit<RunLiveOptions, 'traceFile'> & { file?: Partial<SampledTraceFile> } = {},
  hooks: LiveHooks = {},
): Promise<{ report: RunReport; trace: Ended; bytes: Buffer }> {
  const path = join(tmpdir(), `mmgather-sampler-${process.pid}-${files++}`)
  const { file, ...others } = options
  const fd = file?.fd ?? openSync(path, 'w')
  let trace: Ended
  try {
    const report = await runLiveWith(
      scenario,
      {
        ...others,
        traceFile: { format: 'perfetto', ...file, fd },
        onTraced: (ended) => (trace = ended),
      },
      hooks,
    )
    return { report, trace, bytes: file?.fd === undefined ? readFileSync(path) : Buffer.of() }
  } finally {
    closeSync(fd)
  }
}

/** By parent and track: the last value. */
function lastValues({ counters }: Reading): Map<string, number> {
  return new Map(counters.map(({ parent, track, value }) => [`${parent}/${track}`, value]))
}

function expectTotals(report: RunReport, last: ReadonlyMap<string, number>): void {
  const of = (name: string): number => last.get(name) ?? 0
  const read = {
    counters: Object.fromEntries(COUNTER_KEYS.map((key) => [key, of(`counters/${key}`)])),
    events: Object.fromEntries(EVENT_KEYS.map((key) => [key, of(`events/${key}`)])),
    locks: LOCK_CLASS_KEYS.map((key) => [
      of(`locks/${key}: acquisitions`),
      of(`locks/${key}: contended`),
      of(`locks/${key}: waited`),
    ]),
    perCpu: report.perCpu.map(({ cpu }) => [
      of(`CPU ${cpu}/PTEs cleared`),
      of(`CPU ${cpu}/pages freed`),
    ]),
  }
  expect(read).toEqual({
    counters: report.counters,
    events: report.events,
    locks: LOCK_CLASS_KEYS.map((key) => {
      const { acquisitions, contended, waitNs } = report.locks[key]
      return [acquisitions, contended, waitNs.total]
    }),
    perCpu: report.perCpu.map(({ counters }) => [counters.ptesCleared, counters.pagesFreed]),
  })
}

describe.each(['wasm', 'js'] as const)('%s', (code) => {
  test.each(['ttas', 'ticket', 'qspinlock'] as const)(
    '%s: the last sample has the counts of the report',
    async (lock) => {
      const scenario = forkShared(3, { lock, deal: 'queue' }, { pages: 3000 })
      const { report, trace, bytes } = await traced(scenario, { code, warmup: 1 })
      expect(report.outcome).toEqual({ kind: 'completed' })
      if (trace === undefined || trace instanceof Error) throw new Error('no trace')
      expect(trace.errorCode).toBeUndefined()
      expect(trace.samples).toBeGreaterThan(1)
      const packets = packetsOf(bytes)
      expect(packets.filter(({ trackEvent }) => trackEvent !== undefined)).toHaveLength(
        trace.events,
      )
      const reading = readPackets(packets)
      expectTotals(report, lastValues(reading))
      expect(lastValues(reading).get(`${reading.tracks.get(1)?.name}/processes done`)).toBe(8)
      const note = reading.slices.find(({ name }) => name === 'sampling ended')
      expect(note?.annotations).toMatchObject({
        samples: trace.samples,
        samples_missed: trace.missed,
        period_ns_asked: 100_000,
      })
    },
  )

  test('each CPU has the phases that its thread logged', async () => {
    const { report, bytes } = await traced(separate(2, 20_000), { code, file: { periodUs: 200 } })
    const { slices } = readPackets(packetsOf(bytes))
    for (const cpu of [0, 1]) {
      const phases = slices.filter(({ track }) => track === `CPU ${cpu}`)
      expect(phases.map(({ name }) => name)).toEqual(['at the start barrier', 'runs'])
      const [, running] = phases
      // the log, whose times bracket the report's, has whole microseconds
      const ns = (running?.end ?? 0) - (running?.begin ?? 0)
      expect(ns).toBeGreaterThanOrEqual((report.time.perCpu[cpu] ?? 0) - 1000)
    }
  })
})

test('every sample and every missed one was due', async () => {
  const { trace } = await traced(separate(2, 50_000), { file: { periodUs: 50 } })
  if (trace === undefined || trace instanceof Error) throw new Error('no trace')
  const { samples, missed, periodNsAsked, periodNsAchieved } = trace
  expect(periodNsAsked).toBe(50_000)
  const lengthNs = (samples - 1) * periodNsAchieved
  // the last one may come before it is due
  expect(Math.abs(samples + missed - 1 - lengthNs / 50_000)).toBeLessThanOrEqual(2)
})

test('figures rise while the run goes on, and none falls that only counts', async () => {
  const { bytes } = await traced(separate(2, 100_000))
  const { counters } = readPackets(packetsOf(bytes))
  const cleared = counters.filter(({ track }) => track === 'ptesCleared')
  expect(new Set(cleared.map(({ value }) => value)).size).toBeGreaterThan(2)
  for (const name of ['ptesCleared', 'pagesFreed', 'lruvec: acquisitions', 'lruvec: waited']) {
    const values = counters.filter(({ track }) => track === name).map(({ value }) => value)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
  }
})

test('a strategy in JavaScript and a trace as ftrace', async () => {
  const { report, bytes } = await traced(separate(2, 5000), {
    code: 'js',
    file: { format: 'ftrace' },
  })
  const text = bytes.toString()
  expect(text).toMatch(/^# mmgather: live run, sampled every 100 µs: /m)
  const last = new Map(
    [...text.matchAll(/\|counters (\w+)\|(\d+)$/gm)].map(([, key = '', n]) => [key, Number(n)]),
  )
  for (const key of COUNTER_KEYS) expect(last.get(key) ?? 0).toBe(report.counters[key])
})

test('of a run that is interrupted there is what was sampled', async () => {
  const controller = new AbortController()
  const { report, trace, bytes } = await traced(separate(4, 50_000), {
    signal: controller.signal,
    progressIntervalMs: 1,
    onProgress: ({ ptesCleared }) => {
      if (ptesCleared > 0) controller.abort()
    },
  })
  expect(report.outcome.kind).toBe('interrupted')
  expect(trace).toMatchObject({ samples: expect.any(Number) as number })
  expectTotals(report, lastValues(readPackets(packetsOf(bytes))))
})

test('a run that never began has no trace', async () => {
  const { report, trace } = await traced(separate(1, 100), { signal: AbortSignal.abort() })
  expect(report.outcome.kind).toBe('interrupted')
  expect(trace).toBeUndefined()
})

test('a full disk costs the trace, not the run', async () => {
  const fd = openSync('/dev/full', 'w')
  const { report, trace } = await traced(separate(2, 1000), { file: { fd } })
  expect(report.outcome.kind).toBe('completed')
  expect(trace).toMatchObject({ errorCode: 'ENOSPC' })
})

test('a sampler that fails costs the trace, not the run', async () => {
  const hooks = { sampler: new URL('fault-sampler.ts', import.meta.url) }
  const { report, trace } = await traced(separate(2, 1000), {}, hooks)
  expect(report.outcome.kind).toBe('completed')
  expect(trace).toBeInstanceOf(SamplerLostError)
  expect((trace as SamplerLostError).message).toMatch(/planted/)
})

test.each<[string, Parameters<typeof traced>[1], RegExp]>([
  ['two runs', { runs: 2 }, /^runs: got 2; allowed: an integer from 1 to 1$/],
  ['no period', { file: { periodUs: 0 } }, /^traceFile\.periodUs: got 0; /],
  ['a small limit', { file: { bytesMax: 1000 } }, /^traceFile\.bytesMax: got 1000; /],
  [
    'a format that needs every call',
    { file: { format: 'collapsed' as 'ftrace' } },
    /^traceFile\.format: got collapsed; allowed: perfetto, ftrace/,
  ],
])('refuses %s', async (_what, options, message) => {
  await expect(traced(separate(1, 100), options)).rejects.toThrow(message)
})
