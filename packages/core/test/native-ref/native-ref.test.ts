/**
 * Against the native reference: on 200 random configurations, one CPU, every counter that both models
 * have is equal. The C program's counts are a fixture, so no compiler is needed here.
 */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { NATIVE_EVENTS, type NativeFixture, nativeArgs } from './native-config.ts'
import { runScenario } from './run-config.ts'
import { toCounters, toScenario } from './to-scenario.ts'

const FIXTURE = new URL('./fixtures/native-counts.json', import.meta.url)
const fixture = JSON.parse(readFileSync(FIXTURE, 'utf8')) as NativeFixture

test('the fixture covers what it is made for', () => {
  const configs = fixture.cases.map(({ config }) => config)
  expect(configs).toHaveLength(200)
  for (const strategy of ['baseline', 'range'] as const) {
    const orders = configs.filter((c) => c.strategy === strategy).map((c) => c.order)
    expect(orders).toHaveLength(100)
    expect([...new Set(orders)].toSorted((a, b) => a - b)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9])
  }
  // Every event that can occur under these configurations does; the rest are ruled out by them.
  const absent = NATIVE_EVENTS.filter((event) => fixture.cases.every((c) => c.events[event] === 0))
  expect(absent).toEqual(['dirty_marks', 'huge_zero_skips', 'devmap_frees'])
})

describe('counters equal those of the C program', () => {
  test.each(fixture.cases.map((c) => [nativeArgs(c.config).join(' '), c] as const))(
    '%s',
    (_, { config, events }) => {
      const expected = toCounters(events)
      const { counters, violations } = runScenario(toScenario(config))
      // All that the C program counts, ours beside it; what only we count is not its business.
      expect(counters).toMatchObject(expected)
      expect(violations).toEqual([])
    },
  )
})
