import type { RunReport } from '@mmgather/core'
import { compileKernel } from '@mmgather/core/forms'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type KernelCode, optimised } from '../src/kernel-code.ts'
import { runLiveWith } from '../src/run-live.ts'
import { checkNoThreadLeft, separate, timed } from './support.ts'

/** A run that waited for the CPU that is gone would never end; how soon it does is measured elsewhere (`npm run bench -- abort`). */
const LIMIT_MS = 30_000
const folder = mkdtempSync(join(tmpdir(), 'mmgather-'))
const stamp = join(folder, 'time-of-fault')

beforeEach(() => writeFileSync(stamp, '0'))
afterAll(() => rmSync(folder, { recursive: true }))

afterEach(() => {
  delete process.env['MMGATHER_TEST_FAULT']
  checkNoThreadLeft()
})

const kernel = optimised(
  compileKernel({
    strategy: 'failing',
    read: textOf,
    extra: ['packages/workers/test/fault-strategy.ts'],
  }),
)

/** A file of the repository. */
function textOf(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
}

/** Runs with CPU 1 failing; the time is from the fault to the report. */
async function withFault(code: KernelCode, fault: string, scenario = separate(3, 2000)) {
  const entry = new URL('./fault-worker.ts', import.meta.url)
  process.env['MMGATHER_TEST_FAULT'] = fault
  process.env['MMGATHER_TEST_STAMP'] = stamp
  const hooks = code === 'wasm' ? { entry, kernel } : { entry }
  const report = await runLiveWith(scenario, { verify: false, code }, hooks)
  expect(report.environment.code).toBe(code)
  return { report, ms: Date.now() - Number(readFileSync(stamp, 'utf8')) }
}

function failure(report: RunReport): string {
  expect(report.outcome).toMatchObject({ kind: 'failed', cpu: 1 })
  return report.outcome.kind === 'failed' ? report.outcome.message : ''
}

describe.each(['wasm', 'js'] as const)('a CPU fails in the middle of its work: %s', (code) => {
  test('it throws', async () => {
    const { report, ms } = await withFault(code, 'throw')
    expect(failure(report)).toMatch(
      /^CPU 1: TypeError: planted; it was tearing down process 1 \(worker\): 1 visits of page tables/,
    )
    expect(failure(report)).toContain('zapPteRange')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('an assertion of the kernel text fails', async () => {
    const { report, ms } = await withFault(code, 'bug')
    expect(report.outcome).toMatchObject({
      kind: 'violated',
      violations: [{ rule: 'bug-on', message: expect.stringContaining('_mapcount fell below -1') }],
    })
    const message = JSON.stringify(report.outcome)
    expect(message).toContain('CPU 1')
    expect(message).toContain('process 1 (worker)')
    expect(message).toContain('zapPtes < zapPteRange')
    // only compiled text knows its places
    const place = /, at packages\/core\/src\/mm\/memory\.ts:\d+:\d+/
    expect(place.test(message)).toBe(code === 'wasm')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('its thread exits', async () => {
    const { report, ms } = await withFault(code, 'exit')
    expect(failure(report)).toMatch(/thread ended with exit code 7; it was tearing down process 1/)
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('its thread exits with a lock that others wait for', async () => {
    const { report, ms } = await withFault(code, 'exit-locked', separate(3, 20_000))
    expect(failure(report)).toContain('exit code 7')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  // on a busy machine the CPU may count as hung before its heap is full
  test('its thread runs out of memory', { retry: 8 }, async () => {
    const { report } = await withFault(code, 'oom')
    expect(failure(report)).toContain('out of memory (ERR_WORKER_OUT_OF_MEMORY)')
  })

  test('it never comes up', async () => {
    const { report } = await withFault(code, 'at-start')
    expect(failure(report)).toContain('exit code 3; it was before the start')
    expect(report.counters.ptesCleared).toBe(0)
  })
})

describe.each(['wasm', 'js'] as const)('a CPU hangs: %s', (code) => {
  test.each(['spin', 'sleep', 'spin-locked'])('%s', async (fault) => {
    const { report, ms } = await withFault(code, fault, separate(3, 20_000))
    expect(failure(report)).toMatch(
      /^CPU 1: hung: no progress for \d+ ms, nor did it leave; it was/,
    )
    expect(failure(report)).toContain('tearing down process 1 (worker)')
    expect(failure(report)).toMatch(/last logged: started, \d+ ms after it arrived/)
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('all wait for a lock that is never released', async () => {
    const { report, ms } = await withFault(code, 'never-unlock', separate(2, 20_000))
    expect(report.outcome.kind).toBe('failed')
    const message = JSON.stringify(report.outcome)
    expect(message).toContain('waited in vain')
    expect(message).toContain('spinLock <')
    expect(ms).toBeLessThan(LIMIT_MS)
  })
})

test('compiled text traps: the report names the function and the place in the text', async () => {
  const { report, ms } = await withFault('wasm', 'trap')
  expect(failure(report)).toMatch(
    /^CPU 1: RuntimeError: memory access out of bounds; it was tearing down process 1/,
  )
  const [, names, file = '', line] = /, in (.*), at (\S+):(\d+):\d+;/.exec(failure(report)) ?? []
  // the primitive was inlined into the first function, and that into the second
  expect(names).toMatch(/^readOnce < freePagesAndSwapCache < tlbBatchFlush < /)
  expect(file).toBe('packages/core/src/mm/swap-state.ts')
  expect(textOf(file).split('\n')[Number(line) - 1]).toContain('readOnce(folio + PAGE_FLAGS)')
  expect(ms).toBeLessThan(LIMIT_MS)
})

test('a thread that somebody kills ends the run', async () => {
  const { value: report, ms } = await timed(
    runLiveWith(
      separate(2, 30_000),
      { runs: 1000, verify: false },
      { onUp: ({ links }) => setTimeout(() => void links[1]?.close(true), 200) },
    ),
  )
  expect(failure(report)).toMatch(/thread ended with exit code 1/)
  expect(ms).toBeLessThan(LIMIT_MS)
})
