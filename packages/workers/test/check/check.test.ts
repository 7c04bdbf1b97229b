/**
 * Checks on threads: what one thread finds, several find; a broken rule rejects with its counterexample.
 */
import { type CheckReport, parseScenario, parseToken, replayCheck, runCheck } from '@mmgather/core'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { worldScenario } from '../../../core/test/engines/check/world-scenario.ts'
import {
  check,
  CheckFailedError,
  disposeStrategyFile,
  loadStrategyFile,
  openCheckThreads,
  runCheckInThreads,
} from '../../src/index.ts'

describe.each([
  ['shared-order2', 'range-v1'],
  ['two-gathers-and-access', 'linux-6.5'],
  ['reclaim-beside-exit', 'linux-6.18'],
])('%s, %s', (world, strategy) => {
  test('the same verdict and as many results on 1, 2 and 3 threads as without', async () => {
    const scenario = worldScenario(world, strategy)
    const { verdict, outcomes } = runCheck(scenario)
    for (const jobs of [1, 2, 3]) {
      const shared = await runCheckInThreads(scenario, { jobs })
      expect({ verdict: shared.verdict, outcomes: shared.outcomes }).toEqual({ verdict, outcomes })
    }
  })
})

/** Some more executions than a part makes before it gives something away: 36 for each page, by plain values. */
const TWO_PAGES = parseScenario({
  schema: 'mmgather/scenario@1',
  name: 'two pages, three processes',
  strategy: 'range-v1',
  machine: { cpus: 3, pcp: { count: 2, high: 65_536 } },
  processes: [
    {
      memcg: 'root',
      count: 3,
      share: 3,
      vmas: [{ kind: 'anon', pages: 2, folios: [{ order: 0 }] }],
    },
  ],
})

test('a part that goes on for long is shared: as many executions, and as many given up, whoever takes part', async () => {
  const { executions, outcomes } = runCheck(TWO_PAGES, { values: 'plain' })
  expect(executions).toBe(1296)
  const shared: CheckReport[] = []
  for (const jobs of [2, 3])
    shared.push(await runCheckInThreads(TWO_PAGES, { jobs, values: 'plain' }))
  for (const report of shared) {
    expect(report).toMatchObject({ verdict: { kind: 'exhaustive' }, executions, outcomes })
    expect(report.abandoned).toBe(shared[0]?.abandoned)
    expect(report.steps).toBe(shared[0]?.steps)
  }
})

test('a bound on executions is one of all threads together, with parts that nobody has begun', async () => {
  const { verdict } = await runCheckInThreads(TWO_PAGES, {
    jobs: 2,
    values: 'plain',
    executionsMax: 1100,
  })
  expect(verdict).toMatchObject({ kind: 'bounded', by: 'the number of executions' })
  expect(verdict).toHaveProperty(
    'executions',
    expect.toSatisfy((n) => n >= 1100 && n <= 1101),
  )
})

test('samples are shared out: as many schedules, the same results', async () => {
  const scenario = worldScenario('shared-order2', 'range-v1')
  const options = { scheduler: 'random', samples: 200 } as const
  const { verdict, outcomes } = runCheck(scenario, options)
  const shared = await runCheckInThreads(scenario, { ...options, jobs: 2 })
  expect({ verdict: shared.verdict, outcomes: shared.outcomes }).toEqual({ verdict, outcomes })
})

test('a broken rule: the counterexample does not depend on the threads', async () => {
  const scenario = worldScenario('split-scan', 'linux-6.5')
  const tokens: (string | undefined)[] = []
  for (const jobs of [1, 2]) {
    const { counterexample } = await runCheckInThreads(scenario, { jobs, world: 'split-scan' })
    tokens.push(counterexample?.token)
  }
  expect(tokens[1]).toBe(tokens[0])
  expect(replayCheck(parseToken(tokens[0] ?? '')).rule).toBe('data-race')
})

test('all rules: verdict, executions and counterexamples do not depend on the threads', async () => {
  const scenario = worldScenario('split-scan', 'linux-6.5')
  const options = { allRules: true, world: 'split-scan' }
  const reports: CheckReport[] = []
  for (const jobs of [1, 2, 3])
    reports.push(await runCheckInThreads(scenario, { ...options, jobs }))
  const [one] = reports
  expect(one?.verdict).toMatchObject({ rules: ['data-race'], search: { kind: 'exhaustive' } })
  for (const { verdict, executions, outcomes, counterexample } of reports) {
    expect({ verdict, executions, outcomes }).toEqual({
      verdict: one?.verdict,
      executions: one?.executions,
      outcomes: one?.outcomes,
    })
    expect(counterexample?.token).toBe(one?.counterexample?.token)
  }
})

test('an abort ends it, and the report says so', async () => {
  const report = await runCheckInThreads(worldScenario('shared-order3', 'linux-6.12'), {
    signal: AbortSignal.abort(),
  })
  expect(report.verdict).toMatchObject({ kind: 'bounded', by: 'interrupted' })
})

test('what is wrong with the scenario rejects as it is', async () => {
  const { machine, ...rest } = worldScenario('shared-order0', 'linux-6.5')
  await expect(runCheckInThreads({ ...rest, machine: { ...machine, cpus: 9 } })).rejects.toThrow(
    /at most 8 in a check/,
  )
  await expect(
    runCheckInThreads(worldScenario('shared-order0', 'linux-6.5'), { jobs: 0 }),
  ).rejects.toThrow(RangeError)
})

describe('check, in tests', () => {
  test('resolves with the report', async () => {
    const { verdict } = await check('shared-order0', { strategy: 'range-v1' })
    expect(verdict).toEqual({ kind: 'exhaustive', executions: 4 })
  })

  test('rejects with the counterexample as its message', async () => {
    const failed = check('pmd-then-pte', { strategy: 'range-v1' })
    await expect(failed).rejects.toThrow(CheckFailedError)
    await expect(failed).rejects.toThrow(
      /mmgather replay mmg1:range-v1:rmap-once:0x10:pmd-then-pte/,
    )
  })

  test('refuses a world that there is not', async () => {
    await expect(check('nowhere')).rejects.toThrow(/nowhere/)
  })
})

test('threads check one scenario after the other, each as if it were the first', async () => {
  const cases = [
    ['shared-order2', 'range-v1'],
    ['shared-order0', 'linux-6.5'],
    ['partial-munmap', 'linux-6.12'],
    ['shared-order2', 'range-v1'],
  ] as const
  for (const jobs of [1, 2]) {
    const threads = openCheckThreads(jobs)
    try {
      for (const [world, strategy] of cases) {
        const scenario = worldScenario(world, strategy)
        const report = await threads.check(scenario)
        expect(report).toEqual(await runCheckInThreads(scenario, { jobs }))
        // what cannot be checked leaves the threads as they were
        const { machine, ...rest } = scenario
        const refused = threads.check({ ...rest, machine: { ...machine, cpus: 9 } })
        await expect(refused).rejects.toThrow(/at most 8 in a check/)
      }
    } finally {
      await threads.close()
    }
    await expect(threads.check(worldScenario('shared-order0', 'linux-6.5'))).rejects.toThrow(
      'ended with exit code',
    )
  }
})

/** Calls itself until the stack is full. */
const DEEP = `import { linux65, type Strategy } from '@mmgather/core/kernel'

function deep(cpu: number, slots: number, nr: number): void {
  deep(cpu, slots, nr)
}

export const tooDeep: Strategy = { ...linux65, id: 'too-deep', freeSlotsAndSwapCache: deep }
`

test('what a strategy throws ends its check, and leaves the threads as they were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mmgather-check-'))
  const path = join(folder, 'deep.ts')
  writeFileSync(path, DEEP)
  const strategyFile = await loadStrategyFile(path)
  const threads = openCheckThreads(2)
  const scenario = worldScenario('shared-order0', 'linux-6.5')
  try {
    const thrown = threads.check(scenario, { strategyFile })
    await expect(threads.check(scenario)).rejects.toThrow('these threads are at a check')
    await expect(thrown).rejects.toThrow(`${path}: calls functions too deeply: a recursion`)
    expect((await threads.check(scenario)).verdict).toEqual({ kind: 'exhaustive', executions: 4 })
  } finally {
    await threads.close()
    disposeStrategyFile(strategyFile)
    rmSync(folder, { recursive: true })
  }
})
