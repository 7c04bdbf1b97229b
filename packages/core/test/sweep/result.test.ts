/**
 * Tests of what a journal keeps of a point, and of running points one after the other in one memory.
 */
import { describe, expect, test } from 'vitest'

import {
  createMachine,
  LOCK_CLASS_KEYS,
  overrideScenario,
  pointOutcome,
  presetScenario,
  type RunReport,
  runVirtual,
  type Scenario,
  scenarioLimits,
} from '../../src/index.ts'
import { allocateSharedMemory } from '../../src/lib/shared-memory.ts'
import { isFinal } from '../../src/sweep/result.ts'

const SMALL = overrideScenario(presetScenario('exit-order3'), { cpus: 3, processes: 6, pages: 256 })

describe('the outcome of a run', () => {
  test('is its figures', () => {
    const report = runVirtual(SMALL)
    const outcome = pointOutcome(report)
    expect(outcome).toMatchObject({
      result: {
        cpus: 3,
        processes: 6,
        teardownNs: report.time.teardown.median,
        perPageNs: report.time.perPage?.median,
        counters: report.counters,
        locks: report.locks,
      },
    })
    if ('error' in outcome) throw new Error('no figures')
    const { totalNs, waitNs, ...parts } = outcome.result.timeStack
    const sum = [...Object.values(parts), ...Object.values(waitNs)].reduce((a, b) => a + b, 0)
    expect(sum).toBe(totalNs)
    for (const key of LOCK_CLASS_KEYS)
      expect(waitNs[key]).toBe(report.virtual?.cpuTime.reduce((ns, cpu) => ns + cpu.waitNs[key], 0))
  })

  test('is an error if the run did not come to its end', () => {
    const report = runVirtual(SMALL, { eventsMax: 10 })
    expect(pointOutcome(report)).toEqual({
      error: { kind: 'bounds', message: 'more than 10 events' },
    })
    const as = (outcome: RunReport['outcome']) => pointOutcome({ ...report, outcome })
    const violations = Array.from({ length: 30 }, (_, i) => ({ rule: `r${i}`, message: 'm' }))
    const found = as({ kind: 'violated', violations })
    expect(found).toMatchObject({ error: { kind: 'violated', message: 'r0: m' } })
    if (!('error' in found)) throw new Error('no error')
    expect(found.error.details).toHaveLength(21)
    expect(found.error.details?.at(-1)).toBe('and 9 more')
    expect(as({ kind: 'deadlock', waits: ['a', 'b'] })).toEqual({
      error: { kind: 'deadlock', message: 'a', details: ['b'] },
    })
    expect(as({ kind: 'interrupted', runsCompleted: 0 })).toMatchObject({
      error: { kind: 'internal' },
    })
  })

  test('is final unless a thread died of it, or mmgather has a bug', () => {
    expect(isFinal(undefined)).toBe(true)
    const kinds = [
      'scenario',
      'limits',
      'violated',
      'deadlock',
      'bounds',
      'lost',
      'internal',
    ] as const
    expect(kinds.filter((kind) => !isFinal({ kind, message: '' }))).toEqual(['lost', 'internal'])
  })
})

/** With fewer pages where it has a size. */
function smaller(scenario: Scenario): Scenario {
  try {
    return overrideScenario(scenario, { pages: 600 })
  } catch {
    return scenario
  }
}

test('machines of several presets, one after the other in one memory, do what they do in their own', () => {
  const names = [
    'exit-order0',
    'memcg-alternate',
    'thp-pte-mapped',
    'munmap-half-thp',
    'page-fault2-reclaim',
  ]
  const scenarios = [
    ...names.map((name) => presetScenario(name)).map((scenario) => smaller(scenario)),
    SMALL,
    overrideScenario(SMALL, { cpus: 1 }),
    overrideScenario(SMALL, { pages: 9 }),
  ]
  const words = Math.max(...scenarios.map((scenario) => scenarioLimits(scenario).totalWords))
  const memory = allocateSharedMemory(words * 4)
  for (const scenario of [...scenarios, ...scenarios.toReversed()]) {
    const own = pointOutcome(runVirtual(scenario))
    const shared = pointOutcome(
      runVirtual(scenario, { machine: createMachine(scenario, undefined, () => memory) }),
    )
    expect(shared).toEqual(own)
  }
})
