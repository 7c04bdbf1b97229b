import {
  CPU_HISTOGRAMS,
  cpuBlock,
  createMachine,
  CTL_GO,
  CONTROL,
  type Machine,
} from '@mmgather/core'
import { expect, test } from 'vitest'

import { CPU_AT_BARRIER, setCpuState } from '../src/cpu-state.ts'
import { StallDetector } from '../src/stall-detector.ts'
import { threadHabit } from '../src/thread-clock.ts'
import { forkShared } from './support.ts'

const STALL_MS = 1000
const STEP_MS = 100
const busy = (): boolean => false

/** A machine of two CPUs that has started, and a detector that cannot ask the system. */
function started(cpus = 2, cores = 2): { machine: Machine; detector: StallDetector } {
  const machine = createMachine(forkShared(cpus))
  machine.words[CONTROL + CTL_GO] = 1
  const limits = { stallMs: STALL_MS, intervalMs: STEP_MS, cores }
  const threads = Array.from({ length: cpus }, () => 0)
  return { machine, detector: new StallDetector(machine, threads, limits, 0) }
}

/** Looks every STEP_MS; `between` happens before each look. The CPU found, and when. */
function watch(detector: StallDetector, between: (ms: number) => void, idle = busy) {
  for (let ms = STEP_MS; ms <= 5 * STALL_MS; ms += STEP_MS) {
    between(ms)
    const cpu = detector.look(ms, idle)
    if (cpu !== undefined) return { cpu, ms }
  }
  return undefined
}

function touch(machine: Machine, cpu: number, word: number, value: number): void {
  machine.words[cpuBlock(machine, cpu) + word] = value
}

test('a CPU that changes nothing is found after the stall time', () => {
  const { machine, detector } = started()
  const found = watch(detector, (ms) => touch(machine, 0, CPU_HISTOGRAMS - 1, ms))
  expect(found).toEqual({ cpu: 1, ms: STALL_MS })
})

test('any of its words keeps a CPU alive, other words do not', () => {
  const { machine, detector } = started()
  const found = watch(detector, (ms) => {
    touch(machine, 0, 7, ms)
    touch(machine, 1, CPU_HISTOGRAMS, ms)
  })
  expect(found?.cpu).toBe(1)
})

test('a CPU without work, or at the start barrier, does not hang', () => {
  const { machine, detector } = started()
  expect(
    watch(
      detector,
      () => {},
      () => true,
    ),
  ).toBeUndefined()
  machine.words[CONTROL + CTL_GO] = 0
  setCpuState(machine, 0, CPU_AT_BARRIER)
  setCpuState(machine, 1, CPU_AT_BARRIER)
  const waiting = new StallDetector(
    machine,
    [0, 0],
    { stallMs: STALL_MS, intervalMs: STEP_MS, cores: 2 },
    0,
  )
  expect(watch(waiting, () => {})).toBeUndefined()
})

test('time in which nobody looked does not count', () => {
  const { detector } = started()
  expect(detector.look(STEP_MS, busy)).toBeUndefined()
  // the process was stopped for an hour
  expect(detector.look(3_600_000, busy)).toBeUndefined()
})

test('many threads on few cores get more time where the system tells nothing', () => {
  const { detector } = started(16, 1)
  expect(watch(detector, () => {})?.ms).toBe(4 * STALL_MS)
})

test('what a thread did between two readings', () => {
  const zero = { ranMs: 0, queuedMs: 0, slices: 0 }
  expect(threadHabit(zero, { ranMs: 900, queuedMs: 100, slices: 40 }, 1000, 500)).toBe('runs')
  // a thread with a quarter of a core may still be loading what it runs; in the end it is one that runs
  expect(threadHabit(zero, { ranMs: 250, queuedMs: 750, slices: 80 }, 1000, 500)).toBe('queues')
  expect(threadHabit(zero, { ranMs: 500, queuedMs: 1500, slices: 160 }, 2000, 500)).toBe('runs')
  expect(threadHabit(zero, { ranMs: 120, queuedMs: 60, slices: 4000 }, 1000, 500)).toBe('naps')
  expect(threadHabit(zero, { ranMs: 5, queuedMs: 990, slices: 3 }, 1000, 500)).toBe('queues')
  expect(threadHabit(zero, { ranMs: 0, queuedMs: 0, slices: 1 }, 1000, 500)).toBe('sleeps')
})
