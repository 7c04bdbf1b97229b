/** The compiled atomic operations against the ones that call Atomics. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { allocateSharedMemory } from '../../src/lib/shared-memory.ts'
import { bindMemory } from '../../src/machine/memory.ts'
import {
  atomicLoad,
  atomicStore,
  compareExchange,
  fetchAdd,
  fetchAnd,
  fetchOr,
  fetchSub,
} from '../../src/sync/atomic-ops.ts'
import { type AtomicOps, compileAtomicOps } from '../../src/sync/atomic-ops-wasm.ts'

const atomics: AtomicOps = {
  atomicLoad,
  atomicStore,
  compareExchange,
  fetchAdd,
  fetchAnd,
  fetchOr,
  fetchSub,
}

const OPS = ['fetchAdd', 'fetchSub', 'fetchAnd', 'fetchOr', 'atomicLoad', 'atomicStore'] as const

test('compiled operations do to a word and return what Atomics do', () => {
  const ours = allocateSharedMemory(65536)
  const theirs = new Int32Array(allocateSharedMemory(65536).buffer)
  const words = new Int32Array(ours.buffer)
  const compiled: AtomicOps = compileAtomicOps(ours)
  bindMemory(theirs)
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  const step = fc.record({
    op: fc.constantFrom(...OPS, 'compareExchange' as const),
    address: fc.integer({ min: 0, max: 16383 }),
    a: int32,
    b: int32,
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      words.fill(0)
      theirs.fill(0)
      for (const { op, address, a, b } of steps) {
        const expected =
          op === 'compareExchange'
            ? atomics.compareExchange(address, a % 4, b)
            : atomics[op](address, a)
        const got =
          op === 'compareExchange'
            ? compiled.compareExchange(address, a % 4, b)
            : compiled[op](address, a)
        expect([op, got]).toEqual([op, expected])
      }
      expect(words).toEqual(theirs)
    }),
    { numRuns: 200 },
  )
})
