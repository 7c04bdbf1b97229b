/**
 * Tests of the virtual engine in a thread: the same report, stopping it, progress, and a thread that fails.
 */
import { LimitsError, runVirtual, ScenarioError } from '@mmgather/core'
import { afterEach, describe, expect, test } from 'vitest'

import { loadVirtualKernel } from '../src/kernel-code.ts'
import {
  runVirtualInThread,
  type RunVirtualInThreadOptions,
  runVirtualInThreadWith,
  type VirtualProgress,
} from '../src/run-virtual.ts'
import { revivedError, thrownError, VirtualThreadError } from '../src/virtual-errors.ts'
import { checkNoThreadLeft, separate } from './support.ts'

afterEach(() => {
  delete process.env['MMGATHER_TEST_FAULT']
  checkNoThreadLeft()
})

const SMALL = separate(3, 500)
/** More than any test waits for. */
const ENDLESS = { runs: 1_000_000, verify: false }

describe('the report', () => {
  test('is the one that runVirtual gives', async () => {
    const options = { runs: 2, functions: true, samples: true, arrivalJitterNs: 50, reproduce: 'x' }
    const report = await runVirtualInThread(SMALL, options)
    expect(report).toEqual(runVirtual(SMALL, options))
    expect(report.outcome).toEqual({ kind: 'completed' })
  })

  test('is the same in JavaScript and compiled', async () => {
    expect(await loadVirtualKernel(SMALL.strategy)).toMatchObject({ strategy: SMALL.strategy })
    const options = { runs: 2, samples: true }
    const report = await runVirtualInThread(SMALL, options)
    expect(report).toEqual(await runVirtualInThread(SMALL, { ...options, code: 'js' }))
    expect(report.outcome).toEqual({ kind: 'completed' })
  })

  test('of runs at the same time is the same', async () => {
    const [one, other] = await Promise.all([runVirtualInThread(SMALL), runVirtualInThread(SMALL)])
    expect(one).toEqual(other)
  })
})

describe('a stop', () => {
  test('by the signal keeps what was finished', async () => {
    const controller = new AbortController()
    const report = await runVirtualInThread(SMALL, {
      ...ENDLESS,
      signal: controller.signal,
      progressIntervalMs: 5,
      onProgress: ({ run }) => {
        if (run > 3) controller.abort()
      },
    })
    expect(report.outcome.kind).toBe('interrupted')
    expect(report.outcome).toMatchObject({ runsCompleted: expect.any(Number) })
    expect(report.time.teardown.max).toBeGreaterThan(0)
  })

  test('before the start starts no thread', async () => {
    const signal = AbortSignal.abort()
    const report = await runVirtualInThreadWith(SMALL, { signal }, { entry: new URL('file:///no') })
    expect(report.outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
  })

  test('ends a thread that does not look, in its first run', async () => {
    const report = await withFault('deaf', { signal: AbortSignal.timeout(300) })
    expect(report.outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
  })
})

describe('progress', () => {
  test('is told while the runs go on, and only grows', async () => {
    const seen: VirtualProgress[] = []
    const scenario = separate(2, 20_000)
    await runVirtualInThread(scenario, {
      runs: 3,
      progressIntervalMs: 1,
      onProgress: (progress) => seen.push(progress),
    })
    expect(seen.length).toBeGreaterThan(2)
    const fractions = seen.map(({ fraction }) => fraction)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toMatchObject({ runs: 3, processes: 4, mappedPages: 80_000 })
    expect(seen.some(({ ptesCleared }) => ptesCleared > 0)).toBe(true)
  })

  test('that throws ends the thread', async () => {
    const onProgress = (): void => {
      throw new TypeError('no more')
    }
    const run = runVirtualInThread(SMALL, { ...ENDLESS, onProgress, progressIntervalMs: 5 })
    await expect(run).rejects.toThrow(TypeError)
  })
})

function withFault(fault: string, options: RunVirtualInThreadOptions = {}) {
  process.env['MMGATHER_TEST_FAULT'] = fault
  const entry = new URL('./fault-virtual-worker.ts', import.meta.url)
  return runVirtualInThreadWith(SMALL, options, { entry })
}

describe('a thread that fails', () => {
  test.for([
    ['throw', /^the thread of the virtual engine: TypeError: planted$/],
    ['tell', /^the thread of the virtual engine: TypeError: told$/],
    ['exit', /^the thread of the virtual engine: it ended with exit code 3 before its report$/],
  ] as const)('%s rejects and says why', async ([fault, message]) => {
    const run = withFault(fault)
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toBeInstanceOf(VirtualThreadError)
  })
})

describe('input that cannot be run rejects with the error of runVirtual', () => {
  test('an unknown strategy', async () => {
    const run = runVirtualInThread({ ...SMALL, strategy: 'none' })
    await expect(run).rejects.toBeInstanceOf(ScenarioError)
  })

  test('an option out of bounds', async () => {
    const run = runVirtualInThread(SMALL, { runs: 0 })
    await expect(run).rejects.toThrow(RangeError)
    await expect(run).rejects.toThrow('runs: got 0; allowed: an integer from 1 to 1000000')
  })

  test('too many CPUs: the error crosses with its fields', () => {
    const details = { field: 'machine.cpus', value: '2', allowed: '1', hint: 'fewer' }
    const revived = revivedError(structuredClone(thrownError(new LimitsError(details))))
    expect(revived).toBeInstanceOf(LimitsError)
    expect(revived).toEqual(new LimitsError(details))
  })
})
