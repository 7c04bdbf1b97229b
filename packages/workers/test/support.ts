/**
 * Scenarios, and a count of threads, for the tests of the live engine.
 */
import {
  COUNTER_KEYS,
  type CounterKey,
  parseScenario,
  type RunReport,
  type Scenario,
  type ScenarioInput,
} from '@mmgather/core'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'

/** Processes of which four map the same folios, small and large, mostly dealt to different CPUs. */
export function forkShared(
  cpus: number,
  machine: ScenarioInput['machine'] = {},
  processes: { count?: number; pages?: number } = {},
): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'fork-shared',
    machine: { ...machine, cpus },
    processes: [
      {
        name: 'worker',
        count: processes.count ?? 8,
        share: 4,
        vmas: [
          {
            kind: 'anon',
            pages: processes.pages ?? 300,
            folios: [
              { order: 3, count: 2 },
              { order: 0, count: 16 },
            ],
          },
        ],
      },
    ],
  })
}

/** Two processes on each CPU that share nothing but lruvec, zone and deferred split queue. */
export function separate(cpus: number, pages: number, order = 0): Scenario {
  return parseScenario({
    schema: 'mmgather/scenario@1',
    name: 'separate',
    machine: { cpus },
    processes: [
      { name: 'worker', count: 2 * cpus, vmas: [{ kind: 'anon', pages, folios: [{ order }] }] },
    ],
  })
}

/** Counters that depend on who frees a shared folio, and when a list or batch of a CPU is full. */
const ORDER_DEPENDENT: readonly CounterKey[] = [
  'lruvecLockAcquisitions',
  'memcgUnchargeBatches',
  'pcpLockAcquisitions',
  'zoneLockAcquisitions',
  'splitLockAcquisitions',
  'deferredSplitCalls',
  'deferredSplitInserts',
  'deferredSplitRemovals',
  'statUpdates',
]

/** The counters that no order of events changes. */
export function orderIndependent(counters: RunReport['counters']): Partial<RunReport['counters']> {
  return Object.fromEntries(
    COUNTER_KEYS.filter((key) => !ORDER_DEPENDENT.includes(key)).map((key) => [key, counters[key]]),
  )
}

/** Strategies with one atomic on _nr_pages_mapped for a run that finds a page's last mapping. */
const ONE_ATOMIC_A_RUN = ['linux-6.12', 'linux-6.18']

/**
 * Throws unless the counts of several CPUs are those of one, `alone`, but for what the order of events changes. Where two runs
 * meet in a folio, each may find last mappings, so that there are more atomics on _nr_pages_mapped, one a run at most.
 */
export function assertCountsOf(
  counters: RunReport['counters'],
  alone: RunReport['counters'],
  strategy: string,
): void {
  const { nrPagesMappedAtomics: atomics = 0, ...others } = orderIndependent(counters)
  const { nrPagesMappedAtomics: least = 0, ...expected } = orderIndependent(alone)
  assert.deepEqual(others, expected)
  const most = ONE_ATOMIC_A_RUN.includes(strategy) ? counters.rmapCalls : least
  assert.ok(
    least <= atomics && atomics <= most,
    `nrPagesMappedAtomics under ${strategy}: ${atomics}, expected ${least} to ${most}`,
  )
}

/** Throws if a CPU thread is left in this process: for `afterEach`. */
export function checkNoThreadLeft(): void {
  assert.equal(cpuThreads(), 0, 'CPU threads are left behind')
}

/** Threads of this process that are CPUs of the live engine. */
function cpuThreads(): number {
  return readdirSync('/proc/self/task').filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').startsWith('mmgather CPU')
    } catch {
      return false
    }
  }).length
}

/** What a promise resolves with, and the milliseconds it took. */
export async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now()
  const value = await promise
  return { value, ms: performance.now() - start }
}
