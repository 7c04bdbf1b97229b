/**
 * Run reports for tests of their output: a plain one, and one in which everything is as large as it can be.
 */
import {
  COUNTER_KEYS,
  EVENT_KEYS,
  LOCK_CLASS_KEYS,
  type LockStatistics,
  presetScenario,
  RUN_REPORT_SCHEMA,
  type RunReport,
  VMSTAT_KEYS,
} from '@mmgather/core'

/** The same value for each of these keys. */
function fill<K extends string, V>(keys: readonly K[], value: V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>
}

export function sampleReport(changes: Partial<RunReport> = {}): RunReport {
  const scenario = presetScenario('exit-order0')
  const counters = fill(COUNTER_KEYS, 131_072)
  return {
    schema: RUN_REPORT_SCHEMA,
    version: '0.1.0',
    scenario,
    strategy: scenario.strategy,
    engine: 'live',
    seed: scenario.seed,
    runs: 5,
    outcome: { kind: 'completed' },
    counters,
    countersVary: [],
    events: fill(EVENT_KEYS, 0),
    vmstat: fill(VMSTAT_KEYS, 0),
    perCpu: [0, 1].map((cpu) => ({ cpu, processes: 1, counters })),
    locks: fill(LOCK_CLASS_KEYS, lock(4096, 12, 1500)),
    time: {
      unit: 'ns',
      teardown: { median: 12_345_678, min: 12_000_000, max: 13_000_000 },
      perPage: { median: 94.17, min: 90, max: 101.4 },
      perCpu: [12_300_000, 12_345_678],
      setup: 812_000_000,
    },
    memory: { bufferBytes: 4_300_000, simulatedPages: 131_072, bytesPerPage: 32.8 },
    environment: {
      code: 'wasm',
      runtime: 'node 24.21.0',
      platform: 'linux x64',
      cpuModel: 'test',
      cores: 2,
      pinned: true,
      pinnedNote: 'one core each: 0, 1',
      cpusExceedCores: false,
    },
    warnings: [],
    reproduce: 'mmgather run exit-order0',
    ...changes,
  }
}

/** Figures and names at their largest. */
export function hugeReport(): RunReport {
  const base = sampleReport()
  const long = 'n'.repeat(300)
  const ns = 9.87e12
  return sampleReport({
    scenario: { ...base.scenario, name: `${long} a few words ${long}` },
    strategy: long,
    runs: 1_000_000,
    seed: 2 ** 31 - 1,
    counters: fill(COUNTER_KEYS, 98_765_432_109),
    countersVary: [...COUNTER_KEYS],
    locks: fill(LOCK_CLASS_KEYS, lock(9_876_543_210_987, 9_876_543_210_987, ns)),
    time: {
      unit: 'ns',
      teardown: { median: ns, min: ns, max: ns },
      perPage: { median: ns, min: ns, max: ns },
      perCpu: Array.from({ length: 1024 }, (_, cpu) => ns + cpu),
      setup: ns,
    },
    memory: { bufferBytes: 2 ** 32, simulatedPages: 2 ** 32, bytesPerPage: 1 },
    environment: { ...base.environment, pinned: false, pinnedNote: `taskset: ${long}` },
    warnings: [`a warning of many words ${'and more words '.repeat(20)}`, long],
  })
}

/** A report in virtual time on so many CPUs; everything that has a length has `ns`. */
export function virtualReport(cpus: number, ns: number): RunReport {
  const scenario = presetScenario('exit-order0')
  const base = sampleReport({ engine: 'virtual', runs: 1 })
  const numbers = Array.from({ length: cpus }, (_, cpu) => cpu)
  const waitNs = { ...fill(LOCK_CLASS_KEYS, 0), lruvec: ns }
  const parts = { runningNs: ns, transferNs: ns, ipiNs: ns, workNs: ns, delayNs: 0, waitNs }
  return {
    ...base,
    scenario: { ...scenario, machine: { ...scenario.machine, cpus } },
    perCpu: numbers.map((cpu) => ({ cpu, processes: 1, counters: base.counters })),
    time: { ...base.time, perCpu: numbers.map(() => 5 * ns), setup: 0 },
    locks: fill(LOCK_CLASS_KEYS, { ...lock(4096, 12, ns), acqBounces: 4000, conBounces: 11 }),
    virtual: {
      profile: 'skylake-104',
      mhz: 2800,
      arrivalJitterNs: 1000,
      events: 1000,
      cpuTime: numbers.map((cpu) => ({ cpu, totalNs: (5 + cpu) * ns, ...parts })),
      lockWaits: numbers.flatMap((waiter) =>
        numbers
          .filter((holder) => holder !== waiter && (holder + waiter) % 3 > 0)
          .map((holder) => ({ waiter, holder, ns: ns + holder })),
      ),
      lineTransfers: { smt: 1, cluster: 20, socket: 300, remote: 4000 },
      interrupts: { ipisSent: 12, ipisHandled: 12, offNsTotal: 3 * ns, offNsMax: ns },
      functions: Array.from({ length: 20 }, (_, i) => ({
        function: `someFunctionOfTheKernel${i}`,
        calls: 1000 - i,
        inclusiveNs: 2 * ns,
        exclusiveNs: ns,
      })),
    },
  }
}

export function lock(acquisitions: number, contended: number, ns: number): LockStatistics {
  const times = { min: ns, max: ns, total: Math.min(ns * contended, 9e20), avg: ns, histogram: [] }
  return {
    acquisitions,
    contended,
    spins: contended * 40,
    waitNs: times,
    holdNs: { samples: Math.ceil(acquisitions / 64), ...times },
  }
}
