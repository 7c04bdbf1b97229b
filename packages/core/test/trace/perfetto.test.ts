/**
 * What a Perfetto trace says, read back by an independent reader, is what the report of the same run says: functions,
 * waits, holds, processes; and each wait's end follows from a release.
 */
import { describe, expect, test } from 'vitest'

import { LOCK_CLASS_KEYS, LRUVEC_CLASS } from '../../src/machine/counters.ts'
import { runVirtual } from '../../src/run/run-virtual.ts'
import { overrideScenario } from '../../src/scenario/overrides.ts'
import { presetScenario } from '../../src/scenario/presets.ts'
import { PerfettoWriter } from '../../src/trace/perfetto.ts'
import { packetsOf, readPackets, type Slice, traced, type TraceCase } from './support.ts'

const CASES: readonly (readonly [string, TraceCase])[] = [
  ['qspinlock', { preset: 'exit-order0', overrides: { cpus: 8, processes: 16, pages: 700 } }],
  [
    'ttas',
    { preset: 'exit-order3', overrides: { cpus: 8, processes: 8, pages: 2048, lock: 'ttas' } },
  ],
  [
    'ticket, faults, a strategy of ranges',
    {
      preset: 'page-fault2',
      overrides: { cpus: 6, processes: 6, pages: 400, lock: 'ticket', strategy: 'range-v1' },
    },
  ],
]

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const durations = (slices: readonly Slice[]): number =>
  sum(slices.map(({ begin, end }) => (end ?? Number.NaN) - begin))

describe.each(CASES)('%s', (_name, one) => {
  const { report, bytes, summary } = traced({ ...one, options: { functions: true } })
  const packets = packetsOf(bytes)
  const reading = readPackets(packets)
  const { slices } = reading

  test('every event is found, at 32 bytes at most', () => {
    expect(packets.filter(({ trackEvent }) => trackEvent !== undefined)).toHaveLength(
      summary.events,
    )
    expect(bytes.length).toBe(summary.bytes)
    expect(bytes.length / summary.events).toBeLessThanOrEqual(32)
    expect(slices.filter(({ end }) => end === undefined)).toEqual([])
    expect(summary.every).toBe(1)
  })

  test('functions: as many calls, and as long', () => {
    const { functions = [] } = report.virtual ?? {}
    expect(functions.length).toBeGreaterThan(20)
    for (const { function: name, calls, inclusiveNs } of functions) {
      const found = slices.filter((each) => each.name === name && each.track.startsWith('CPU '))
      expect({ name, calls: found.length }).toEqual({ name, calls })
      // each begin and each end is rounded down to a nanosecond
      const outermost = found.filter(({ isNested }) => !isNested)
      expect(Math.abs(durations(outermost) - inclusiveNs)).toBeLessThanOrEqual(calls + 1)
    }
  })

  test.each(LOCK_CLASS_KEYS)('%s locks: as many waits and holds, and as long', (key) => {
    const { acquisitions, contended, waitNs, holdNs } = report.locks[key]
    const waits = slices.filter(({ name }) => name === `waits for ${key} lock`)
    const holds = slices.filter(({ name, track }) => name === key && track === `holds ${key}`)
    expect({ waits: waits.length, holds: holds.length }).toEqual({
      waits: contended,
      holds: acquisitions,
    })
    expect(Math.abs(durations(waits) - waitNs.total)).toBeLessThanOrEqual(contended + 1)
    expect(Math.abs(durations(holds) - holdNs.total)).toBeLessThanOrEqual(acquisitions + 1)
  })

  test('each wait ends by a flow from a release of the same class, no later', () => {
    const sources = new Map(slices.flatMap((each) => each.flows.map((flow) => [flow, each])))
    const targets = slices.filter(({ ends }) => ends.length > 0)
    const contended = sum(LOCK_CLASS_KEYS.map((key) => report.locks[key].contended))
    expect(contended).toBeGreaterThan(20)
    expect(targets).toHaveLength(contended)
    for (const target of targets) {
      const source = sources.get(target.ends[0] ?? -1)
      expect(source).toMatchObject({ name: 'unlock', isInstant: true, track: target.track })
      expect(source?.begin).toBeLessThanOrEqual(target.begin)
    }
  })

  test('waits name the CPU that holds the lock, which does', () => {
    const holds = slices.filter(({ track }) => track.startsWith('holds '))
    for (const wait of slices.filter(({ name }) => name.endsWith(' lock'))) {
      const holder = `CPU ${wait.annotations['holder_cpu']}`
      const key = wait.name.split(' ')[2]
      const held = holds.some(
        ({ name, parent, begin, end }) =>
          name === key && parent === holder && begin <= wait.begin && (end ?? 0) >= wait.begin,
      )
      // a released lock whose next owner is on the way is not held by anybody at that instant
      const between = holds.some(
        ({ name, begin }) => name === key && begin >= wait.begin && begin <= (wait.end ?? 0),
      )
      expect(held || between).toBe(true)
    }
  })

  test('each process runs once, on the CPU that the report says', () => {
    const processes = slices.filter(({ track }) => track === 'process')
    const byCpu = report.perCpu.map(({ cpu }) =>
      processes.filter(({ parent }) => parent === `CPU ${cpu}`),
    )
    expect(byCpu.map((each) => each.length)).toEqual(report.perCpu.map((each) => each.processes))
    expect(new Set(processes.map(({ name }) => name)).size).toBe(processes.length)
  })

  test('counters end where the machine does', () => {
    const last = new Map(reading.counters.map(({ track, value }) => [track, value]))
    const ends = [...last].filter(([track]) => /^(?:lruvec|batch)/.test(track))
    expect(ends.length).toBeGreaterThan(1)
    expect(ends.filter(([, value]) => value !== 0)).toEqual([])
    expect(last.get('zone: free pages')).toBeGreaterThan(0)
    const full = reading.counters.filter(({ track }) => track === 'batch: slots')
    expect(Math.max(...full.map(({ value }) => value))).toBeGreaterThan(8)
  })

  test('the report is the one without a trace, to the byte', () => {
    const scenario = overrideScenario(presetScenario(one.preset), one.overrides)
    const plain = runVirtual(scenario)
    expect(JSON.stringify(traced(one).report)).toBe(JSON.stringify(plain))
  })
})

test('a million events of 64 CPUs are read back', () => {
  const { bytes, summary, report } = traced({
    preset: 'exit-order0',
    overrides: { cpus: 64, processes: 64, pages: 600 },
  })
  expect(summary.events).toBeGreaterThan(1_000_000)
  expect(bytes.length / summary.events).toBeLessThanOrEqual(32)
  const packets = packetsOf(bytes)
  const found = packets.filter(({ trackEvent }) => trackEvent !== undefined)
  expect(found).toHaveLength(summary.events)
  const { slices } = readPackets(packets)
  const end = Math.max(...slices.map((each) => each.end ?? 0).slice(-1000))
  expect(end).toBeGreaterThan(report.time.teardown.max / 2)
}, 60_000)

test.each([0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 52 + 1])(
  'times and values of %d are written whole',
  (value) => {
    const parts: Buffer[] = []
    const subject = { title: 'test', cpus: 1, processName: () => 'p' }
    const writer = new PerfettoWriter((bytes) => parts.push(Buffer.from(bytes)), subject)
    writer.holdBegin(0, value, 16, LRUVEC_CLASS, value)
    writer.freePages(value, value)
    writer.close()
    const { slices, counters } = readPackets(packetsOf(Buffer.concat(parts)))
    expect(slices).toMatchObject([
      { name: 'lruvec', begin: value, ends: value === 0 ? [] : [value] },
    ])
    expect(counters).toMatchObject([{ track: 'zone: free pages', at: value, value }])
  },
)
