/**
 * The CPU thread as it ships: one bundle, in which the machine, the CPU and the strategy are constants and atomics are
 * compiled, with the kernel text in both of its forms. The other tests run the thread from source; this one needs `npm run build`, which `npm test` does first.
 */
import { type CounterKey, type RunReport, STRATEGIES } from '@mmgather/core'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { assertCountsOf } from './support.ts'

interface Case {
  strategy: string
  lock: string
  code: string
  environment: string
  module: string
  outcome: RunReport['outcome']
  counters: Record<CounterKey, number>
  expected: Record<CounterKey, number>
  taken: number
}

test('the bundled CPU thread counts what one thread counts, and loses nothing', {
  timeout: 120_000,
}, () => {
  const printed = execFileSync(
    process.execPath,
    [fileURLToPath(new URL('./built-bundle.ts', import.meta.url))],
    { encoding: 'utf8', timeout: 110_000, env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const cases = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Case)
  // strategies x kinds of locks x forms of the code
  expect(cases).toHaveLength(STRATEGIES.length * 3 * 2)
  for (const each of cases) {
    const { module, strategy, lock, code, environment, outcome, counters, expected, taken } = each
    expect(environment).toBe(code)
    expect(module).toMatch(/\/dist\/cpu-worker\.js$/)
    // completed: verify found nothing after any of the 30 runs
    expect({ strategy, lock, code, outcome }).toEqual({
      strategy,
      lock,
      code,
      outcome: { kind: 'completed' },
    })
    assertCountsOf(counters, expected, strategy)
    expect(taken).toBeGreaterThan(0)
  }
})
