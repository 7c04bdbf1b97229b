import { CONTROL, CTL_ABORT, type Machine } from '@mmgather/core'
import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, test } from 'vitest'

import { CPU_FINISHED, cpuState } from '../src/cpu-state.ts'
import { type LiveProgress, runLive } from '../src/index.ts'
import { readLog } from '../src/log-ring.ts'
import { runLiveWith } from '../src/run-live.ts'
import { checkNoThreadLeft, separate, timed } from './support.ts'

afterEach(checkNoThreadLeft)

/** Aborts once `runs` runs are finished. */
function afterRuns(runs: number, controller: AbortController) {
  return (progress: LiveProgress): void => {
    if (progress.run > runs) controller.abort()
  }
}

describe('a signal', () => {
  test('stops the runs; those that were finished are in the report', async () => {
    const controller = new AbortController()
    const { value: report, ms } = await timed(
      runLive(separate(2, 20_000), {
        runs: 100_000,
        signal: controller.signal,
        progressIntervalMs: 1,
        onProgress: afterRuns(3, controller),
      }),
    )
    expect(ms).toBeLessThan(60_000)
    expect(report.outcome.kind).toBe('interrupted')
    const completed = report.outcome.kind === 'interrupted' ? report.outcome.runsCompleted : 0
    expect(completed).toBeGreaterThanOrEqual(3)
    expect(report.counters.ptesCleared).toBe(4 * 20_000)
    expect(report.time.teardown.min).toBeGreaterThan(0)
    expect(report.warnings[0]).toBe(
      `interrupted after ${completed} of 100000 runs: the figures are of those`,
    )
  })

  test('stops a run that is under way', async () => {
    const controller = new AbortController()
    const report = await runLive(separate(4, 50_000), {
      signal: controller.signal,
      progressIntervalMs: 1,
      onProgress: ({ ptesCleared }) => {
        if (ptesCleared > 0) controller.abort()
      },
    })
    expect(report.outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
    expect(report.counters.ptesCleared).toBeGreaterThan(0)
    expect(report.counters.ptesCleared).toBeLessThan(8 * 50_000)
    expect(report.time).toMatchObject({ teardown: { max: 0 }, perPage: null, perCpu: [0, 0, 0, 0] })
  })

  test('that came before starts nothing', async () => {
    const report = await runLive(separate(1, 100), { signal: AbortSignal.abort() })
    expect(report.outcome).toEqual({ kind: 'interrupted', runsCompleted: 0 })
    expect(report.counters.ptesCleared).toBe(0)
  })

  test('does not keep its listeners', async () => {
    const { signal } = new AbortController()
    await runLive(separate(1, 100), { signal, runs: 5 })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe.each(['wasm', 'js'] as const)('a run that is given up: %s', (code) => {
  // two processes a CPU under one lruvec: CPUs are at work, wait for its lock, or nap there
  test('nothing goes on', async () => {
    for (const inRun of [1, 4]) {
      const controller = new AbortController()
      let machine: Machine | undefined
      const words = (): Int32Array => machine?.words ?? new Int32Array()
      let toldAtOnce = false
      const options = {
        code,
        runs: 100_000,
        signal: controller.signal,
        progressIntervalMs: 1,
        onProgress: ({ run, ptesCleared }: LiveProgress) => {
          if (controller.signal.aborted || ptesCleared === 0 || run < inRun) return
          controller.abort()
          toldAtOnce = Atomics.load(words(), CONTROL + CTL_ABORT) === 1
        },
      }
      const report = await runLiveWith(separate(3, 20_000), options, {
        onUp: (_, made) => (machine = made),
      })
      expect(report.outcome.kind).toBe('interrupted')
      expect(toldAtOnce).toBe(true)
      checkNoThreadLeft()
      if (machine === undefined) throw new Error('no CPU came up')
      for (let cpu = 0; cpu < 3; cpu++) {
        expect(readLog(machine, cpu).at(-1)?.event).toMatch(/^(?:left|finished)$/)
        expect(cpuState(machine, cpu)).toBe(CPU_FINISHED)
      }
      const before = words().slice()
      await sleep(20)
      expect(words().every((word, i) => word === before[i])).toBe(true)
    }
  })
})

test('a time limit interrupts', async () => {
  const report = await runLive(separate(2, 5000), { runs: 1_000_000, timeoutMs: 1500 })
  expect(report.outcome.kind).toBe('interrupted')
  expect(report.warnings[0]).toBe('the time limit of 1500 ms was reached')
})

test('progress counts up to the end, and comes now and then only', async () => {
  const seen: LiveProgress[] = []
  await runLive(separate(2, 30_000), {
    runs: 6,
    warmup: 2,
    progressIntervalMs: 5,
    onProgress: (progress) => seen.push(progress),
  })
  expect(seen.length).toBeGreaterThan(0)
  const fractions = seen.map(({ fraction }) => fraction)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.at(-1)).toBeLessThanOrEqual(1)
  for (const { phase, run, runs, processes, processesDone } of seen) {
    expect(runs).toBe(phase === 'warmup' ? 2 : 6)
    expect(run).toBeLessThanOrEqual(runs)
    expect(processes).toBe(4)
    expect(processesDone).toBeLessThanOrEqual(4)
  }
})

test('what onProgress throws stops the run and is thrown', async () => {
  const onProgress = (): void => {
    throw new Error('no more')
  }
  const running = runLive(separate(2, 20_000), { runs: 1000, progressIntervalMs: 1, onProgress })
  await expect(running).rejects.toThrow('no more')
})

test('a process ends by itself after runs that were finished, interrupted or hung', () => {
  const script = fileURLToPath(new URL('./exits-by-itself.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@mmgather/source', script],
    { encoding: 'utf8', timeout: 100_000, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  expect(stderr).toBe('')
  expect(stdout).toBe('completed interrupted failed\n')
  expect(status).toBe(0)
})
