/** Reports of virtual time: the same bytes each time, nothing of the host in them, and parts that add up to their wholes. */
import { describe, expect, test } from 'vitest'

import {
  LOCK_CLASS_KEYS,
  parseScenario,
  runVirtual,
  type RunReport,
  type Scenario,
} from '../../src/index.ts'

/** Rounding down of each part of a time stack to whole nanoseconds. */
const PARTS = 5 + LOCK_CLASS_KEYS.length

/** A process for each CPU, all of one memcg, so that they meet at its lruvec lock. */
function scenarioOn(cpus: number): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    machine: { cpus, lock: 'ticket' },
    processes: [
      {
        count: cpus,
        vmas: [{ kind: 'anon', pages: 1024, folios: [{ order: 0, count: 1 }] }],
      },
    ],
  })
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

test('the same scenario, seed and version: the same bytes', () => {
  const once = JSON.stringify(runVirtual(scenarioOn(8), { runs: 2, functions: true }))
  const again = JSON.stringify(runVirtual(scenarioOn(8), { runs: 2, functions: true }))
  expect(again).toBe(once)
  const otherSeed = runVirtual({ ...scenarioOn(8), seed: 7 }, { runs: 2, functions: true })
  expect(JSON.stringify(otherSeed)).not.toBe(once)
})

test('nothing of the host is in a report', () => {
  const text = JSON.stringify(runVirtual(scenarioOn(2)))
  for (const fact of [process.version, process.cwd(), process.platform, String(process.pid)])
    expect(text.includes(`"${fact}"`)).toBe(false)
})

describe.each([1, 2, 8, 80])('%s CPUs', (cpus) => {
  const report: RunReport = runVirtual(scenarioOn(cpus), { functions: true })
  const stacks = report.virtual?.cpuTime ?? []

  test('every CPU: the parts of its time add up to the whole', () => {
    expect(stacks).toHaveLength(cpus)
    for (const { totalNs, waitNs, cpu: _cpu, ...parts } of stacks) {
      expect(sum([...Object.values(parts), ...Object.values(waitNs)])).toBe(totalNs)
    }
  })

  test('waits by pair of CPUs add up to the waits of the CPUs, and of the lock classes', () => {
    const byPair = sum((report.virtual?.lockWaits ?? []).map(({ ns }) => ns))
    const byCpu = sum(stacks.flatMap(({ waitNs }) => Object.values(waitNs)))
    const byClass = sum(Object.values(report.locks).map(({ waitNs }) => waitNs.total))
    expect(Math.abs(byPair - byCpu)).toBeLessThanOrEqual(cpus * (cpus + PARTS))
    expect(Math.abs(byClass - byCpu)).toBeLessThanOrEqual(cpus * PARTS)
    expect(byClass > 0).toBe(cpus > 1)
  })

  test('exclusive times of functions add up to the time of all CPUs', () => {
    const functions = report.virtual?.functions ?? []
    const exclusive = sum(functions.map(({ exclusiveNs }) => exclusiveNs))
    const total = sum(stacks.map(({ totalNs }) => totalNs))
    expect(Math.abs(exclusive - total)).toBeLessThanOrEqual(functions.length + cpus)
  })

  test('interrupts are off for a part of the time', () => {
    const { offNsTotal, offNsMax } = report.virtual?.interrupts ?? { offNsTotal: 0, offNsMax: 0 }
    expect(offNsMax).toBeGreaterThan(0)
    expect(offNsTotal).toBeGreaterThanOrEqual(offNsMax)
    expect(offNsTotal).toBeLessThan(sum(stacks.map(({ totalNs }) => totalNs)))
  })
})
