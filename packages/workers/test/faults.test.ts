import type { RunReport } from '@mmgather/core'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runLiveWith } from '../src/run-live.ts'
import { checkNoThreadLeft, separate, timed } from './support.ts'

const LIMIT_MS = 2000
const folder = mkdtempSync(join(tmpdir(), 'mmgather-'))
const stamp = join(folder, 'time-of-fault')

beforeEach(() => writeFileSync(stamp, '0'))
afterAll(() => rmSync(folder, { recursive: true }))

afterEach(() => {
  delete process.env['MMGATHER_TEST_FAULT']
  checkNoThreadLeft()
})

/** Runs with CPU 1 failing; the time is from the fault to the report. */
async function withFault(fault: string, scenario = separate(3, 2000)) {
  const entry = new URL('./fault-worker.ts', import.meta.url)
  process.env['MMGATHER_TEST_FAULT'] = fault
  process.env['MMGATHER_TEST_STAMP'] = stamp
  const report = await runLiveWith(scenario, { verify: false }, { entry })
  return { report, ms: Date.now() - Number(readFileSync(stamp, 'utf8')) }
}

function failure(report: RunReport): string {
  expect(report.outcome).toMatchObject({ kind: 'failed', cpu: 1 })
  return report.outcome.kind === 'failed' ? report.outcome.message : ''
}

describe('a CPU fails in the middle of its work', () => {
  test('it throws', async () => {
    const { report, ms } = await withFault('throw')
    expect(failure(report)).toMatch(
      /^CPU 1: TypeError: planted; it was tearing down process 1 \(worker\): 1 visits of page tables/,
    )
    expect(failure(report)).toContain('zapPteRange')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('an assertion of the kernel text fails', async () => {
    const { report, ms } = await withFault('bug')
    expect(report.outcome).toMatchObject({
      kind: 'violated',
      violations: [{ rule: 'bug-on', message: expect.stringContaining('_mapcount fell below -1') }],
    })
    const message = JSON.stringify(report.outcome)
    expect(message).toContain('CPU 1')
    expect(message).toContain('process 1 (worker)')
    expect(message).toContain('zapPtes < zapPteRange')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('its thread exits', async () => {
    const { report, ms } = await withFault('exit')
    expect(failure(report)).toMatch(/thread ended with exit code 7; it was tearing down process 1/)
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('its thread exits with a lock that others wait for', async () => {
    const { report, ms } = await withFault('exit-locked', separate(3, 20_000))
    expect(failure(report)).toContain('exit code 7')
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('its thread runs out of memory', async () => {
    const { report } = await withFault('oom')
    expect(failure(report)).toContain('out of memory (ERR_WORKER_OUT_OF_MEMORY)')
  })

  test('it never comes up', async () => {
    const { report } = await withFault('at-start')
    expect(failure(report)).toContain('exit code 3; it was before the start')
    expect(report.counters.ptesCleared).toBe(0)
  })
})

describe('a CPU hangs', () => {
  test.each(['spin', 'sleep', 'spin-locked'])('%s', async (fault) => {
    const { report, ms } = await withFault(fault, separate(3, 20_000))
    expect(failure(report)).toMatch(
      /^CPU 1: hung: no progress for \d+ ms, nor did it leave; it was/,
    )
    expect(failure(report)).toContain('tearing down process 1 (worker)')
    expect(failure(report)).toMatch(/last logged: started, \d+ ms after it arrived/)
    expect(ms).toBeLessThan(LIMIT_MS)
  })

  test('all wait for a lock that is never released', async () => {
    const { report, ms } = await withFault('never-unlock', separate(2, 20_000))
    expect(report.outcome.kind).toBe('failed')
    const message = JSON.stringify(report.outcome)
    expect(message).toContain('waited in vain')
    expect(message).toContain('spinLock <')
    expect(ms).toBeLessThan(LIMIT_MS)
  })
})

test('a thread that somebody kills ends the run', async () => {
  const { value: report, ms } = await timed(
    runLiveWith(
      separate(2, 30_000),
      { runs: 1000, verify: false },
      { onUp: (links) => setTimeout(() => void links[1]?.close(true), 200) },
    ),
  )
  expect(failure(report)).toMatch(/thread ended with exit code 1/)
  expect(ms).toBeLessThan(10_000)
})
