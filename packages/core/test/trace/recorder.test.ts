/** A trace stays within its limit, keeps what it promises to keep, and is bounded in memory. */
import { describe, expect, test } from 'vitest'

import { LOCK_CLASS_KEYS } from '../../src/machine/counters.ts'
import { WINDOW_NS } from '../../src/trace/trace-recorder.ts'
import { packetsOf, readPackets, traced } from './support.ts'

const MIB = 1 << 20
const BIG = { preset: 'exit-order0', overrides: { cpus: 8, processes: 8, pages: 3000 } }

describe('a limit that detail alone exceeds', () => {
  const { bytes, summary, report } = traced({ ...BIG, bytesMax: 3 * MIB })
  const { slices } = readPackets(packetsOf(bytes))

  test('thins detail out by whole windows, and says from when on', () => {
    expect(bytes.length).toBeLessThan(3 * MIB)
    expect(summary.every).toBeGreaterThan(1)
    expect(summary.endedAtNs).toBeUndefined()
    const thinned = summary.thinnedFromNs ?? 0
    expect(thinned).toBeGreaterThan(0)
    const windows = new Set(
      slices
        .filter(({ track, begin }) => track === 'CPU 0' && begin > thinned)
        .map(({ begin }) => Math.floor(begin / WINDOW_NS)),
    )
    const all = (report.time.teardown.max - thinned) / WINDOW_NS
    expect(windows.size).toBeGreaterThan(0)
    expect(windows.size).toBeLessThan(all)
  })

  test('every CPU has detail', () => {
    for (let cpu = 0; cpu < 8; cpu++)
      expect(slices.filter(({ track }) => track === `CPU ${cpu}`).length).toBeGreaterThan(1000)
  })

  test('keeps every wait and every process', () => {
    for (const key of LOCK_CLASS_KEYS) {
      const waits = slices.filter(({ name }) => name === `waits for ${key} lock`)
      expect(waits).toHaveLength(report.locks[key].contended)
    }
    expect(slices.filter(({ track }) => track === 'process')).toHaveLength(8)
  })
})

test('a limit that waits alone exceed ends the trace, which stays readable', () => {
  const one = {
    preset: 'exit-order0',
    overrides: { cpus: 24, processes: 24, pages: 1200, swapClusterMax: 1 },
  }
  const { bytes, summary } = traced({ ...one, bytesMax: MIB })
  expect(bytes.length).toBeLessThanOrEqual(MIB)
  expect(bytes.length).toBeGreaterThan(MIB / 2)
  const { slices } = readPackets(packetsOf(bytes))
  const { endedAtNs = 0 } = summary
  expect(endedAtNs).toBeGreaterThan(0)
  // up to there it has every wait that the whole trace has
  const whole = traced({ ...one, format: 'ftrace' })
  const begins = [...whole.bytes.toString().matchAll(/ (\d+)\.(\d{9}): contention_begin/g)]
    .map(([, seconds, ns]) => Number(seconds) * 1e9 + Number(ns))
    .filter((ns) => ns < endedAtNs)
  const kept = slices.filter(({ name, begin }) => name.endsWith(' lock') && begin < endedAtNs)
  expect(begins.length).toBeGreaterThan(100)
  expect(kept).toHaveLength(begins.length)
})

test('is the same at every try', () => {
  const one = { ...BIG, bytesMax: 3 * MIB }
  expect(traced(one).bytes.equals(traced(one).bytes)).toBe(true)
})

test('a run without a trace after one with it writes nothing more', () => {
  const parts: number[] = []
  const small = { preset: 'exit-order0', overrides: { cpus: 2, pages: 64 } }
  const { bytes } = traced(small)
  const again = traced(small)
  parts.push(bytes.length, again.bytes.length)
  expect(parts[0]).toBe(parts[1])
})

test.each([
  ['a limit below a MiB', { bytesMax: 1000 }, /trace.bytesMax/],
  ['two runs', { options: { runs: 2 } }, /runs/],
])('refuses %s', (_what, more, message) => {
  expect(() => traced({ ...BIG, ...more })).toThrow(message)
})
