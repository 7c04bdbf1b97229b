/** Primitives of the live engine that wait, and the one that loops. */
import { beforeEach, describe, expect, test } from 'vitest'

import { AbortError, bindLiveCpu } from '../../src/index.ts'
import { CONTROL, CPU_DELAYS, CTL_ABORT } from '../../src/machine/layout.ts'
import { bindMemory, mem } from '../../src/machine/memory.ts'
import { allocateSharedMemory } from '../../src/lib/shared-memory.ts'
import { atomicIncNotZero, delayNs } from '../../src/sync/live.ts'

const CPU = 1024

beforeEach(() => bindMemory(new Int32Array(allocateSharedMemory(65_536).buffer)))

test('atomic_inc_not_zero', () => {
  expect(atomicIncNotZero(500)).toBe(false)
  expect(mem[500]).toBe(0)
  mem[500] = -3
  expect(atomicIncNotZero(500)).toBe(true)
  expect(mem[500]).toBe(-2)
})

describe('delayNs', () => {
  test('returns at once where the clock stands still', () => {
    bindLiveCpu({ cpu: CPU })
    delayNs(1_000_000_000)
    expect(mem[CPU + CPU_DELAYS]).toBe(0)
  })

  test('waits until the time has passed, and shows that it is alive', () => {
    let now = 0
    bindLiveCpu({ cpu: CPU, clockNs: () => (now += 100) })
    delayNs(1000)
    expect(now).toBe(1100)
    expect(mem[CPU + CPU_DELAYS]).toBe(9)
  })

  test('leaves a run that is given up', () => {
    let now = 0
    bindLiveCpu({ cpu: CPU, clockNs: () => (now += 1) })
    mem[CONTROL + CTL_ABORT] = 1
    expect(() => delayNs(1e9)).toThrow(AbortError)
    expect(now).toBeLessThan(10)
  })
})
