/**
 * The kernel text as WebAssembly on real threads: with shared folios nothing is lost, and if one atomic were not atomic
 * it would show.
 */
import {
  collectCounters,
  createMachine,
  populate,
  runOneCpu,
  type Scenario,
  STRATEGIES,
  strategyOf,
} from '@mmgather/core'
import { compileKernel } from '@mmgather/core/forms'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'

import { binary, type Code, OP } from '../../core/src/forms/wasm/code.ts'
import { INTRINSICS, type Intrinsics } from '../../core/src/forms/wasm/intrinsics.ts'
import { runLive } from '../src/index.ts'
import { optimised } from '../src/kernel-code.ts'
import { runLiveWith } from '../src/run-live.ts'
import { checkNoThreadLeft, assertCountsOf, forkShared, separate } from './support.ts'

/** Runs of all cases together, with MMGATHER_WASM_RUNS: every strategy with every number of threads. */
const RUNS = Number(process.env['MMGATHER_WASM_RUNS'] ?? 0)
const THREADS = [2, 3, 4, 5, 6, 7, 8]

/** By default 2 threads, 8, and one number between them, which goes round. */
function threadsFor(strategy: number): number[] {
  return RUNS > 0 ? THREADS : [2, 3 + (strategy % 5), 8]
}

afterEach(checkNoThreadLeft)

function countsOnOneThread(scenario: Scenario) {
  const machine = createMachine(scenario)
  populate(machine, scenario)
  runOneCpu(machine, strategyOf(scenario))
  return collectCounters(machine)
}

test('fork-shared folios on 2 to 8 threads: nothing is lost, what no order changes is what one CPU counts', {
  timeout: 600_000,
}, async () => {
  const cases = STRATEGIES.flatMap(({ strategy }, i) =>
    threadsFor(i).map((cpus) => ({ ...forkShared(cpus), strategy: strategy.id })),
  )
  const runs = Math.max(1, Math.ceil(RUNS / cases.length))
  for (const scenario of cases) {
    const report = await runLive(scenario, { runs, code: 'wasm' })
    expect(report.outcome).toEqual({ kind: 'completed' })
    expect(report.environment.code).toBe('wasm')
    assertCountsOf(report.counters, countsOnOneThread(scenario), scenario.strategy)
  }
})

/** Subtracts without a lock: loads, subtracts, stores. */
const BROKEN: Intrinsics = {
  ...INTRINSICS,
  fetchSub: {
    parameters: 2,
    result: true,
    emit: (operands, at, local) => {
      const [address, value, old] = [local(), local(), local()]
      const get = (n: number): Code => ({ op: 'get', local: n })
      const access = (opcode: number, more: Code[]): Code => ({
        op: 'access',
        opcode: [opcode],
        address: binary(OP.shl, get(address), { op: 'const', value: 2 }),
        offset: 0,
        operands: more,
        at,
      })
      return {
        op: 'block',
        label: { uses: 0 },
        body: [
          { op: 'set', local: address, value: operands[0] ?? get(address) },
          { op: 'set', local: value, value: operands[1] ?? get(value) },
          { op: 'set', local: old, value: access(0x28, []) },
          access(0x36, [binary(OP.sub, get(old), get(value))]),
          get(old),
        ],
        result: 'i32',
      }
    },
  },
}

test('a compiler that makes one atomic a plain operation is found out', {
  timeout: 120_000,
}, async () => {
  const scenario = { ...forkShared(2, { lock: 'ttas' }, { pages: 4000 }), strategy: 'linux-6.5' }
  const bytes = compileKernel({
    strategy: 'linux-6.5',
    read: (file) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'),
    intrinsics: BROKEN,
  })
  const report = await runLiveWith(scenario, { runs: 300 }, { kernel: optimised(bytes) })
  expect(report.outcome.kind).toBe('violated')
})

test('code is what was asked for, by default WebAssembly', async () => {
  const scenario = separate(1, 100)
  expect((await runLive(scenario)).environment.code).toBe('wasm')
  const js = await runLive(scenario, { code: 'js' })
  expect(js.environment.code).toBe('js')
  expect(js.reproduce).toContain('--code js')
  await expect(runLive(scenario, { code: 'c' as 'js' })).rejects.toThrow(
    'code: got c; allowed: wasm, js',
  )
})
