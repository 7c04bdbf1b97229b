/**
 * Programs on threads: counts that do not depend on order equal those of one thread, every invariant holds after runs in
 * which CPUs copy each other's folios and reclaim takes them off their list.
 */
import {
  createMachine,
  parseScenario,
  populate,
  presetScenario,
  runOneCpu,
  type Scenario,
  strategyOf,
} from '@mmgather/core'
import { afterEach, describe, expect, test } from 'vitest'

import { collectCounters } from '../../core/src/metrics/collect.ts'
import { runLive } from '../src/index.ts'
import { checkNoThreadLeft, orderIndependent } from './support.ts'

afterEach(checkNoThreadLeft)

function countsOnOneThread(scenario: Scenario) {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  return collectCounters(machine)
}

/** Processes on two CPUs that fork, and copy folios which they share with processes of other CPUs. */
function copying(order: number, background: boolean): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'copying',
    machine: { cpus: background ? 3 : 2, pcp: { high: 300 } },
    processes: [
      {
        name: 'worker',
        count: 8,
        share: 4,
        vmas: [{ kind: 'anon', pages: 256, folios: [{ order }] }],
        program: [
          { touch: { vma: 0, pages: 100 } },
          { mmap: { pages: 600, order } },
          {
            repeat: {
              times: 3,
              steps: [
                { touch: { vma: 1 } },
                { fork: { program: [{ touch: { vma: 0 } }, { touch: { vma: 1, pages: 50 } }] } },
              ],
            },
          },
        ],
      },
      ...(background
        ? [
            {
              name: 'kswapd',
              background,
              program: [{ reclaim: { memcg: 'main', rounds: 1_000_000, pauseNs: 2000 } }],
            },
          ]
        : []),
    ],
  })
}

describe('presets', () => {
  test.each(['page-fault2', 'kernel-build-loop'])('%s counts the same on threads', async (name) => {
    const scenario = presetScenario(name)
    const report = await runLive(scenario, { runs: 1 })
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(orderIndependent(report.counters)).toEqual(orderIndependent(countsOnOneThread(scenario)))
  })

  test('a background process reclaims until the others are done', async () => {
    const scenario = presetScenario('page-fault2-reclaim')
    const report = await runLive(scenario, { runs: 2 })
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(report.events.reclaimRounds).toBeGreaterThan(0)
    expect(report.events.reclaimRounds).toBeLessThan(1_000_000)
    expect(report.counters.foliosFreed).toBe(4 * 32_768)
    expect(report.perCpu.map(({ processes }) => processes)).toEqual([1, 1])
  })
})

describe.each(['linux-6.5-laf', 'range-v1'])('%s', (strategy) => {
  test.each([
    [0, false],
    [2, false],
    [0, true],
    [3, true],
  ])('CPUs copy and reclaim the folios of others: order %i, reclaim %s', async (order, back) => {
    const report = await runLive({ ...copying(order, back), strategy }, { runs: 3 })
    expect(report.outcome).toEqual({ kind: 'completed' })
  })
})

test('progress counts the processes that a run waits for', async () => {
  const seen: number[] = []
  await runLive(copying(0, true), {
    runs: 1,
    progressIntervalMs: 1,
    onProgress: ({ processes, processesDone }) => seen.push(processes, processesDone),
  })
  expect(Math.max(...seen)).toBe(8)
})
