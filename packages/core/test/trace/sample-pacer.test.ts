/** When samples are due, and how many were missed: by a clock that the test moves. */
import { expect, test } from 'vitest'

import { SamplePacer } from '../../src/trace/sample-pacer.ts'

/** A pacer of period 100 that took samples at these times. */
function after(...times: readonly number[]): SamplePacer {
  const pacer = new SamplePacer(100, 0)
  for (const ns of times) pacer.take(ns)
  return pacer
}

test.each([
  ['on time', [0, 100, 200, 300], { samples: 4, missed: 0, nextNs: 400, gapNsMax: 100 }],
  ['a little late, each time', [0, 120, 230, 399], { samples: 4, missed: 0, nextNs: 400 }],
  ['late by one period and more', [0, 100, 350], { samples: 3, missed: 1, gapNsMax: 250 }],
  [
    'late to the moment that the next one was due',
    [0, 200],
    { samples: 2, missed: 1, nextNs: 300 },
  ],
  ['very late', [0, 100_000], { samples: 2, missed: 999, nextNs: 100_100 }],
  ['the last one, early', [0, 100, 150], { samples: 3, missed: 0, nextNs: 200, gapNsMax: 100 }],
])('%s', (_what, times, expected) => {
  expect(after(...times)).toMatchObject(expected)
})

test('samples and missed ones are as many as were due', () => {
  const times = Array.from({ length: 500 }, (_, i) => i * 100 + ((i * i * 7919) % 1700))
  const pacer = new SamplePacer(100, 0)
  let ns = 0
  for (const time of times) {
    ns = Math.max(time, pacer.nextNs)
    pacer.take(ns)
  }
  expect(pacer.missed).toBeGreaterThan(0)
  expect(pacer.samples + pacer.missed).toBe(Math.floor(ns / 100) + 1)
  expect(pacer.achievedNs).toBeCloseTo(ns / (pacer.samples - 1), 6)
})

test('what was achieved is unknown before there are two', () => {
  expect(after().achievedNs).toBe(0)
  expect(after(0).achievedNs).toBe(0)
  expect(after(0, 130).achievedNs).toBe(130)
})

test('slows down from the next sample on', () => {
  const pacer = after(0, 100)
  pacer.slowDown(400)
  expect(pacer.nextNs).toBe(500)
  pacer.take(1500)
  expect(pacer).toMatchObject({ missed: 2, nextNs: 1700, periodNs: 400 })
})
