import {
  createMachine,
  findStrategy,
  LimitsError,
  populate,
  presetScenario,
  runOneCpu,
  type Scenario,
  ScenarioError,
  strategyOf,
} from '@mmgather/core'
import { afterEach, describe, expect, test } from 'vitest'

import { workloadScenario } from '../../core/src/fidelity/workloads.ts'
import { collectCounters, collectEvents } from '../../core/src/metrics/collect.ts'
import { usableCores } from '../src/environment.ts'
import { LIVE_CPUS_MAX, runLive } from '../src/index.ts'
import { checkNoThreadLeft, forkShared, orderIndependent, separate } from './support.ts'

afterEach(checkNoThreadLeft)

/** The counters of the same scenario, all CPUs one after the other on this thread. */
function countsOnOneThread(scenario: Scenario) {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  const strategy = findStrategy(scenario.strategy)
  if (strategy === undefined) throw new Error(scenario.strategy)
  runOneCpu(machine, strategy)
  return collectCounters(machine)
}

describe('counts', () => {
  test.each(['ttas', 'ticket', 'qspinlock'] as const)(
    'on several CPUs equal those on one thread, lock %s',
    async (lock) => {
      const scenario = forkShared(4, { lock }, { count: 16, pages: 2000 })
      const report = await runLive(scenario, { runs: 5 })
      expect(report.outcome).toEqual({ kind: 'completed' })
      expect(orderIndependent(report.counters)).toEqual(
        orderIndependent(countsOnOneThread(scenario)),
      )
      const varied = report.countersVary.filter((key) => key in orderIndependent(report.counters))
      expect(varied).toEqual([])
    },
  )

  test('one CPU counts everything the same, run after run', async () => {
    const scenario = forkShared(1)
    const report = await runLive(scenario, { runs: 3, warmup: 2 })
    expect(report.counters).toEqual(countsOnOneThread(scenario))
    expect(report.countersVary).toEqual([])
  })

  const workloads = (['6.1', '6.12'] as const).flatMap((kernel) =>
    ['W0/exit', 'W4/munmap'].map((name) => [name, kernel] as const),
  )
  test.each(workloads)(
    '%s of real Linux %s: each count that of one thread',
    async (name, kernel) => {
      const scenario = workloadScenario(name, kernel)
      if (scenario === undefined) throw new Error(name)
      const { outcome, counters, events } = await runLive(scenario, { runs: 2, warmup: 0 })
      expect(outcome).toEqual({ kind: 'completed' })
      const machine = createMachine(scenario)
      populate(machine, scenario)
      runOneCpu(machine, strategyOf(scenario))
      expect({ ...counters, ...events }).toEqual({
        ...collectCounters(machine),
        ...collectEvents(machine),
      })
    },
  )

  test.each(['linux-6.5', 'linux-6.5-laf', 'range-v1'])('strategy %s', async (strategy) => {
    const scenario = { ...forkShared(2), strategy }
    const report = await runLive(scenario, { runs: 2 })
    expect(report).toMatchObject({ strategy, outcome: { kind: 'completed' } })
    expect(orderIndependent(report.counters)).toEqual(orderIndependent(countsOnOneThread(scenario)))
  })

  test('totals are sums over the CPUs, and every process is run once', async () => {
    for (const deal of ['static', 'queue'] as const) {
      const report = await runLive(forkShared(3, { deal }))
      const sum = (read: (cpu: (typeof report.perCpu)[number]) => number): number =>
        report.perCpu.reduce((total, cpu) => total + read(cpu), 0)
      expect(sum((cpu) => cpu.processes)).toBe(8)
      expect(sum((cpu) => cpu.counters.ptesCleared)).toBe(report.counters.ptesCleared)
      expect(report.counters.ptesCleared).toBe(8 * 300)
    }
  })
})

test('fork-shared folios: 1,000 runs on 2 to 8 threads lose nothing', {
  timeout: 120_000,
}, async () => {
  const expected = orderIndependent(countsOnOneThread(forkShared(2)))
  const plan = [
    { cpus: 2, lock: 'qspinlock', runs: 250 },
    { cpus: 3, lock: 'ttas', runs: 250 },
    { cpus: 5, lock: 'ticket', runs: 250 },
    { cpus: 8, lock: 'qspinlock', runs: 250 },
  ] as const
  for (const { cpus, lock, runs } of plan) {
    const report = await runLive(forkShared(cpus, { lock }), { runs })
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(orderIndependent(report.counters)).toEqual(expected)
    const varied = report.countersVary.filter((key) => key in expected)
    expect(varied).toEqual([])
  }
})

describe('the report', () => {
  test('holds times, locks, environment and the way to do it again', async () => {
    const scenario = presetScenario('exit-order3')
    const report = await runLive(scenario, { runs: 2 })
    const { time, locks, memory, environment } = report
    expect(report).toMatchObject({ engine: 'live', runs: 2, seed: scenario.seed, scenario })
    expect(report.reproduce).toBe('mmgather run exit-order3 --runs 2')
    expect(report.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(time.unit).toBe('ns')
    expect(time.perCpu).toHaveLength(2)
    for (const { min, median, max } of [time.teardown, time.perPage ?? time.teardown]) {
      expect(min).toBeGreaterThan(0)
      expect(median).toBeGreaterThanOrEqual(min)
      expect(max).toBeGreaterThanOrEqual(median)
    }
    // a CPU is done no later than the last one
    expect(Math.max(...time.perCpu)).toBeLessThanOrEqual(time.teardown.max)
    expect(time.setup).toBeGreaterThan(0)
    expect(locks.ptl.acquisitions).toBe(2 * report.counters.ptlAcquisitions)
    expect(locks.lruvec.acquisitions).toBeGreaterThan(0)
    expect(locks.lruvec.holdNs.samples).toBeGreaterThan(0)
    expect(locks.lruvec.holdNs.max).toBeGreaterThan(0)
    expect(memory.bytesPerPage).toBeLessThanOrEqual(32)
    expect(environment.cores).toBeGreaterThan(0)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('contention is seen: waits are counted and timed', async () => {
    // CPUs may miss each other, or find the lock free again before they spin
    let report = await runLive(separate(4, 8000), { runs: 3 })
    for (let more = 0; more < 20 && report.locks.lruvec.spins === 0; more++)
      report = await runLive(separate(4, 40_000), { runs: 3 })
    const { lruvec } = report.locks
    expect(lruvec.contended).toBeGreaterThan(0)
    expect(lruvec.spins).toBeGreaterThan(0)
    expect(lruvec.waitNs.total).toBeGreaterThan(0)
    expect(lruvec.waitNs.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(
      lruvec.contended,
    )
  })

  test('warns where figures say less than they seem to', async () => {
    const cpus = usableCores() + 2
    const many = await runLive(forkShared(cpus), { runs: 2 })
    expect(many.environment).toMatchObject({ cpusExceedCores: true, pinned: false })
    expect(many.environment.pinnedNote).toBe(`not pinned: ${cpus} CPUs on ${cpus - 2} cores`)
    expect(many.warnings.join()).toContain(`${cpus} CPUs on ${cpus - 2} cores: times`)
    const cold = await runLive(forkShared(1), { code: 'js' })
    expect(cold.warnings.join()).toContain('one run without warm-up')
    const warm = await runLive(forkShared(1), { warmup: 3 })
    expect(warm.warnings).toEqual([])
  })

  test('CPUs without a process do nothing', async () => {
    const report = await runLive(forkShared(5, {}, { count: 4 }))
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(report.perCpu.map(({ processes }) => processes)).toEqual([1, 1, 1, 1, 0])
  })
})

describe('bad input is refused before a thread starts', () => {
  test('too many CPUs', async () => {
    const error = await runLive(forkShared(LIVE_CPUS_MAX + 1)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LimitsError)
    expect(error).toMatchObject({
      field: 'machine.cpus',
      value: expect.stringContaining('257'),
      allowed: expect.stringContaining('256'),
      hint: expect.stringContaining('fewer'),
    })
  })

  test('an unknown strategy', async () => {
    const scenario = { ...forkShared(1), strategy: 'linux-0.99' }
    await expect(runLive(scenario)).rejects.toBeInstanceOf(ScenarioError)
  })

  test.each([
    [{ runs: 0 }, 'runs: got 0; allowed: an integer from 1'],
    [{ runs: 1.5 }, 'runs: got 1.5'],
    [{ warmup: -1 }, 'warmup: got -1; allowed: an integer from 0'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs: got NaN'],
    [{ progressIntervalMs: 0 }, 'progressIntervalMs: got 0'],
  ])('option %j', async (options, message) => {
    await expect(runLive(forkShared(1), options)).rejects.toThrow(message)
  })
})
